/*
 * pktsock_plan.c - what is to be done with a socket of packet(7) when it is
 * opened: all of it is decided while there is none yet, and no right is in use.
 *
 * The order of opening matters. A socket made with protocol 0 receives nothing;
 * the filter is attached while it is deaf, and binding opens its ears. Bound
 * first, it would queue foreign frames until the filter came. A ring keeps the
 * form that frames have when it is made: the virtio header is asked for before.
 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "linux/pktsock.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

enum { SEND_WAIT_US = 100 * 1000, ALIGNED = 8 };

_Static_assert(
    PKTSOCK_BY_PROGRAM == PACKET_FANOUT_CBPF << 16 &&
	PKTSOCK_BY_FLOW ==
	    (uint32_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG) << 16 &&
	PKTSOCK_FILTER == SO_ATTACH_FILTER &&
	PKTSOCK_SPREAD == PACKET_FANOUT_DATA,
    "how packet(7) and socket(7) have them");

#define NOT_OWN ((uint32_t)PACKET_FANOUT_FLAG_IGNORE_OUTGOING << 16)

const char pktsock_joins[] = "join the group";

static struct sock_filter no_frame = BPF_STMT(BPF_RET | BPF_K, 0);
static struct sock_filter each_frame = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
/* bytes that may wait, see PKTSOCK_BURST */
static const int rcvbuf[] = {16 << 20, 2 << 20, 1 << 13, 1 << 13};

const struct sock_fprog pktsock_none = {1, &no_frame};
const struct sock_fprog pktsock_each = {1, &each_frame};

/* step - the next one, with a value of len bytes; returned for more of it. All
   that pktsock.h names have room. */
static struct pktsock_step *
step(struct pktsock_plan *p, int level, int what, const void *value, size_t len)
{
	struct pktsock_step *s = &p->step[p->n];

	s->level = level;
	s->what = what;
	s->at = p->n++ * PKTSOCK_VALUE;
	s->len = (unsigned)len;
	memcpy(p->values + s->at, value, len);
	return s;
}

static struct pktsock_step *
step_int(struct pktsock_plan *p, int level, int what, int value)
{
	return step(p, level, what, &value, sizeof(value));
}

static void
step_filter(struct pktsock_plan *p, const struct sock_fprog *filter)
{
	step(p, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter))->must =
	    "the kernel refuses the filter";
}

static void
step_bind(struct pktsock_plan *p, int ifindex, uint16_t protocol)
{
	const struct sockaddr_ll sll = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(protocol),
	    .sll_ifindex = ifindex};

	step(p, 0, PKTSOCK_BINDS, &sll, sizeof(sll))->must = "bind";
}

/* steps_both - those of a socket that sends */
static void
steps_both(struct pktsock_plan *p)
{
	const struct timeval wait = {0, SEND_WAIT_US};

	memset(p, 0, sizeof(*p));
	step_int(p, SOL_PACKET, PACKET_VNET_HDR, 1)->can = PKTSOCK_VNET;
	step(p, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
}

/* steps_ring - version 2 has the same form on every machine, and shows each
   frame at once. What is too long for a slot is also queued. */
static void
steps_ring(struct pktsock_plan *p, unsigned bytes)
{
	const unsigned page = (unsigned)sysconf(_SC_PAGESIZE),
		       blocks = (bytes + page - 1) / page;
	const struct tpacket_req ring = {.tp_block_size = page,
	    .tp_block_nr = blocks,
	    .tp_frame_size = PKTSOCK_SLOT,
	    .tp_frame_nr = blocks * page / PKTSOCK_SLOT};

	p->ring = blocks * page;
	p->step[0].must = "virtio headers";
	step_int(p, SOL_PACKET, PACKET_VERSION, TPACKET_V2)->must = "a ring";
	step_int(p, SOL_PACKET, PACKET_COPY_THRESH, 1);
	step(p, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring))->can =
	    PKTSOCK_RINGED;
}

void
pktsock_plan(struct pktsock_plan *p, const struct pktsock *cs, int flags,
    const struct sock_fprog *filter)
{
	const struct packet_mreq all = {
	    .mr_ifindex = cs->ifindex, .mr_type = PACKET_MR_PROMISC};
	const int buf = rcvbuf[flags / PKTSOCK_BURST % 4];

	steps_both(p);
	p->outgoing = (flags & PKTSOCK_OUTGOING) != 0;
	step_int(p, SOL_PACKET, PACKET_IGNORE_OUTGOING, !p->outgoing);
	step_int(p, SOL_PACKET, PACKET_AUXDATA, 1);
	step_int(p, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	step_int(p, SOL_SOCKET, SO_RCVBUF, buf);
	step_int(p, SOL_SOCKET, SO_RCVBUFFORCE, buf);
	if (flags & PKTSOCK_RINGS)
		steps_ring(p, flags & PKTSOCK_SHALLOW ? PKTSOCK_RING
						      : PKTSOCK_BURST_RING);
	step_filter(p, filter);
	step_bind(p, cs->ifindex, ETH_P_ALL);
	if (flags & PKTSOCK_PROMISC)
		step(p, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof(all))
		    ->must = "promiscuous mode";
}

/* older kernels know the first word of a group only */
void
pktsock_plan_join(struct pktsock_plan *p, uint32_t group, uint32_t most,
    const struct sock_fprog *filter)
{
	const uint32_t to[2] = {group | (p->outgoing ? 0 : NOT_OWN), most};

	step(p, SOL_PACKET, PACKET_FANOUT, to,
	    most != 0 ? sizeof(to) : sizeof(to[0]))
	    ->must = pktsock_joins;
	step_filter(p, filter);
}

void
pktsock_plan_send(struct pktsock_plan *p, const struct pktsock *cs)
{
	steps_both(p);
	step_bind(p, cs->ifindex, 0);
}
