/*
 * capsock.c - frames of one interface through packet(7).
 *
 * The order of opening matters. A socket made with protocol 0 hears nothing;
 * the filter is attached while it is deaf, and binding opens its ears. Bound
 * first, it would queue foreign frames until the filter came.
 *
 * With PACKET_VNET_HDR each frame comes behind a virtio header that tells
 * what an offload has left undone. The kernel also takes the outer VLAN tag
 * (IEEE 802.1Q) out of the frame; the auxiliary data tell it.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "capsock.h"
#include "cksum.h"
#include "clock.h"
#include "sandbox.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

enum {
	RCVBUF = 16 * 1024 * 1024,
	SEND_WAIT_US = 100 * 1000,
	CSUM_AT_SCTP = 8, /* a CRC-32c stands there, no Internet checksum */
	VLAN_HLEN = 4,
	MACS_LEN = 12,
};

_Static_assert(sizeof(struct virtio_net_hdr) == CAPSOCK_VNET_HLEN,
    "the virtio header has ten bytes");

static int fail(struct capsock *, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct capsock *cs, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cs->error, sizeof(cs->error), fmt, ap);
	va_end(ap);
	cs->status = status;
	if (cs->fd >= 0)
		close(cs->fd);
	cs->fd = -1;
	return -1;
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

int
capsock_look(struct capsock *cs, const char *ifname)
{
	struct ifreq ifr;

	memset(cs, 0, sizeof(*cs));
	memset(&ifr, 0, sizeof(ifr));
	cs->fd = -1;
	if (strlen(ifname) < IFNAMSIZ)
		cs->ifindex = (int)if_nametoindex(ifname);
	if (cs->ifindex == 0)
		return fail(cs, 2, "no such interface");
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	cs->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (cs->fd < 0 || ioctl(cs->fd, SIOCGIFHWADDR, &ifr) < 0)
		return fail(cs, 2, "%s", strerror(errno));
	/* the loopback interface carries Ethernet headers as well */
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
	    ifr.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return fail(cs, 2, "not an Ethernet interface (type %d)",
		    ifr.ifr_hwaddr.sa_family);
	memcpy(cs->mac, ifr.ifr_hwaddr.sa_data, sizeof(cs->mac));
	if (ioctl(cs->fd, SIOCGIFMTU, &ifr) < 0)
		return fail(cs, 2, "%s", strerror(errno));
	cs->mtu = (uint32_t)ifr.ifr_mtu;
	if (ioctl(cs->fd, SIOCGIFFLAGS, &ifr) < 0)
		return fail(cs, 2, "%s", strerror(errno));
	if (!(ifr.ifr_flags & IFF_UP))
		return fail(cs, 2,
		    "the interface is down: "
		    "ip link set %s up",
		    ifname);
	close(cs->fd);
	cs->fd = -1;
	return 0;
}

