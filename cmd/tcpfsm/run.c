/*
 * run.c - the engine in its pipeline, see run.h.
 *
 * The engine moves in steps. A step has one time, takes in a batch of
 * packets or fires the timers, and then lets the connections speak, with so
 * much room for data as the output queue has. Live, a batch is what one
 * read() brings. With -T it is a run of records with equal stamps, and timers
 * fire between batches at their own times: what comes out depends on nothing
 * but the input, the options and the seed.
 *
 * A recording (-R) is the live run's steps as a packet stream: each packet
 * under its step's time; an empty record where only a timer woke the engine;
 * an empty record with a length of n + 1 where the room was only n bytes. It
 * begins with an empty record, by which -T knows to repeat the steps as they
 * are instead of firing timers at times of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "log.h"
#include "md5.h"
#include "run.h"

enum { ROOM_FULL = RUN_QUEUE - RUN_SPARE };

/* ---- what the engine calls ---- */

static void
fail(struct run *r, const char *what)
{
	if (r->status == 0)
		say("%s: %s", what, strerror(errno));
	r->status = EXIT_NO;
}

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct run *r = ctx;

	/* in packet time nothing is dropped: the reader is waited for */
	if (r->packet_time && stream_out_room(&r->out) < hlen + dlen &&
	    stream_out_drain(&r->out, STDOUT_FILENO) != 0) {
		if (errno != EPIPE)
			fail(r, "write stdout");
		r->out.start = r->out.end = 0;
	}
	stream_out_put(&r->out, now, head, hlen, data, dlen);
}

static void
on_event(void *ctx, const struct tcp_event *ev)
{
	struct run *r = ctx;
	char sent[MD5_TEXT], received[MD5_TEXT];
	const char *text[2] = {sent, received};
	struct md5 *out, *in;

	if (ev->type == TCP_EV_CLOSE &&
	    serve_digests(&r->serve, ev->tcb, &out, &in)) {
		md5_text(out, sent);
		md5_text(in, received);
		log_event(&r->log, r->level, ev, text);
	} else {
		log_event(&r->log, r->level, ev, NULL);
	}
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	serve_opened(&((struct run *)ctx)->serve, tcb, now);
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	serve_received(&((struct run *)ctx)->serve, tcb, p, n);
}

static void
on_peer_closed(void *ctx, struct tcb *tcb, uint64_t now)
{
	serve_speak(&((struct run *)ctx)->serve, tcb);
}

static void
on_timer(void *ctx, struct tcb *tcb, uint64_t now)
{
	serve_speak(&((struct run *)ctx)->serve, tcb);
}

static void
on_closed(void *ctx, struct tcb *tcb, enum tcp_close how, uint64_t now)
{
	serve_closed(&((struct run *)ctx)->serve, tcb);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return ((struct run *)ctx)->serve.bytes + off;
}

static void
on_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	serve_acked(&((struct run *)ctx)->serve, tcb, off);
}

static const struct tcp_ops ops = {
    .emit = on_emit,
    .event = on_event,
    .opened = on_opened,
    .received = on_received,
    .peer_closed = on_peer_closed,
    .timer = on_timer,
    .closed = on_closed,
    .data = on_data,
    .acked = on_acked,
};

/* ---- first and last words ---- */

static void
log_start(struct run *r, uint64_t now)
{
	event_begin(&r->log, now, NULL, 0, NULL, 0, "start");
	event_text(&r->log, "version", VERSION);
	event_text(&r->log, "args", r->start);
	event_num(&r->log, "seed", r->cfg.seed);
	event_text(&r->log, "rights", r->rights);
	event_end(&r->log);
}

static void
log_end(struct run *r)
{
	const struct tcp_stats *s = tcp_stats(r->tcp);

	event_begin(&r->log, r->now, NULL, 0, NULL, 0, "end");
	event_num(&r->log, "frames", s->frames);
	event_num(&r->log, "foreign", s->foreign);
	event_num(&r->log, "dropped", s->dropped);
	event_num(&r->log, "cut", r->cut);
	event_num(&r->log, "connections", s->opened);
	event_num(&r->log, "sent", s->sent);
	event_num(&r->log, "received", s->received);
	event_num(&r->log, "retransmits", s->retransmits);
	event_num(&r->log, "resets", s->resets_out);
	event_num(&r->log, "cookies", s->cookies);
	event_num(&r->log, "output_dropped", r->out.dropped);
	event_num(&r->log, "lost_lines", r->log.lost_all);
	event_end(&r->log);
}

