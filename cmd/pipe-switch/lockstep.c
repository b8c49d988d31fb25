/*
 * lockstep.c - the switch in virtual time: one time for all commands.
 *
 * Time goes in steps. In each, every command gets the frames for it, with the
 * step's time, and then an empty record, a nanosecond later. When each has
 * answered that by an empty record with the same time, it has processed all and
 * written what came of it (stage_lockstep()). Only then are those frames
 * switched, port by port, and go out in the next step. So what happens does
 * not depend on which process ran first, nor on how fast.
 *
 * A step is a millisecond, and longer while nothing happens. The command of
 * another switch does not choose its steps: they come in at its own stdin.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "pipe/loop.h"

#include "run.h"

enum { QUIET_STEPS = 4 }; /* longest step, of the shortest */
#define STEP	  NS_PER_MS
#define FIRST	  NS_PER_SEC
#define PATIENCE  (10 * NS_PER_SEC)  /* for an answer, in real time */
#define NO_EVENTS (600 * NS_PER_SEC) /* then nothing will ever happen */

/* answered - this port has done with the step, or will never again */
static bool
answered(const struct run *r, const struct port *p)
{
	return !p->open || p->answered > r->now;
}

/* hold - what has come from a port; its empty record ends the step */
static void
hold(struct run *r, struct port *p)
{
	struct stream_rec rec;
	int got;

	while ((got = stream_in_next(&p->in, &rec)) > 0) {
		if (rec.caplen == 0 && rec.len == 0 &&
		    (p->own || rec.ts == r->now + 1))
			p->answered = rec.ts;
		else if (rec.caplen == 0)
			continue;
		else if (rec.caplen < rec.len ||
			 !port_hold(p, rec.data, rec.caplen))
			p->cut++;
	}
	if (got < 0) {
		say("port %s: %s", p->words->name, p->in.error);
		r->status = p->in.status;
		port_close_in(p);
		port_close_out(p);
	}
}

static void
read_port(struct run *r, struct port *p)
{
	ssize_t n = stream_in_read(&p->in, p->child.in);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	hold(r, p);
	if (n <= 0 && p->open)
		run_ended(r, p, n);
}

/* exchange - with the ports first to last, until each has done with the step */
static void
exchange(struct run *r, struct pollfd *set, unsigned first, unsigned last)
{
	uint64_t until = clock_now(&r->clock) + PATIENCE;
	bool waits = true;
	struct port *p;
	unsigned i;

	while (waits && !stage_stopped() && clock_now(&r->clock) < until) {
		waits = false;
		for (i = first; i < last; i++) {
			p = &r->port[i];
			if (port_write(p) != 0)
				port_close_out(p);
			set[2 * i] = (struct pollfd){
			    .fd = answered(r, p) ? -1 : p->child.in,
			    .events = POLLIN};
			set[2 * i + 1] = (struct pollfd){
			    .fd = p->full ? p->child.out : -1,
			    .events = POLLOUT};
			waits |= !answered(r, p) || p->full;
		}
		if (!waits || loop_wait(set + 2 * first, 2 * (last - first),
				  until - clock_now(&r->clock)) <= 0)
			continue;
		for (i = first; i < last; i++) {
			if (set[2 * i + 1].revents != 0)
				r->port[i].full = false;
			if (set[2 * i].revents != 0)
				read_port(r, &r->port[i]);
		}
	}
	for (i = first; i < last && waits && !stage_stopped(); i++)
		if (!answered(r, &r->port[i])) {
			say("port %s: it does not keep the time: is -T "
			    "missing?",
			    r->port[i].words->name);
			r->status = EXIT_NO;
			port_close_in(&r->port[i]);
			port_close_out(&r->port[i]);
		}
}

