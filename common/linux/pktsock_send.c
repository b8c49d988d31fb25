/*
 * pktsock_send.c - frames to one interface through packet(7). With
 * PACKET_VNET_HDR a header before each asks the kernel for what is to be done:
 * cut it into segments, fill in checksums.
 */
#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "linux/pktsock.h"

enum { SEND_TRIES = 5 };

SANDBOX_NEEDS_FOR(SEND, sendmsg);
SANDBOX_NEEDS_FOR(SEND, nanosleep);
SANDBOX_NEEDS_FOR(SEND, clock_nanosleep);

int
pktsock_send(struct pktsock *cs, const uint8_t *frame, size_t len)
{
	static const struct timespec ms = {0, NS_PER_MS};
	struct virtio_net_hdr vh;
	struct iovec iov[2] = {{&vh, sizeof(vh)}, {NULL, len}};
	struct msghdr m = {.msg_iovlen = 2};
	int tries;

	memset(&vh, 0, sizeof(vh));
	/* iovec has no const; sendmsg() does not write */
	memcpy(&iov[1].iov_base, &frame, sizeof(frame));
	m.msg_iov = iov;
	if (!cs->vnet) {
		m.msg_iov++;
		m.msg_iovlen--;
	}
	for (tries = 0; tries < SEND_TRIES; tries++) {
		if (sendmsg(cs->fd, &m, 0) >= 0)
			return 0;
		if (errno == ENOBUFS)
			nanosleep(&ms, NULL);
		else if (errno != EINTR && errno != EAGAIN)
			return -1;
	}
	return -1;
}

void
pktsock_vnet(uint8_t hdr[PKTSOCK_VNET_HLEN], const struct pktsock_gso *gso)
{
	struct virtio_net_hdr vh;

	memset(&vh, 0, sizeof(vh));
	if (gso != NULL) {
		vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vh.gso_type = gso->v6 ? VIRTIO_NET_HDR_GSO_TCPV6
				      : VIRTIO_NET_HDR_GSO_TCPV4;
		if (gso->cwr)
			vh.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
		vh.hdr_len = gso->hlen;
		vh.gso_size = gso->size;
		vh.csum_start = gso->tcp;
		vh.csum_offset = 16;
	}
	memcpy(hdr, &vh, sizeof(vh));
}

SANDBOX_NEEDS_FOR(SEND_MANY, sendmmsg);
SANDBOX_NEEDS_FOR(SEND_MANY, sendmsg); /* that is musl's sendmmsg() */

int
pktsock_send_many(struct pktsock *cs, struct mmsghdr *m, unsigned n)
{
	int r;

	do
		r = sendmmsg(cs->fd, m, n, 0);
	while (r < 0 && errno == EINTR);
	return r;
}
