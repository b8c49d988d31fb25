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
	CSUM_AT_TCP = 16,
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

/* take_ancillary - the tag and the time that come with a message */
static void
take_ancillary(struct msghdr *m, struct tpacket_auxdata *aux, uint64_t *ts)
{
	struct timespec t = {0, 0};
	struct cmsghdr *c;

	memset(aux, 0, sizeof(*aux)); /* there may be none */
	/* of each level there is one kind: what set_options() asks for */
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_len >= CMSG_LEN(sizeof(*aux)))
			memcpy(aux, CMSG_DATA(c), sizeof(*aux));
		else if (c->cmsg_len >= CMSG_LEN(sizeof(t)))
			memcpy(&t, CMSG_DATA(c), sizeof(t));
	}
	if (t.tv_sec == 0)
		clock_gettime(CLOCK_REALTIME, &t);
	*ts = (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
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

/* what comes with a frame */
struct envelope {
	_Alignas(struct cmsghdr) uint8_t control[128];
	struct virtio_net_hdr vh;
	struct sockaddr_ll sll;
	struct iovec iov[2];
};

/* address - m is to be received into e and a frame's buffer */
static void
address(struct msghdr *m, struct envelope *e, uint8_t *buf)
{
	e->iov[0] = (struct iovec){&e->vh, sizeof(e->vh)};
	e->iov[1] = (struct iovec){buf, PKTSOCK_MAXFRAME - VLAN_HLEN};
	*m = (struct msghdr){.msg_name = &e->sll,
	    .msg_namelen = sizeof(e->sll),
	    .msg_iov = e->iov,
	    .msg_iovlen = 2,
	    .msg_control = e->control,
	    .msg_controllen = sizeof(e->control)};
}

/* unfold - a message of n bytes to the frame as it was on the wire, which is in
   its buffer; of no length: it is to be skipped */
static void
unfold(struct pktsock *cs, struct msghdr *m, const struct envelope *e, size_t n,
    struct pktsock_frame *f)
{
	struct tpacket_auxdata aux;

	f->len = 0;
	n -= e->iov[0].iov_len;
	if (n < ETH_HLEN || n > e->iov[1].iov_len)
		return;
	cs->sent = e->sll.sll_pkttype == PACKET_OUTGOING;
	if (cs->sent && !cs->outgoing)
		return;
	take_ancillary(m, &aux, &f->ts);
	f->wire_len = (uint32_t)n;
	if (aux.tp_len > n)
		f->wire_len = aux.tp_len;
	else if (cs->unsummed && e->vh.csum_offset == CSUM_AT_TCP &&
		 (e->vh.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		f->wire_len |= PKTSOCK_UNSUMMED;
	else
		fill_checksum(&e->vh, f->buf, n);
	f->len = put_tag(&aux, f->buf, n);
	f->wire_len += (uint32_t)(f->len - n);
}

SANDBOX_NEEDS_FOR(HEAR, recvmsg);
SANDBOX_NEEDS_FOR(HEAR, clock_gettime);

ssize_t
pktsock_recv(
    struct pktsock *cs, uint8_t *buf, size_t cap, uint64_t *ts, bool wait)
{
	struct pktsock_frame f = {.buf = buf};
	struct envelope e;
	struct msghdr m;
	ssize_t n;

	address(&m, &e, buf);
	e.iov[1].iov_len = cap - VLAN_HLEN;
	e.iov[0].iov_len = cs->vnet ? sizeof(e.vh) : 0;
	memset(&e.vh, 0, sizeof(e.vh));
	n = recvmsg(cs->fd, &m, MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	/* EINVAL: a kind of segmentation that has no name in virtio */
	if (n < 0)
		return errno == EINVAL ? 0 : -1;
	unfold(cs, &m, &e, (size_t)n, &f);
	cs->gso = e.vh.gso_type != 0 ? e.vh.gso_size : 0;
	cs->wire_len = f.wire_len;
	*ts = f.ts;
	return (ssize_t)f.len;
}

SANDBOX_NEEDS_FOR(HEAR_MANY, recvmmsg);

/* those of pktsock_recv_many(), which has one caller in a program */
static struct envelope envelope[PKTSOCK_MANY];
static struct mmsghdr message[PKTSOCK_MANY];

void
pktsock_prepare(const struct pktsock_frame *f)
{
	int i;

	for (i = 0; i < PKTSOCK_MANY; i++)
		address(&message[i].msg_hdr, &envelope[i], f[i].buf);
}

int
pktsock_recv_many(struct pktsock *cs, struct pktsock_frame *f, unsigned n)
{
	unsigned i;
	int got;

	envelope[0].iov[1].iov_base = f[0].buf;
	for (i = 0; i < n; i++) {
		envelope[i].iov[0].iov_len = cs->vnet ? PKTSOCK_VNET_HLEN : 0;
		message[i].msg_hdr.msg_controllen = sizeof(envelope->control);
	}
	got = recvmmsg(cs->fd, message, n, MSG_TRUNC | MSG_DONTWAIT, NULL);
	/* EINVAL: as above; it is reported again when others came before it */
	if (got < 0)
		return errno == EINVAL ? 0 : -1;
	for (i = 0; i < (unsigned)got; i++)
		unfold(cs, &message[i].msg_hdr, &envelope[i],
		    message[i].msg_len, &f[i]);
	return got;
}