/* relay - the frames of a step, port by port, at this time; how many */
static unsigned
relay(struct run *r, uint64_t at, unsigned first, unsigned last)
{
	unsigned n = 0;
	struct port *p;
	uint32_t len;
	size_t pos;

	for (r->from = first; r->from < last; r->from++) {
		p = &r->port[r->from];
		for (pos = 0; pos < p->nheld; pos += sizeof(len) + len, n++) {
			memcpy(&len, p->held + pos, sizeof(len));
			run_frame(r, at, p->held + pos + sizeof(len), len);
		}
		p->nheld = 0;
	}
	return n;
}

/* tick - the step's end, to each of the ports but our own */
static void
tick(struct run *r)
{
	struct port *p;
	unsigned i;

	for (i = 0; i < r->o.ports; i++) {
		p = &r->port[i];
		if (p->own || p->child.out < 0)
			continue;
		if (stream_out_room(&p->out) < STREAM_REC_HLEN)
			(void)stream_out_drain(&p->out, p->child.out);
		stream_out_put(&p->out, r->now + 1, NULL, 0, NULL, 0);
		p->out.count--; /* it is no frame */
	}
}

/* is_over - the one that ends all, or all of them, have ended */
static bool
is_over(struct run *r)
{
	unsigned i;

	for (i = 0; r->o.together && r->o.until < 0 && i < r->o.ports; i++)
		if (!r->port[i].own && !r->port[i].open)
			r->o.until = (int)i;

	if (stage_stopped() || (r->o.own >= 0 && !r->port[r->o.own].open) ||
	    (r->o.until >= 0 && !r->port[r->o.until].open))
		return true;
	for (i = 0; i < r->o.ports && !r->port[i].open; i++)
		;
	return i == r->o.ports;
}

static void
flush_records(struct run *r)
{
	unsigned i;

	for (i = 0; i < r->o.pcaps; i++)
		record_flush(&r->record[i]);
}

/* own_steps - the time is ours */
static void
own_steps(struct run *r, struct pollfd *set)
{
	uint64_t step = STEP, happened = FIRST;

	for (r->now = FIRST; !is_over(r); r->now += step) {
		tick(r);
		exchange(r, set, 0, r->o.ports);
		if (stage_asked())
			run_table(r);
		if (relay(r, r->now + STEP, 0, r->o.ports) > 0) {
			happened = r->now;
			step = STEP;
		} else if (step < QUIET_STEPS * STEP) {
			step *= 2;
		}
		flush_records(r);
		if (r->now > happened + NO_EVENTS) {
			say("nothing has happened for ten minutes: that is "
			    "the end");
			return;
		}
	}
}

/* steps_of_another - each comes in at our own port, and is answered there */
static void
steps_of_another(struct run *r, struct pollfd *set)
{
	unsigned own = (unsigned)r->o.own;
	struct port *p = &r->port[own];

	for (;;) {
		while (p->open && p->answered <= r->now && !stage_stopped()) {
			struct pollfd in = {
			    .fd = p->child.in, .events = POLLIN};

			if (loop_wait(&in, 1, TIME_NEVER) > 0)
				read_port(r, p);
		}
		if (is_over(r))
			return;
		r->now = p->answered - 1;
		relay(r, r->now, own, own + 1);
		tick(r);
		exchange(r, set, 0, own);
		exchange(r, set, own + 1, r->o.ports);
		relay(r, r->now, 0, own);
		relay(r, r->now, own + 1, r->o.ports);
		r->now = p->answered;
		stream_out_put(&p->out, p->answered, NULL, 0, NULL, 0);
		p->out.count--;
		if (stream_out_drain(&p->out, p->child.out) != 0)
			return;
		flush_records(r);
	}
}

void
lockstep_loop(struct run *r)
{
	struct pollfd *set = calloc(2 * r->o.ports, sizeof(*set));

	if (set == NULL)
		die(EXIT_NO, "start: out of memory");
	if (r->o.own >= 0)
		steps_of_another(r, set);
	else
		own_steps(r, set);
	free(set);
	r->give_up = clock_now(&r->clock) + NS_PER_SEC;
}
