/*
 * run.c - all that runs while there is a packet socket: it splits the packet
 * stream into records and sends them, in order, from the read buffer. It does
 * not look into frames. Many bytes at once, and a frame longer than the MTU
 * with what follows it, are sent as the planner decides.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "linux/sandbox.h"
#include "pipe/loop.h"
#include "pipe/uncut.h"
#include "rawinject.h"
#include "wire/ether.h"

/* of more bytes, three full segments, a plan costs less than it saves */
enum { MANY = 4096 };

static bool
ask(struct rawinject *rj)
{
	rj->asked = true;
	rj->gone = write(rj->planner.to, "", 1) != 1;
	return !rj->gone;
}

/* planned - the planner has answered: false at the end */
static bool
planned(struct rawinject *rj)
{
	char byte;
	int more;

	rj->asked = false;
	rj->gone = read(rj->planner.from, &byte, 1) != 1;
	if (rj->gone)
		return false;
	more = follow(&rj->batch, &rj->planner);
	rj->wrong = more < 0;
	if (more > 0 && rj->batch.down == 0)
		return ask(rj);
	return more == 0 && rj->batch.down == 0 && !rj->damaged;
}

/* skip - what is not a frame */
static bool
skip(struct batch *b, const struct stream_rec *rec)
{
	bool cut = rec->caplen < rec->len, tiny = rec->caplen < ETHER_HLEN;

	b->cut += cut;
	/* an empty record is a wake-up in a recorded run */
	b->refused += !cut && tiny && rec->caplen > 0;
	return cut || tiny;
}

/*
 * look_for_writer - does it vouch for what it has not filled in? One that has
 * ended may have left as much in the pipe as there is in it.
 */
static void
look_for_writer(struct rawinject *rj, size_t n)
{
	if (uncut_vouched(STDIN_FILENO))
		rj->vouched = ASK_BYTES;
	rj->planner.ask->vouched = rj->vouched > 0;
	rj->vouched -= n < rj->vouched ? n : rj->vouched;
}

/* send_records - every whole one; false at the end */
static bool
send_records(struct rawinject *rj)
{
	bool plan = rj->joins && rj->in.end - rj->in.start > MANY;
	struct planner *pl = &rj->planner;
	struct stream_rec rec;
	int r;

	pl->ask->in = rj->in;
	pl->start = rj->in.start;
	while ((r = stream_in_next(&rj->in, &rec)) > 0) {
		if (skip(&rj->batch, &rec))
			continue;
		if (!plan && rec.caplen > rj->frame) {
			pl->ask->in = rj->in;
			pl->start = rj->in.start - STREAM_REC_HLEN - rec.caplen;
			plan = true;
		}
		if (!plan) {
			batch_begin(&rj->batch, false, 1);
			batch_piece(&rj->batch, rec.data, rec.caplen);
		}
	}
	batch_flush(&rj->batch);
	pl->end = rj->in.start;
	pl->left = pl->end - pl->start;
	pl->ask->in.start = pl->start;
	pl->ask->in.end = pl->end;
	rj->damaged = r < 0;
	if (rj->batch.down == 0 && plan && pl->left > 0) {
		look_for_writer(rj, pl->left);
		return ask(rj);
	}
	return rj->batch.down == 0 && !rj->damaged;
}

static bool
input(struct rawinject *rj)
{
	ssize_t n = stream_in_read(&rj->in, STDIN_FILENO);

	if (n > 0)
		return send_records(rj);
	rj->eof = n == 0;
	if (n < 0 && errno != EINTR && errno != EAGAIN)
		rj->error = errno;
	return !rj->eof && rj->error == 0;
}

static size_t
prepare(void *ctx, struct pollfd *p, uint64_t *timeout)
{
	const struct rawinject *rj = ctx;
	int in = rj->asked ? rj->planner.from : STDIN_FILENO;

	p[LOOP_IN] = (struct pollfd){in, POLLIN, 0};
	p[LOOP_OUT] = (struct pollfd){rj->planner.to, 0, 0};
	return LOOP_COUNT;
}

static enum stage_end
one_round(void *ctx, const struct pollfd *p, bool ready)
{
	struct rawinject *rj = ctx;
	bool more = true;

	if (ready && p[LOOP_IN].revents != 0)
		more = rj->asked ? planned(rj) : input(rj);
	return more ? STAGE_GOES_ON : STAGE_INPUT_END;
}

enum stage_end
run(struct rawinject *rj)
{
	const struct loop l = {rj, prepare, one_round, rawinject_summary, rj};
	enum stage_end end = STAGE_FAILED;
	struct pollfd p[LOOP_COUNT];

	if (pktsock_open_send(&rj->cs) != 0)
		return end;
	rj->planner.ask->vnet = rj->cs.vnet;
	rj->joins = rj->cs.vnet && !rj->single;
	rj->locked = lock_in(rj->verbose) == 0;
	if (rj->locked)
		end = loop_run(&l, p);
	close(rj->cs.fd);
	return end;
}