/* what a kernel cannot do of this is made up for elsewhere, or missed */
static void
set_options(struct capsock *cs, int flags)
{
	struct timeval wait = {0, SEND_WAIT_US};

	cs->vnet = set_int(cs->fd, SOL_PACKET, PACKET_VNET_HDR, 1) == 0;
	setsockopt(cs->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (!(flags & CAPSOCK_RECV))
		return;
	cs->outgoing = (flags & CAPSOCK_OUTGOING) != 0;
	if (!cs->outgoing)
		set_int(cs->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	set_int(cs->fd, SOL_PACKET, PACKET_AUXDATA, 1);
	set_int(cs->fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
	if (set_int(cs->fd, SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF) < 0)
		set_int(cs->fd, SOL_SOCKET, SO_RCVBUF, RCVBUF);
}

static int
attach(struct capsock *cs, const struct sock_fprog *filter)
{
	if (setsockopt(cs->fd, SOL_SOCKET, SO_ATTACH_FILTER, filter,
		sizeof(*filter)) < 0)
		return fail(cs, 2, "the kernel refuses the filter: %s",
		    strerror(errno));
	return 0;
}

static int
bind_to(struct capsock *cs, int flags)
{
	struct sockaddr_ll sll;
	struct packet_mreq mr;

	memset(&sll, 0, sizeof(sll));
	sll.sll_family = AF_PACKET;
	sll.sll_ifindex = cs->ifindex;
	if (flags & CAPSOCK_RECV)
		put_be16((uint8_t *)&sll.sll_protocol, ETH_P_ALL);
	if (bind(cs->fd, (struct sockaddr *)&sll, sizeof(sll)) < 0)
		return fail(cs, 2, "bind: %s", strerror(errno));
	if (!(flags & CAPSOCK_PROMISC))
		return 0;
	memset(&mr, 0, sizeof(mr));
	mr.mr_ifindex = cs->ifindex;
	mr.mr_type = PACKET_MR_PROMISC;
	if (setsockopt(
		cs->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mr, sizeof(mr)) < 0)
		return fail(cs, 2, "promiscuous mode: %s", strerror(errno));
	return 0;
}

int
capsock_open(struct capsock *cs, int flags, const struct sock_fprog *filter)
{
	cs->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (cs->fd < 0 && (errno == EPERM || errno == EACCES))
		return fail(cs, 2,
		    "no privilege: a packet socket needs "
		    "CAP_NET_RAW: run as root, or setcap cap_net_raw+ep");
	if (cs->fd < 0)
		return fail(cs, 2, "%s", strerror(errno));
	set_options(cs, flags);
	if (filter != NULL && attach(cs, filter) < 0)
		return -1;
	return bind_to(cs, flags);
}

/* deaf until the group is joined: what came before belongs to no flow */
int
capsock_open_group(struct capsock *cs, int flags,
    const struct sock_fprog *filter, uint16_t group)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	struct sock_fprog drop = {1, &none}, pass = {1, &all};
	unsigned how = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG;
	char byte;

	if (!(flags & CAPSOCK_OUTGOING))
		how |= PACKET_FANOUT_FLAG_IGNORE_OUTGOING;
	if (capsock_open(cs, flags, &drop) < 0)
		return -1;
	if (set_int(cs->fd, SOL_PACKET, PACKET_FANOUT,
		(int)(how << 16 | group)) < 0)
		return fail(cs, 2, "join group %u: %s", group,
		    errno == EINVAL ? "its other members were opened with "
				      "other options"
				    : strerror(errno));
	while (recv(cs->fd, &byte, 1, MSG_DONTWAIT) >= 0)
		continue;
	return attach(cs, filter != NULL ? filter : &pass);
}

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
	put_be16(frame + at, sum != 0 ? sum : 0xffff);
}

struct ancillary {
	struct tpacket_auxdata aux;
	bool have_aux;
	uint64_t ts;
};

static void
take_ancillary(struct msghdr *m, struct ancillary *a)
{
	struct timespec t = {0, 0};
	struct cmsghdr *c;

	a->have_aux = false;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_PACKET &&
		    c->cmsg_type == PACKET_AUXDATA &&
		    c->cmsg_len >= CMSG_LEN(sizeof(a->aux))) {
			memcpy(&a->aux, CMSG_DATA(c), sizeof(a->aux));
			a->have_aux = true;
		} else if (c->cmsg_level == SOL_SOCKET &&
			   c->cmsg_type == SCM_TIMESTAMPNS &&
			   c->cmsg_len >= CMSG_LEN(sizeof(t))) {
			memcpy(&t, CMSG_DATA(c), sizeof(t));
		}
	}
	if (t.tv_sec == 0)
		clock_gettime(CLOCK_REALTIME, &t);
	a->ts = (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* put the tag back between the addresses and the type (IEEE 802.1Q 9.5) */
static size_t
put_tag(const struct tpacket_auxdata *aux, uint8_t *frame, size_t len)
{
	uint16_t tpid = ETH_P_8021Q;

	if (!(aux->tp_status & TP_STATUS_VLAN_VALID))
		return len;
	if (aux->tp_status & TP_STATUS_VLAN_TPID_VALID)
		tpid = aux->tp_vlan_tpid;
	memmove(frame + MACS_LEN + VLAN_HLEN, frame + MACS_LEN, len - MACS_LEN);
	put_be16(frame + MACS_LEN, tpid);
	put_be16(frame + MACS_LEN + 2, aux->tp_vlan_tci);
	return len + VLAN_HLEN;
}

/* the frame as it was on the wire; len bytes of it are there */
static ssize_t
finish_frame(struct capsock *cs, const struct virtio_net_hdr *vh,
    const struct ancillary *a, uint8_t *frame, size_t len)
{
	size_t n;

	cs->wire_len = (uint32_t)len;
	if (a->have_aux && a->aux.tp_len > len)
		cs->wire_len = a->aux.tp_len;
	else if (cs->vnet)
		fill_checksum(vh, frame, len);
	if (!a->have_aux)
		return (ssize_t)len;
	n = put_tag(&a->aux, frame, len);
	cs->wire_len += (uint32_t)(n - len);
	return (ssize_t)n;
}

SANDBOX_NEEDS_FOR(HEAR, recvmsg);
SANDBOX_NEEDS_FOR(HEAR, clock_gettime);

ssize_t
capsock_recv(
    struct capsock *cs, uint8_t *buf, size_t cap, uint64_t *ts, bool wait)
{
	_Alignas(struct cmsghdr) uint8_t control[256];
	struct virtio_net_hdr vh = {0};
	struct sockaddr_ll sll;
	struct iovec iov[2] = {{&vh, sizeof(vh)}, {buf, cap - VLAN_HLEN}};
	struct msghdr m = {.msg_name = &sll,
	    .msg_namelen = sizeof(sll),
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	struct ancillary a;
	ssize_t n;

	m.msg_iov = cs->vnet ? iov : iov + 1;
	m.msg_iovlen = cs->vnet ? 2 : 1;
	n = recvmsg(cs->fd, &m, MSG_TRUNC | (wait ? 0 : MSG_DONTWAIT));
	/* EINVAL: a kind of segmentation that has no name in virtio */
	if (n < 0)
		return errno == EINVAL ? 0 : -1;
	if (cs->vnet)
		n -= (ssize_t)sizeof(vh);
	if (n < ETH_HLEN || (size_t)n > cap - VLAN_HLEN)
		return 0;
	cs->sent = sll.sll_pkttype == PACKET_OUTGOING;
	if (cs->sent && !cs->outgoing)
		return 0;
	take_ancillary(&m, &a);
	*ts = a.ts;
	return finish_frame(cs, &vh, &a, buf, (size_t)n);
}

SANDBOX_NEEDS_FOR(HEAR, getsockopt);

void
capsock_stats(struct capsock *cs, uint64_t *seen, uint64_t *dropped)
{
	struct tpacket_stats st = {0, 0};
	socklen_t n = sizeof(st);

	*seen = *dropped = 0;
	if (getsockopt(cs->fd, SOL_PACKET, PACKET_STATISTICS, &st, &n) < 0)
		return;
	*seen = st.tp_packets;
	*dropped = st.tp_drops;
}