static void
summary(void *ctx)
{
	struct run *r = ctx;
	const struct tcp_stats *s;

	if (r->tcp == NULL || r->level <= LOG_NOTHING)
		return;
	s = tcp_stats(r->tcp);
	say("%llu connections, %llu bytes sent, %llu received, %llu "
	    "retransmissions, %llu packets dropped",
	    (unsigned long long)s->opened, (unsigned long long)s->sent,
	    (unsigned long long)s->received, (unsigned long long)s->retransmits,
	    (unsigned long long)(s->dropped + r->cut + r->out.dropped));
}

/* ---- the recording ---- */

static void
record_flush(struct run *r)
{
	if (r->record_fd >= 0 &&
	    stream_out_drain(&r->record, r->record_fd) != 0) {
		fail(r, "write recording");
		r->record_fd = -1;
	}
}

static void
record(struct run *r, const uint8_t *p, uint32_t n, uint32_t len)
{
	uint8_t *to;

	if (r->record_fd < 0)
		return;
	to = stream_out_reserve(&r->record, n);
	if (to == NULL) {
		record_flush(r);
		if (r->record_fd < 0)
			return;
		to = stream_out_reserve(&r->record, n);
	}
	if (n > 0)
		memcpy(to, p, n);
	stream_out_commit(&r->record, r->now, n, len);
}

/* ---- steps ---- */

/* begin - the engine starts with the first time there is */
static int
begin(struct run *r, uint64_t now)
{
	r->now = now;
	r->tcp = tcp_new(&r->cfg, &r->ops, r, now);
	if (r->tcp == NULL) {
		say("start: out of memory");
		r->status = EXIT_NO;
		return -1;
	}
	if (r->level > LOG_NOTHING)
		log_start(r, now);
	record(r, NULL, 0, 0);
	return 0;
}

/* next_time - steps have different times, by which a recording parts them */
static void
next_time(struct run *r, uint64_t now)
{
	r->now = now > r->now ? now : r->now + 1;
}

/* speak - the end of every step; room is what the output queue takes */
static void
speak(struct run *r, size_t room)
{
	r->waiting = tcp_flush(r->tcp, r->now, room);
}

/* speak_live - the same, with the room there is, told to the recording */
static void
speak_live(struct run *r, bool woken)
{
	size_t room = stream_out_room(&r->out);

	room = room > RUN_SPARE ? room - RUN_SPARE : 0;
	if (room > ROOM_FULL - STREAM_REC_HLEN - STREAM_FILE_HLEN)
		room = ROOM_FULL;
	if (room != ROOM_FULL)
		record(r, NULL, 0, (uint32_t)room + 1);
	else if (woken)
		record(r, NULL, 0, 0);
	speak(r, room);
	record_flush(r);
}

static void
take(struct run *r, const struct stream_rec *rec, uint64_t stamp)
{
	if (rec->caplen < rec->len)
		r->cut++;
	else if (rec->caplen > 0)
		tcp_input(
		    r->tcp, r->now, rec->data, rec->caplen, stamp, r->in.count);
}

/* end_group - -T: all records of one stamp are in */
static void
end_group(struct run *r)
{
	if (!r->in_group)
		return;
	r->in_group = false;
	if (r->recorded && !r->group_data)
		tcp_timers(r->tcp, r->now);
	speak(r, r->recorded ? r->group_room : SIZE_MAX);
}

/* run_to - -T: fire what is due before time end, each at its own time */
static void
run_to(struct run *r, uint64_t end)
{
	uint64_t at;

	while ((at = tcp_deadline(r->tcp)) < end) {
		if (at > r->now)
			r->now = at;
		tcp_timers(r->tcp, r->now);
		speak(r, SIZE_MAX);
	}
}

