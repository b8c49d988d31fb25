/*
 * tap.c - see tap.h. Checksums are left to the kernel where they were verified
 * here, as it leaves them to us.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "linux/pktsock.h"
#include "wire/ether.h"
#include "wire/gso_run.h"

#include "tap.h"

enum {
	ETHERNET = 1500,		 /* the MTU, where none is known */
	HEADS = ETHER_MAXHLEN + 60 + 60, /* the longest of a segment */
};

struct tap {
	uint32_t mtu;
	struct gso_run run; /* on its way */
	unsigned n;
	struct iovec piece[1 + GSO_RUN_MAX]; /* headers, payloads */
	uint8_t head[PKTSOCK_VNET_HLEN + HEADS];
};

SANDBOX_NEEDS(writev);

/* sent - n pieces, of this many frames; what the TAP has no room for is lost */
static void
sent(struct link *l, const struct iovec *v, unsigned n, unsigned frames)
{
	if (writev(l->out, v, (int)n) > 0)
		l->to.count += frames;
	else
		l->dropped += frames;
}

static void
put_plain(struct link *l, uint8_t *frame, size_t n)
{
	uint8_t none[PKTSOCK_VNET_HLEN] = {0};
	const struct iovec v[2] = {{none, sizeof(none)}, {frame, n}};

	sent(l, v, 2, 1);
}

static struct iovec
headers(struct tap *t, const struct segment *s, uint32_t n, uint8_t flags,
    uint32_t size)
{
	pktsock_super(t->head, s, n, flags, (uint16_t)size);
	return (struct iovec){t->head, PKTSOCK_VNET_HLEN + (size_t)s->hlen};
}

static struct iovec
payload(const struct segment *s)
{
	return (struct iovec){s->frame + s->hlen, s->payload};
}

void
tap_done(struct link *l)
{
	struct tap *t = l->tap;
	const struct segment *s = &t->run.first;

	if (t->run.count == 1) {
		put_plain(l, s->frame, s->len);
	} else if (t->run.count > 1) {
		t->piece[0] = headers(
		    t, s, t->run.payload, t->run.flags, s->payload);
		sent(l, t->piece, t->n, t->run.count);
	}
	t->run.count = 0;
}

/* put_large - the kernel shall cut it; where that has no sense it is bad */
static void
put_large(struct link *l, const struct segment *s)
{
	const uint8_t never = TCP_SYN | TCP_RST | TCP_URG;
	uint32_t heads = s->hlen - s->l3;
	struct iovec v[2];

	if (heads >= l->tap->mtu || (s->flags & never) != 0 ||
	    !segment_verify(s)) {
		l->bad++;
		return;
	}
	v[0] = headers(l->tap, s, s->payload, s->flags, l->tap->mtu - heads);
	v[1] = payload(s);
	sent(l, v, 2, 1);
}

void
tap_put(struct link *l, uint8_t *frame, size_t n)
{
	struct tap *t = l->tap;
	struct segment s;

	if (segment_decode(frame, n, &s) == 0) {
		if (gso_run_fits(&t->run, &s)) {
			t->piece[t->n++] = payload(&s);
			gso_run_more(&t->run, &s);
			return;
		}
		tap_done(l);
		if (n - s.l3 > t->mtu) {
			put_large(l, &s);
		} else if (gso_run_may(&s)) {
			gso_run_begin(&t->run, &s);
			t->piece[1] = payload(&s);
			t->n = 2;
		} else {
			put_plain(l, frame, n);
		}
		return;
	}
	tap_done(l);
	put_plain(l, frame, n);
}

/* ---- */

/* mtu_of - that of the interface */
static uint32_t
mtu_of(struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t mtu = ETHERNET;

	if (fd >= 0 && ioctl(fd, SIOCGIFMTU, r) == 0 && r->ifr_mtu > 0)
		mtu = (uint32_t)r->ifr_mtu;
	if (fd >= 0)
		close(fd);
	return mtu;
}

/* has_headers - the kernel hands over super-frames, and checksums that are
   still to be filled in, and takes them */
static bool
has_headers(int fd)
{
	unsigned features = 0;

	return ioctl(fd, TUNGETFEATURES, &features) == 0 &&
	       (features & IFF_VNET_HDR);
}

static void
attach(struct link *l, struct ifreq *r)
{
	if (ioctl(l->in, TUNSETIFF, r) != 0)
		die(EXIT_WRONG, "open %s: %s%s", l->text, strerror(errno),
		    errno == EPERM ? ": make it first, as root: ip tuntap add "
				     "mode tap user YOU NAME"
				   : "");
	if (!(r->ifr_flags & IFF_VNET_HDR))
		return;
	l->tap = calloc(1, sizeof(*l->tap));
	if (l->tap == NULL)
		die(EXIT_NO, "start: out of memory");
	/* where that is refused, frames have an MTU at most */
	(void)ioctl(l->in, TUNSETOFFLOAD,
	    TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN);
	l->tap->mtu = mtu_of(r);
}

void
tap_open(struct link *l, const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	l->form = FORM_ONE;
	l->in = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (l->in < 0)
		die(EXIT_WRONG, "open /dev/net/tun: %s%s", strerror(errno),
		    errno == EACCES ? ": let this user read and write it, as "
				      "root: chmod 666 /dev/net/tun"
				    : "");
	if (has_headers(l->in))
		r.ifr_flags |= IFF_VNET_HDR;
	attach(l, &r);
	l->out = l->in;
}
