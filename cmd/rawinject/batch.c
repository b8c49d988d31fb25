/*
 * batch.c - frames go to the kernel from where they lie in the read buffer,
 * many with one call.
 *
 * The queue of the interface is the pace: the socket blocks while it is
 * full. A queue that drops instead (ENOBUFS) is asked again a few times.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "rawinject.h"
#include "sandbox.h"

enum { NOBUFS_TRIES = 5 };

unsigned
batch_room(const struct batch *b)
{
	return b->n < BATCH_MSGS ? BATCH_IOVS - b->niov : 0;
}

static void
put_vnet(const struct batch *b, uint8_t *frame, const struct capsock_gso *gso)
{
	if (b->cs->vnet)
		capsock_vnet(frame - CAPSOCK_VNET_HLEN, gso);
}

void
batch_add(
    struct batch *b, uint8_t *frame, size_t len, const struct capsock_gso *gso)
{
	size_t more = b->cs->vnet ? CAPSOCK_VNET_HLEN : 0;

	if (batch_room(b) == 0)
		batch_flush(b);
	put_vnet(b, frame, gso);
	b->iov[b->niov] = (struct iovec){frame - more, len + more};
	b->msg[b->n] = (struct mmsghdr){
	    .msg_hdr = {.msg_iov = &b->iov[b->niov], .msg_iovlen = 1}};
	b->frames[b->n] = 1;
	b->super[b->n] = gso != NULL;
	b->niov++;
	b->n++;
}

void
batch_extend(struct batch *b, uint8_t *p, size_t n)
{
	b->iov[b->niov++] = (struct iovec){p, n};
	b->msg[b->n - 1].msg_hdr.msg_iovlen++;
	b->frames[b->n - 1]++;
}

void
batch_super(struct batch *b, const struct capsock_gso *gso)
{
	uint8_t *head = b->msg[b->n - 1].msg_hdr.msg_iov[0].iov_base;

	capsock_vnet(head, gso);
	b->super[b->n - 1] = true;
}

SANDBOX_NEEDS_FOR(SEND_MANY, rt_sigpending);
SANDBOX_NEEDS_FOR(SEND_MANY, nanosleep);
SANDBOX_NEEDS_FOR(SEND_MANY, clock_nanosleep);

/* signals wait, blocked, for the loop: a send must not outlast them */
static bool
must_stop(void)
{
	sigset_t set;

	if (sigpending(&set) != 0)
		return false;
	return sigismember(&set, SIGINT) == 1 ||
	       sigismember(&set, SIGTERM) == 1;
}

/*
 * The first of the messages from i on was refused. Returns how many to give
 * up, their records counted; 0 to try again.
 */
static unsigned
refused(struct batch *b, unsigned i, int *tries)
{
	static const struct timespec ms = {0, NS_PER_MS};

	switch (errno) {
	case EAGAIN:
		if (!must_stop())
			return 0;
		break;
	case ENOBUFS:
	case ENOMEM:
		if (++*tries <= NOBUFS_TRIES && !must_stop()) {
			nanosleep(&ms, NULL);
			return 0;
		}
		break;
	case ENETDOWN:
	case ENXIO:
	case ENODEV:
		b->down = errno;
		break;
	default: /* EMSGSIZE, EINVAL: the frame is at fault */
		b->refused += b->frames[i];
		return 1;
	}
	b->lost += b->frames[i];
	return 1;
}

void
batch_flush(struct batch *b)
{
	unsigned i = 0, end;
	int r, tries = 0;

	while (i < b->n) {
		r = b->down ? 0
			    : capsock_send_many(b->cs, b->msg + i, b->n - i);
		if (r < 0) {
			r = (int)refused(b, i, &tries);
			i += (unsigned)r;
			if (r > 0)
				tries = 0;
			continue;
		}
		if (b->down)
			b->lost += b->frames[i++];
		for (end = i + (unsigned)r; i < end; i++) {
			b->sent += b->frames[i];
			b->supers += b->super[i];
			tries = 0;
		}
	}
	b->n = b->niov = 0;
}
