/*
 * run.c - the engine in its pipeline, see run.h.
 *
 * The engine moves in steps. A step has one time, takes in a batch of packets
 * or fires the timers, and then lets the connections send, with as much room
 * for data as the output queue has. Live, a batch is what one read() brings.
 * With -T it is a run of records with equal stamps, and timers fire between
 * batches at their own times: what comes out depends on nothing but the input,
 * the options and the seed.
 *
 * A recording (-R) is the live run's steps as a packet stream: each packet
 * under its step's time; an empty record where only a timer woke the engine;
 * an empty record with a length of n + 1 where the room was only n bytes. It
 * begins with an empty record; by that, -T repeats the steps as they are
 * instead of firing timers at times of its own.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "base/die.h"
#include "log.h"
#include "run.h"
#include "source.h"

enum { ROOM_FULL = RUN_QUEUE - RUN_SPARE };

/* run_fail - print what, and why by errno; the status will be 1 */
static void
run_fail(struct run *r, const char *what)
{
	if (r->status == 0)
		say("%s: %s", what, strerror(errno));
	r->status = EXIT_NO;
}

int
run_drain(struct run *r)
{
	if (stage_drain(&r->stage, &r->out, STDOUT_FILENO) == 0)
		return 0;
	if (errno != EPIPE && errno != EINTR)
		run_fail(r, "write stdout");
	return -1;
}

/* ---- steps ---- */

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
	r->speaking = true;
	if (r->app->step != NULL)
		r->app->step(r->app_ctx, r->now);
	r->waiting = tcp_flush(r->tcp, r->now, room);
	r->speaking = false;
	probes_due(&r->probes, r->now, false);
}

static void
open_ports(struct run *r)
{
	uint32_t i;

	for (i = 1; i <= UINT16_MAX && r->have_ports; i++)
		if (opt_port_is(r->ports, (uint16_t)i))
			tcp_listen(r->tcp, (uint16_t)i);
}

/* begin - the engine starts with the first time there is */
static int
begin(struct run *r, uint64_t now)
{
	struct tcp_app app = r->app->tcp;

	r->now = now;
	r->nothing.cfg = &r->cfg;
	r->nothing.ports = r->have_ports ? r->ports : NULL;
	app.want_data = r->want_data;
	r->tcp = tcp_new(&r->cfg, &upcall_host, r, &app, r->app_ctx, now);
	if (r->tcp == NULL) {
		say("start: out of memory");
		r->status = EXIT_NO;
		return -1;
	}
	open_ports(r);
	if (r->level > LOG_NOTHING)
		run_log_start(r, now);
	run_record(r, NULL, 0, 0);
	if (r->app->start != NULL) {
		r->app->start(r->app_ctx, r->tcp, upcall_emit, r, now);
		speak(r, ROOM_FULL);
	}
	return 0;
}

/* deadline - of the engine's timers; the application's come with speak */
static uint64_t
deadline(struct run *r)
{
	uint64_t at = tcp_deadline(r->tcp), app = TIME_NEVER;

	if (r->app->deadline != NULL)
		app = r->app->deadline(r->app_ctx);
	if (probes_deadline(&r->probes) < app)
		app = probes_deadline(&r->probes);
	return at < app ? at : app;
}

/* go_on - with what waits aside; more is read when there is little of it */
static void
go_on(struct run *r, uint64_t now)
{
	replies_go_on(&r->replies, &r->out, now, false);
	r->stage.in = replies_many(&r->replies, now) ? -1 : STDIN_FILENO;
}

/* speak_live - the same, with the room there is, written to the recording */
static void
speak_live(struct run *r, bool woken)
{
	size_t room = stream_out_room(&r->out);

	room = room > RUN_SPARE ? room - RUN_SPARE : 0;
	if (room > ROOM_FULL - STREAM_REC_HLEN - STREAM_FILE_HLEN)
		room = ROOM_FULL;
	if (room != ROOM_FULL)
		run_record(r, NULL, 0, (uint32_t)room + 1);
	else if (woken)
		run_record(r, NULL, 0, 0);
	run_uncut(r);
	speak(r, room);
	go_on(r, r->now);
	run_record_flush(r);
}

