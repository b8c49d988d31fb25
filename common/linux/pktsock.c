/*
 * pktsock.c - a socket of packet(7), opened; see pktsock.h.
 *
 * The order of opening matters. A socket made with protocol 0 receives nothing;
 * the filter is attached while it is deaf, and binding opens its ears. Bound
 * first, it would queue foreign frames until the filter came.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/pktsock.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

enum {
	SEND_WAIT_US = 100 * 1000,
};

_Static_assert(
    PKTSOCK_BY_PROGRAM == PACKET_FANOUT_CBPF << 16 &&
	PKTSOCK_BY_FLOW ==
	    (uint32_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG) << 16 &&
	PKTSOCK_FILTER == SO_ATTACH_FILTER &&
	PKTSOCK_SPREAD == PACKET_FANOUT_DATA,
    "how packet(7) and socket(7) have them");

#define NOT_OWN ((uint32_t)PACKET_FANOUT_FLAG_IGNORE_OUTGOING << 16)

static const struct timeval send_wait = {0, SEND_WAIT_US};

/* fail - in this step, by errno; pktsock_why() has the rest */
static int
fail(struct pktsock *cs, const char *step)
{
	cs->step = step;
	cs->why = errno;
	close(cs->fd);
	cs->fd = -1;
	return -1;
}

static int refuse(struct pktsock *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
refuse(struct pktsock *cs, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cs->error, sizeof(cs->error), fmt, ap);
	va_end(ap);
	cs->status = 2;
	if (cs->fd >= 0)
		close(cs->fd);
	cs->fd = -1;
	return -1;
}

static const char no_socket[] = "", join_group[] = "join the group",
		  kernel_refuses[] = "the kernel refuses the filter";

static struct sock_filter no_frame = BPF_STMT(BPF_RET | BPF_K, 0);
static struct sock_filter each_frame = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
/* bytes that may wait, see PKTSOCK_BURST */
static const int rcvbuf[] = {16 << 20, 2 << 20, 1 << 13, 1 << 13};

const struct sock_fprog pktsock_none = {1, &no_frame};
const struct sock_fprog pktsock_each = {1, &each_frame};

