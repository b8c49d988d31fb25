/*
 * pktsock_recv.c - frames of one interface through packet(7), in.
 *
 * With PACKET_VNET_HDR each frame comes behind a virtio header that shows what
 * an offload has left undone. The kernel also takes the outer VLAN tag (IEEE
 * 802.1Q) out of the frame; it is in the auxiliary data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/cksum.h"
#include "base/clock.h"
#include "base/syscalls.h"
#include "linux/pktsock.h"

enum {
	CSUM_AT_SCTP = 8, /* a CRC-32c stands there, no Internet checksum */
	VLAN_HLEN = 4,
	MACS_LEN = 12,
};

_Static_assert(sizeof(struct virtio_net_hdr) == PKTSOCK_VNET_HLEN,
    "the virtio header has ten bytes");

/*
 * The field holds the sum of the pseudo-header, so the sum from csum_start
 * is the whole one. All offsets come from the kernel but depend on the
 * packet.
 */
static void
fill_checksum(const struct virtio_net_hdr *vh, uint8_t *frame, size_t len)
{
	size_t start = vh->csum_start, at = start + vh->csum_offset;
	uint16_t sum;

	if (!(vh->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) ||
	    vh->csum_offset == CSUM_AT_SCTP || at + 2 > len)
		return;
	sum = cksum_fold(cksum_add(0, frame + start, len - start));
	/* in UDP zero means "no checksum" (RFC 768) */
	sum = htons(sum != 0 ? sum : 0xffff);
	memcpy(frame + at, &sum, sizeof(sum));
}

void
pktsock_fill(const uint8_t hdr[PKTSOCK_VNET_HLEN], uint8_t *frame, size_t len)
{
	struct virtio_net_hdr vh;

	memcpy(&vh, hdr, sizeof(vh));
	fill_checksum(&vh, frame, len);
}

struct ancillary {
	struct tpacket_auxdata aux; /* zeros: there was none */
	uint64_t ts;
};

static void
take_ancillary(struct msghdr *m, struct ancillary *a)
{
	struct timespec t = {0, 0};
	struct cmsghdr *c;

	memset(&a->aux, 0, sizeof(a->aux));
	/* of each level there is one kind: what set_options() asks for */
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_len >= CMSG_LEN(sizeof(a->aux)))
			memcpy(&a->aux, CMSG_DATA(c), sizeof(a->aux));
		else if (c->cmsg_len >= CMSG_LEN(sizeof(t)))
			memcpy(&t, CMSG_DATA(c), sizeof(t));
	}
	if (t.tv_sec == 0)
		clock_gettime(CLOCK_REALTIME, &t);
	a->ts = (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* put the tag back between the addresses and the type (IEEE 802.1Q 9.5) */
static size_t
put_tag(const struct tpacket_auxdata *aux, uint8_t *frame, size_t len)
{
	uint16_t tag[2] = {htons(ETH_P_8021Q), htons(aux->tp_vlan_tci)};

	if (!(aux->tp_status & TP_STATUS_VLAN_VALID))
		return len;
	if (aux->tp_status & TP_STATUS_VLAN_TPID_VALID)
		tag[0] = htons(aux->tp_vlan_tpid);
	memmove(frame + MACS_LEN + VLAN_HLEN, frame + MACS_LEN, len - MACS_LEN);
	memcpy(frame + MACS_LEN, tag, sizeof(tag));
	return len + VLAN_HLEN;
}

/* the frame as it was on the wire; len bytes of it are there */
static ssize_t
finish_frame(struct pktsock *cs, const struct virtio_net_hdr *vh,
    const struct ancillary *a, uint8_t *frame, size_t len)
{
	size_t n;

	cs->wire_len = (uint32_t)len;
	if (a->aux.tp_len > len)
		cs->wire_len = a->aux.tp_len;
	else if (cs->vnet)
		fill_checksum(vh, frame, len);
	n = put_tag(&a->aux, frame, len);
	cs->wire_len += (uint32_t)(n - len);
	return (ssize_t)n;
}

/* what comes with a frame */
struct envelope {
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct virtio_net_hdr vh;
	struct sockaddr_ll sll;
	struct iovec iov[2];
};

/* address - m is to be received into e, and into cap bytes at buf */
static void
address(const struct pktsock *cs, struct msghdr *m, struct envelope *e,
    uint8_t *buf, size_t cap)
{
	memset(&e->vh, 0, sizeof(e->vh));
	e->iov[0] = (struct iovec){&e->vh, sizeof(e->vh)};
	e->iov[1] = (struct iovec){buf, cap - VLAN_HLEN};
	*m = (struct msghdr){.msg_name = &e->sll,
	    .msg_namelen = sizeof(e->sll),
	    .msg_iov = cs->vnet ? e->iov : e->iov + 1,
	    .msg_iovlen = cs->vnet ? 2 : 1,
	    .msg_control = e->control,
	    .msg_controllen = sizeof(e->control)};
}

/* unfold - the frame of a message of n bytes; 0: it is to be skipped */
static ssize_t
unfold(struct pktsock *cs, struct msghdr *m, const struct envelope *e, size_t n,
    uint64_t *ts)
{
	struct ancillary a;

	if (cs->vnet)
		n -= sizeof(e->vh);
	if (n < ETH_HLEN || n > e->iov[1].iov_len)
		return 0;
	cs->gso = e->vh.gso_type != 0 ? e->vh.gso_size : 0;
	cs->sent = e->sll.sll_pkttype == PACKET_OUTGOING;
	if (cs->sent && !cs->outgoing)
		return 0;
	take_ancillary(m, &a);
	*ts = a.ts;
	return finish_frame(cs, &e->vh, &a, e->iov[1].iov_base, n);
}

SANDBOX_NEEDS_FOR(HEAR, recvmsg);
SANDBOX_NEEDS_FOR(HEAR, clock_gettime);

ssize_t
pktsock_recv(
    struct pktsock *cs, uint8_t *buf, size_t cap, uint64_t *ts, bool wait)
{
	struct envelope e;
	struct msghdr m;
	ssize_t n;

	address(cs, &m, &e, buf, cap);
	n = recvmsg(cs->fd, &m, MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	/* EINVAL: a kind of segmentation that has no name in virtio */
	if (n < 0)
		return errno == EINVAL ? 0 : -1;
	return unfold(cs, &m, &e, (size_t)n, ts);
}

SANDBOX_NEEDS_FOR(HEAR_MANY, recvmmsg);

int
pktsock_recv_many(struct pktsock *cs, struct pktsock_frame *f, unsigned n)
{
	struct envelope e[PKTSOCK_MANY];
	struct mmsghdr m[PKTSOCK_MANY];
	unsigned i;
	int got;

	for (i = 0; i < n; i++)
		address(cs, &m[i].msg_hdr, &e[i], f[i].buf, PKTSOCK_MAXFRAME);
	got = recvmmsg(cs->fd, m, n, MSG_TRUNC | MSG_DONTWAIT, NULL);
	/* EINVAL: as above; it is reported again when others came before it */
	if (got < 0)
		return errno == EINVAL ? 0 : -1;
	for (i = 0; i < n && i < (unsigned)got; i++) {
		f[i].len = (size_t)unfold(
		    cs, &m[i].msg_hdr, &e[i], m[i].msg_len, &f[i].ts);
		f[i].wire_len = cs->wire_len;
	}
	return got;
}