static void
take(struct run *r, const struct stream_rec *rec, uint64_t stamp)
{
	bool unsummed = r->unsummed &&
			rec->len == (rec->caplen | STREAM_UNSUMMED);

	tcp_unsummed(r->tcp, unsummed);
	if (rec->caplen < rec->len && !unsummed) {
		r->cut++;
		return;
	}
	if (rec->caplen == 0)
		return;
	if (r->app->frame != NULL &&
	    r->app->frame(r->app_ctx, rec->data, rec->caplen, r->now)) {
		r->nothing.served++;
		return;
	}
	if (r->packet_time && tcp_stats(r->tcp)->opened == 0)
		nothing_frame(&r->nothing, rec->data, rec->caplen);
	tcp_input(r->tcp, r->now, rec->data, rec->caplen, stamp, r->in.count);
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

static bool
done(struct run *r)
{
	return r->app->done != NULL && r->app->done(r->app_ctx, r->now);
}

/* run_to - -T: fire what is due before time end, each at its own time */
static void
run_to(struct run *r, uint64_t end)
{
	uint64_t at;

	while (!done(r) && (at = deadline(r)) < end) {
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
		r->recorded = rec->caplen == 0 && rec->len == 0 &&
			      r->stage.from == NULL;
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
	uint64_t at, again = replies_deadline(&r->replies);

	if (r->packet_time)
		return TIME_NEVER;
	at = r->tcp != NULL ? deadline(r) : r->begin_at;
	return at < again ? at : again;
}

static void
on_wake(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	/* no step: the engine has nothing to do with it */
	go_on(r, now);
	if (r->tcp != NULL && deadline(r) > now)
		return;
	if (r->tcp != NULL)
		step_woken(r, now);
	else if (begin(r, now) != 0)
		r->stage.finished = true;
	if (r->tcp != NULL && done(r))
		r->stage.finished = true;
}

static void
on_drained(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	if (r->waiting)
		step_woken(r, now);
}

static size_t
on_watch(void *ctx, struct pollfd *p)
{
	struct run *r = ctx;

	return r->tcp != NULL ? r->app->watch(r->app_ctx, p) : 0;
}

static void
on_watched(void *ctx, const struct pollfd *p, size_t n, uint64_t now)
{
	struct run *r = ctx;

	next_time(r, now);
	r->app->watched(r->app_ctx, p, n, r->now);
	speak_live(r, true);
	if (done(r))
		r->stage.finished = true;
}

static void
on_hangup(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	if (r->app->hangup != NULL)
		r->app->hangup(r->app_ctx, now);
}

static void
on_stop(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	if (r->tcp == NULL || r->app->stop == NULL)
		return;
	next_time(r, now);
	r->app->stop(r->app_ctx, r->now);
	speak_live(r, true);
}

/* take_all - every whole record that is there: 0, or -1 */
static int
take_all(struct run *r, uint64_t now)
{
	struct stream_rec rec;
	bool any = false;
	int n;

	while ((n = stream_in_next_soon(&r->in, &rec)) > 0) {
		if (r->packet_time) {
			if (take_timed(r, &rec) != 0)
				return -1;
			continue;
		}
		if (r->tcp == NULL && begin(r, now) != 0)
			return -1;
		if (!any)
			next_time(r, now);
		any = true;
		if (rec.caplen == rec.len && rec.caplen > 0)
			run_record(r, rec.data, rec.caplen, rec.len);
		take(r, &rec, rec.ts);
	}
	if (any)
		speak_live(r, false);
	/* the stream's header shows that its writer is there */
	else if (r->tcp == NULL && r->in.header && !r->packet_time)
		n = begin(r, now) != 0 ? -1 : n;
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
		run_fail(r, "read stdin");
		return -1;
	}
	if (n == 0 ? stream_in_end(&r->in) != 0 : take_all(r, now) != 0) {
		if (r->status == 0) {
			say("%s", r->in.error);
			r->status = r->in.status;
		}
		return -1;
	}
	if (r->tcp != NULL && (!r->packet_time || r->stage.from != NULL) &&
	    done(r))
		return 0;
	return n > 0 && r->status == 0 ? 1 : 0;
}

int
run_init(struct run *r)
{
	clock_start_sleeps(&r->clock);
	if (probes_init(&r->probes, &r->log) != 0 ||
	    stream_in_init(&r->in) != 0 ||
	    stream_out_init(&r->out, RUN_QUEUE) != 0)
		return -1;
	if (r->soon != NULL)
		stream_in_soon(&r->in, r->soon, r->app_ctx);
	replies_start(&r->replies, STDOUT_FILENO, RUN_BURST, RUN_FLOOD);
	if (replies_aside(&r->replies, RUN_ASIDE) != 0)
		return -1;
	/* anything but a pipe is written to as usual, and so is every pipe of a
	   system that knows no other way */
	if (r->lend && stream_out_lend(&r->out, STDOUT_FILENO) != 0 &&
	    errno != EBADF && errno != ENOSYS)
		return -1;
	if (r->offer)
		stream_out_offer(&r->out);
	if (r->record_fd >= 0 && stream_out_init(&r->record, RUN_QUEUE) != 0)
		return -1;
	return 0;
}

/* finish - after the loop: what is due in packet time, and the last words */
static int
finish(struct run *r, enum stage_end end)
{
	int status;

	if (end == STAGE_FAILED && r->status == 0)
		run_fail(r, "write stdout");
	/* no packet has brought the time */
	if (r->packet_time && r->tcp == NULL && r->app->start != NULL &&
	    end == STAGE_INPUT_END && r->status == 0)
		begin(r, 0);
	if (r->packet_time && r->tcp != NULL && end == STAGE_INPUT_END) {
		end_group(r);
		if (!r->recorded)
			run_to(r, TIME_NEVER);
	}
	replies_go_on(&r->replies, &r->out, r->now, true);
	if (end != STAGE_READER_GONE && end != STAGE_SIGNAL)
		run_drain(r);
	run_record_flush(r);
	if (r->app->end != NULL) {
		status = r->app->end(r->app_ctx,
		    r->status != 0 || end == STAGE_READER_GONE, r->now);
		if (r->status == 0)
			r->status = status;
	}
	if (source_any_gone() && r->status == 0)
		r->status = EXIT_NO;
	if (!r->packet_time)
		next_time(r, clock_now(&r->clock));
	probes_due(&r->probes, r->now, true);
	if (r->tcp != NULL && r->level > LOG_NOTHING)
		run_log_end(r);
	if (r->packet_time && r->tcp != NULL && r->level > LOG_NOTHING)
		nothing_say(&r->nothing, tcp_stats(r->tcp), r->cut);
	if ((event_close(&r->log) != 0 || r->record_failed) && r->status == 0)
		r->status = EXIT_NO;
	if (end == STAGE_SIGNAL)
		run_summary(r);
	return r->status;
}

int
run_loop(struct run *r)
{
	r->stage = (struct stage){
	    .clock = &r->clock,
	    .ctx = r,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .stream = &r->out,
	    .log = &r->log,
	    .may_block = r->packet_time,
	    .from = r->packet_time ? &r->in : NULL,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_wake,
	    .drained = on_drained,
	    .watch_max = r->watch_max,
	    .watch = r->app->watch != NULL ? on_watch : NULL,
	    .watched = on_watched,
	    .hangup = on_hangup,
	    .stop = on_stop,
	    .summary = run_summary,
	};
	/* a client waits for the stream's header, at most a second */
	r->begin_at = clock_now(&r->clock) + NS_PER_SEC;
	if (!r->packet_time && r->app->start == NULL &&
	    begin(r, clock_now(&r->clock)) != 0)
		return r->status;
	return finish(r, stage_run(&r->stage));
}