const char *
pktsock_why(struct pktsock *cs)
{
	if (cs->step == no_socket && (cs->why == EPERM || cs->why == EACCES))
		refuse(cs, "no privilege: a packet socket needs "
			   "CAP_NET_RAW: run as root, or setcap "
			   "cap_net_raw+ep");
	else if (cs->step == no_socket)
		refuse(cs, "%s", strerror(cs->why));
	else if (cs->step == join_group && cs->why == EINVAL)
		refuse(cs,
		    "%s: its other members were opened with other "
		    "options",
		    cs->step);
	else if (cs->step != NULL)
		refuse(cs, "%s: %s", cs->step, strerror(cs->why));
	return cs->error;
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int
pktsock_look(struct pktsock *cs, const char *ifname)
{
	struct ifreq ifr;

	memset(cs, 0, sizeof(*cs));
	memset(&ifr, 0, sizeof(ifr));
	cs->fd = -1;
	if (strlen(ifname) < IFNAMSIZ)
		cs->ifindex = (int)if_nametoindex(ifname);
	if (cs->ifindex == 0)
		return refuse(cs, "no such interface");
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	cs->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (cs->fd < 0 || ioctl(cs->fd, SIOCGIFHWADDR, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	/* the loopback interface carries Ethernet headers as well */
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
	    ifr.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return refuse(cs, "not an Ethernet interface (type %d)",
		    ifr.ifr_hwaddr.sa_family);
	memcpy(cs->mac, ifr.ifr_hwaddr.sa_data, sizeof(cs->mac));
	if (ioctl(cs->fd, SIOCGIFMTU, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	cs->mtu = (uint32_t)ifr.ifr_mtu;
	if (ioctl(cs->fd, SIOCGIFFLAGS, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	if (!(ifr.ifr_flags & IFF_UP))
		return refuse(cs,
		    "the interface is down: "
		    "ip link set %s up",
		    ifname);
	close(cs->fd);
	cs->fd = -1;
	return 0;
}

/* what a kernel cannot do of this is made up for elsewhere, or missed */
static void
set_options(struct pktsock *cs, int flags)
{
	int buf = rcvbuf[flags / PKTSOCK_BURST % 4];

	cs->vnet = set_int(cs->fd, SOL_PACKET, PACKET_VNET_HDR, 1) == 0;
	setsockopt(
	    cs->fd, SOL_SOCKET, SO_SNDTIMEO, &send_wait, sizeof(send_wait));
	cs->outgoing = (flags & PKTSOCK_OUTGOING) != 0;
	set_int(cs->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, !cs->outgoing);
	set_int(cs->fd, SOL_PACKET, PACKET_AUXDATA, 1);
	set_int(cs->fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (set_int(cs->fd, SOL_SOCKET, SO_RCVBUFFORCE, buf) < 0)
		set_int(cs->fd, SOL_SOCKET, SO_RCVBUF, buf);
}

int
pktsock_program(
    struct pktsock *cs, enum pktsock_program what, const struct sock_fprog *p)
{
	const int level = what == PKTSOCK_FILTER ? SOL_SOCKET : SOL_PACKET;

	return setsockopt(cs->fd, level, (int)what, p, sizeof(*p));
}

static int
bind_to(struct pktsock *cs, int flags)
{
	struct sockaddr_ll sll = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_ALL),
	    .sll_ifindex = cs->ifindex};
	struct packet_mreq mr = {
	    .mr_ifindex = cs->ifindex, .mr_type = PACKET_MR_PROMISC};

	if (bind(cs->fd, (struct sockaddr *)&sll, sizeof(sll)) < 0)
		return fail(cs, "bind");
	if ((flags & PKTSOCK_PROMISC) &&
	    setsockopt(
		cs->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof(mr)) < 0)
		return fail(cs, "promiscuous mode");
	return 0;
}

int
pktsock_open_send(struct pktsock *cs)
{
	struct sockaddr_ll sll = {
	    .sll_family = AF_PACKET, .sll_ifindex = cs->ifindex};

	cs->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (cs->fd < 0)
		return fail(cs, no_socket);
	cs->vnet = set_int(cs->fd, SOL_PACKET, PACKET_VNET_HDR, 1) == 0;
	setsockopt(
	    cs->fd, SOL_SOCKET, SO_SNDTIMEO, &send_wait, sizeof(send_wait));
	if (bind(cs->fd, (struct sockaddr *)&sll, sizeof(sll)) < 0)
		return fail(cs, "bind");
	return 0;
}

int
pktsock_open(struct pktsock *cs, int flags, const struct sock_fprog *filter)
{
	cs->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (cs->fd < 0)
		return fail(cs, no_socket);
	set_options(cs, flags);
	if (pktsock_program(cs, PKTSOCK_FILTER, filter) < 0)
		return fail(cs, kernel_refuses);
	return bind_to(cs, flags);
}

/* older kernels know the first word of a group only */
int
pktsock_join(struct pktsock *cs, uint32_t group, uint32_t most,
    const struct sock_fprog *filter)
{
	const uint32_t to[2] = {group | (cs->outgoing ? 0 : NOT_OWN), most};

	if (setsockopt(cs->fd, SOL_PACKET, PACKET_FANOUT, to,
		most != 0 ? sizeof(to) : sizeof(to[0])) < 0)
		return fail(cs, join_group);
	return pktsock_program(cs, PKTSOCK_FILTER, filter) < 0
		   ? fail(cs, kernel_refuses)
		   : 0;
}

SANDBOX_NEEDS_FOR(OVERHEAR, setsockopt);

void
pktsock_overhear(struct pktsock *cs, bool on)
{
	set_int(cs->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, !on);
}

SANDBOX_NEEDS_FOR(HEAR, getsockopt);

uint64_t
pktsock_dropped(struct pktsock *cs)
{
	struct tpacket_stats st = {0, 0};
	socklen_t n = sizeof(st);

	if (cs->fd >= 0) /* errno is another's */
		getsockopt(cs->fd, SOL_PACKET, PACKET_STATISTICS, &st, &n);
	return st.tp_drops;
}

SANDBOX_NEEDS_FOR(HEAR, getsockname);

/* a socket loses the index of an interface that is unregistered (packet(7)) */
bool
pktsock_gone(const struct pktsock *cs)
{
	struct sockaddr_ll sll = {.sll_ifindex = 0};
	socklen_t n = sizeof(sll);

	return getsockname(cs->fd, (struct sockaddr *)&sll, &n) == 0 &&
	       sll.sll_ifindex != cs->ifindex;
}
