/*
 * batch.c - frames go to the kernel from where they lie, many with one call.
 *
 * The queue of the interface is the pace: the socket blocks while it is
 * full. A queue that drops instead (ENOBUFS) is asked again a few times.
 */
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "rawinject.h"

enum { NOBUFS_TRIES = 5 };

void
batch_begin(struct batch *b, bool super, unsigned frames)
{
	static uint8_t none[PKTSOCK_VNET_HLEN];

	if (b->n == BATCH_MSGS || b->niov + PLAN_PIECES_EACH >= BATCH_IOVS)
		batch_flush(b);
	b->msg[b->n] = (struct mmsghdr){
	    .msg_hdr = {.msg_iov = &b->iov[b->niov]}};
	b->frames[b->n] = frames;
	b->super[b->n] = super;
	b->n++;
	if (b->cs->vnet && !super)
		batch_piece(b, none, sizeof(none));
}

void
batch_piece(struct batch *b, uint8_t *p, size_t n)
{
	b->iov[b->niov++] = (struct iovec){p, n};
	b->msg[b->n - 1].msg_hdr.msg_iovlen++;
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
		if (!b->away)
			say_own("%s is down: nothing passes until it is up",
			    b->ifname);
		b->away = true;
		break;
	case ENXIO:
	case ENODEV:
		b->down = errno;
		break;
	case EMSGSIZE: /* it was not longer than the MTU was at the start */
		if (!b->smaller)
			say_own("the MTU of %s is below %u now: longer packets "
				"are lost; start again",
			    b->ifname, (unsigned)b->cs->mtu);
		b->smaller = true;
		/* fall through */
	default: /* EINVAL: the frame is at fault */
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
			    : pktsock_send_many(b->cs, b->msg + i, b->n - i);
		if (r < 0) {
			r = (int)refused(b, i, &tries);
			i += (unsigned)r;
			if (r > 0)
				tries = 0;
			continue;
		}
		if (b->down)
			b->lost += b->frames[i++];
		b->away &= r == 0;
		for (end = i + (unsigned)r; i < end; i++) {
			b->sent += b->frames[i];
			b->supers += b->super[i];
			tries = 0;
		}
	}
	b->n = b->niov = 0;
}