/* take_timed - -T: one record */
static int
take_timed(struct run *r, const struct stream_rec *rec)
{
	uint64_t ts = rec->ts;

	if (r->tcp == NULL) {
		if (begin(r, ts) != 0)
			return -1;
		r->recorded = rec->caplen == 0 && rec->len == 0;
		if (r->recorded)
			return 0;
	}
	if (ts < r->now)
		ts = r->now; /* time does not go back */
	if (ts > r->now || !r->in_group) {
		end_group(r);
		if (!r->recorded)
			run_to(r, ts);
		r->now = ts;
		r->in_group = true;
		r->group_data = false;
		r->group_room = ROOM_FULL;
	}
	if (!r->recorded || rec->caplen > 0) {
		r->group_data = true;
		take(r, rec, rec->ts);
	} else if (rec->len > 0) {
		r->group_room = rec->len - 1;
	}
	return 0;
}

static void
step_woken(struct run *r, uint64_t now)
{
	next_time(r, now);
	tcp_timers(r->tcp, r->now);
	speak_live(r, true);
}

/* ---- what the stage's loop calls ---- */

static uint64_t
on_deadline(void *ctx)
{
	struct run *r = ctx;

	return r->packet_time ? TIME_NEVER : tcp_deadline(r->tcp);
}

static void
on_wake(void *ctx, uint64_t now)
{
	step_woken(ctx, now);
}

static void
on_drained(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	if (r->waiting)
		step_woken(r, now);
}

/* take_all - every whole record that is there: 0, or -1 */
static int
take_all(struct run *r, uint64_t now)
{
	struct stream_rec rec;
	bool any = false;
	int n;

	while ((n = stream_in_next(&r->in, &rec)) > 0) {
		if (r->packet_time) {
			if (take_timed(r, &rec) != 0)
				return -1;
			continue;
		}
		if (!any)
			next_time(r, now);
		any = true;
		if (rec.caplen == rec.len && rec.caplen > 0)
			record(r, rec.data, rec.caplen, rec.len);
		take(r, &rec, rec.ts);
	}
	if (any)
		speak_live(r, false);
	return n;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct run *r = ctx;
	ssize_t n = stream_in_read(&r->in, STDIN_FILENO);

	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return 1;
		fail(r, "read stdin");
		return -1;
	}
	if (n == 0 ? stream_in_end(&r->in) != 0 : take_all(r, now) != 0) {
		if (r->status == 0) {
			say("%s", r->in.error);
			r->status = r->in.status;
		}
		return -1;
	}
	return n > 0 && r->status == 0 ? 1 : 0;
}

int
run_init(struct run *r)
{
	r->ops = ops;
	r->ops.want_data = r->serve.out >= 0 || r->serve.md5;
	clock_start(&r->clock);
	if (stream_in_init(&r->in) != 0 ||
	    stream_out_init(&r->out, RUN_QUEUE) != 0)
		return -1;
	if (r->record_fd >= 0 && stream_out_init(&r->record, RUN_QUEUE) != 0)
		return -1;
	return 0;
}

/* finish - after the loop: what is due in packet time, and the last words */
static int
finish(struct run *r, enum stage_end end)
{
	if (end == STAGE_FAILED && r->status == 0)
		fail(r, "write stdout");
	if (r->packet_time && r->tcp != NULL && end == STAGE_INPUT_END) {
		end_group(r);
		if (!r->recorded)
			run_to(r, TIME_NEVER);
	}
	if (end != STAGE_READER_GONE && end != STAGE_SIGNAL &&
	    stream_out_drain(&r->out, STDOUT_FILENO) != 0 && errno != EPIPE)
		fail(r, "write stdout");
	record_flush(r);
	if (r->serve.out_errno != 0) {
		errno = r->serve.out_errno;
		fail(r, "write what clients said");
	}
	if (!r->packet_time)
		next_time(r, clock_now(&r->clock));
	if (r->tcp != NULL && r->level > LOG_NOTHING)
		log_end(r);
	event_close(&r->log);
	if (end == STAGE_SIGNAL)
		summary(r);
	return r->status;
}

int
run_loop(struct run *r)
{
	struct stage st = {
	    .clock = &r->clock,
	    .ctx = r,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &r->out,
	    .log = &r->log,
	    .may_block = r->packet_time,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_wake,
	    .drained = on_drained,
	    .summary = summary,
	};

	if (!r->packet_time && begin(r, clock_now(&r->clock)) != 0)
		return r->status;
	return finish(r, stage_run(&st));
}
