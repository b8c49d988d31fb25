/*
 * run.c - from the packet stream to fates and back, see run.h.
 *
 * Live, a packet comes when it is read and leaves when its delay is over, by
 * the monotonic clock. With -T it comes at its stamp: what waits and is due
 * by then leaves before it. In both a delay is added to the stamp.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "run.h"
#include "wire/ether.h"

static void
fail(struct run *r, const char *what)
{
	if (r->status == 0)
		say("%s: %s", what, strerror(errno));
	r->status = EXIT_NO;
}

/* ---- first and last words */

static void
log_start(struct run *r, uint64_t now)
{
	if (r->logged)
		event_start(&r->log, now, r->start, &r->cfg.seed, r->rights);
}

static void
log_end(struct run *r)
{
	const struct impair_stats *s = impair_stats(r->im);

	if (!r->logged)
		return;
	event_begin(&r->log, r->packet_time ? r->now : clock_now(&r->clock),
	    NULL, 0, NULL, 0, "end");
	event_num(&r->log, "packets", s->came);
	event_num(&r->log, "passed", s->passed);
	event_num(&r->log, "dropped", s->dropped);
	event_num(&r->log, "duplicated", s->duplicated);
	event_num(&r->log, "delayed", s->delayed);
	event_num(&r->log, "corrupted", s->corrupted);
	event_num(&r->log, "reordered", s->reordered);
	event_num(&r->log, "no_room", s->no_room);
	event_num(&r->log, "waiting", r->queue.n);
	event_num(&r->log, "cut", r->cut);
	event_num(&r->log, "split", r->split);
	event_num(&r->log, "long", r->uncut);
	event_num(&r->log, "lost_lines", r->log.lost_all);
	event_end(&r->log);
}

/* counted - behind what is in buf: n of these, unless there are none */
static void
counted(char *buf, size_t size, uint64_t n, const char *what)
{
	size_t len = strlen(buf);

	if (n > 0)
		snprintf(buf + len, size - len, ", %llu %s",
		    (unsigned long long)n, what);
}

static void
summary(void *ctx)
{
	struct run *r = ctx;
	const struct impair_stats *s = impair_stats(r->im);
	size_t lines = 0, met = 0;
	char more[256] = "";
	size_t n;

	if (r->quiet)
		return;
	counted(more, sizeof(more), r->queue.n, "waiting");
	counted(more, sizeof(more), r->cut, "captured short");
	counted(more, sizeof(more), r->split,
	    r->split == 1 ? "super-frame split" : "super-frames split");
	counted(more, sizeof(more), r->uncut, "longer than the MTU");
	n = strlen(more);
	if (r->schedule != NULL) {
		schedule_count(r->schedule, &lines, &met);
		snprintf(more + n, sizeof(more) - n,
		    ", %zu of %zu lines played", met, lines);
	} else {
		snprintf(more + n, sizeof(more) - n, ", seed %llu",
		    (unsigned long long)r->cfg.seed);
	}
	say("%llu passed, %llu dropped, %llu duplicated, %llu delayed, "
	    "%llu corrupted, %llu reordered, %llu lost in a full queue%s",
	    (unsigned long long)s->passed, (unsigned long long)s->dropped,
	    (unsigned long long)s->duplicated, (unsigned long long)s->delayed,
	    (unsigned long long)s->corrupted, (unsigned long long)s->reordered,
	    (unsigned long long)s->no_room, more);
}

/* ---- what is logged about a packet */

/* line - begins one about this packet */
static void
line(struct run *r, const struct fate *f, uint64_t stamp, const char *event)
{
	const struct packet *p = &f->packet;

	event_begin(&r->log, stamp, p->ends ? &p->src : NULL, p->sport,
	    p->ends ? &p->dst : NULL, p->dport, event);
}

/* line_end - which packet it was */
static void
line_end(struct run *r, const struct fate *f, size_t len)
{
	char packet[32];

	snprintf(packet, sizeof(packet), "%s#%lu", kind_name[f->packet.main],
	    (unsigned long)f->flow->count[f->way][f->packet.main]);
	event_text(&r->log, "packet", packet);
	event_num(&r->log, "conn", f->flow->conn);
	event_text(&r->log, "way", f->way == 0 ? ">" : "<");
	event_num(&r->log, "bytes", len);
	event_num(&r->log, "frame", r->in.count);
	event_end(&r->log);
}

static void
log_fate(struct run *r, const struct fate *f, uint64_t stamp, size_t len)
{
	unsigned i, k;

	if (f->dropped + f->no_room > 0) {
		line(r, f, stamp, "drop");
		event_text(&r->log, "why", why_name[f->why]);
		line_end(r, f, len);
	}
	if (f->made > 0) {
		line(r, f, stamp, "duplicate");
		event_num(&r->log, "copies", f->made);
		line_end(r, f, len);
	}
	if (f->reordered) {
		line(r, f, stamp, "reorder");
		line_end(r, f, len);
	}
	for (i = 0; i < f->n; i++) {
		const struct copy *c = &f->copy[i];

		for (k = 0; k < c->nflips; k++) {
			line(r, f, stamp, "corrupt");
			event_num(&r->log, "bit", c->flip[k]);
			line_end(r, f, len);
		}
		if (c->delay > 0) {
			line(r, f, stamp, "delay");
			event_num(&r->log, "delay_us", c->delay / NS_PER_US);
			line_end(r, f, len);
		}
	}
}

static void
save_flush(struct run *r)
{
	char what[128];
	size_t done;
	ssize_t n;

	for (done = 0; r->save_fd >= 0 && done < r->save_len;) {
		n = write(r->save_fd, r->save + done, r->save_len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			snprintf(what, sizeof(what), "write %s", r->cfg.save);
			fail(r, what);
			r->save_fd = -1;
			break;
		}
		done += (size_t)n;
	}
	r->save_len = 0;
}

static void
save_fate(struct run *r, const struct fate *f)
{
	if (r->save_fd < 0 || !fate_changed(f))
		return;
	if (sizeof(r->save) - r->save_len < SCHEDULE_LINE)
		save_flush(r);
	r->save_len += schedule_line(r->save + r->save_len, f, r->in.count);
}

/* save_start - the first line: a remark */
static void
save_start(struct run *r)
{
	int n, i;

	if (r->save_fd < 0)
		return;
	n = snprintf(r->save, SCHEDULE_LINE, "# impair %s, seed %llu: %s\n",
	    VERSION, (unsigned long long)r->cfg.seed, r->start);
	for (i = 0; i < n - 1; i++) {
		if (r->save[i] == '\n')
			r->save[i] = ' ';
	}
	r->save_len = (size_t)n;
}

/* ---- packets */

/* put - into the output; c is what to do to it on the way, or NULL */
static void
put(struct run *r, uint64_t stamp, const uint8_t *frame, size_t len,
    const struct copy *c)
{
	uint8_t *to = stream_out_reserve(&r->out, len);

	/* in packet time nothing is lost: the reader is waited for */
	if (to == NULL && r->packet_time) {
		if (stage_drain(&r->st, &r->out, STDOUT_FILENO) != 0) {
			if (errno != EPIPE && errno != EINTR)
				fail(r, "write stdout");
			stream_out_forget(&r->out);
		}
		to = stream_out_reserve(&r->out, len);
	}
	if (to == NULL) {
		impair_stats(r->im)->no_room++;
		return;
	}
	memcpy(to, frame, len);
	if (c != NULL)
		flip_bits(to, len, c);
	stream_out_commit(&r->out, stamp, (uint32_t)len, (uint32_t)len);
	impair_stats(r->im)->passed++;
}

/* release - what is due by now */
static void
release(struct run *r, uint64_t now)
{
	struct waiting w;

	while (queue_next(&r->queue) <= now && queue_pop(&r->queue, &w)) {
		put(r, w.stamp, w.frame, w.len, NULL);
		free(w.frame);
	}
}

static void
one_packet(struct run *r, uint64_t now, uint64_t stamp, const uint8_t *frame,
    size_t len)
{
	struct arrival a = {.now = now,
	    .frame = frame,
	    .len = len,
	    .room = queue_room(&r->queue, r->cfg.limit, len)};
	struct fate f;
	unsigned i;

	impair_decide(r->im, &a, &f);
	for (i = 0; i < f.n; i++) {
		const struct copy *c = &f.copy[i];

		if (c->delay == 0)
			put(r, stamp, frame, len, c);
		else if (!queue_push(&r->queue, time_later(now, c->delay),
			     time_later(stamp, c->delay), frame, len, c))
			impair_stats(r->im)->no_room++;
	}
	if (f.known) {
		save_fate(r, &f);
		if (r->verbose)
			log_fate(r, &f, stamp, len);
		/* one read may bring more lines than the log can hold */
		if (r->log.len > EVENT_LOG_CAP / 2)
			event_flush(&r->log);
	}
}

/*
 * split - a TCP segment longer than the MTU, as segmentation offload makes
 * it, is as many packets as the wire would have seen. False when it is none,
 * or its checksum is wrong: cutting would make good ones of it.
 */
static bool
split(struct run *r, uint64_t now, uint64_t stamp, uint8_t *frame, size_t len)
{
	const uint8_t whole = TCP_SYN | TCP_RST | TCP_URG;
	struct segment s;
	uint32_t at, n, size;
	uint16_t i = 0;

	if (segment_decode(frame, len, &s) != 0 || len - s.l3 <= r->mtu ||
	    r->mtu <= (uint32_t)(s.hlen - s.l3) || (s.flags & whole) != 0 ||
	    !segment_verify(&s))
		return false;
	size = r->mtu - (s.hlen - s.l3);
	for (at = 0; at < s.payload; at += n, i++) {
		n = s.payload - at < size ? s.payload - at : size;
		one_packet(r, now, stamp, r->piece,
		    segment_cut(&s, at, n, i, r->piece));
	}
	return true;
}

/* is_long - its IP packet is longer than the MTU: no wire had it so */
static bool
is_long(const uint8_t *frame, size_t len, uint32_t mtu)
{
	struct ether_hdr e;

	return ether_decode(frame, len, &e) == 0 &&
	       (e.type == ETHER_IP4 || e.type == ETHER_IP6) &&
	       len - e.hlen > mtu;
}

static void
take(struct run *r, const struct stream_rec *rec, uint64_t now)
{
	uint64_t stamp = rec->ts;

	if (rec->caplen < rec->len) {
		r->cut++;
		return;
	}
	if (rec->caplen == 0) { /* a wake-up in a recorded run, a step */
		if (r->packet_time)
			release(r, stamp);
		return;
	}
	if (r->packet_time) {
		if (impair_stats(r->im)->came == 0)
			log_start(r, stamp);
		stamp = steps_time(&r->steps, 0, 1, stamp, NULL);
		if (stamp > r->now) /* time does not go back */
			r->now = stamp;
		now = stamp = r->now;
		release(r, now);
	}
	if (rec->caplen > r->mtu + ETHER_HLEN &&
	    split(r, now, stamp, rec->data, rec->caplen)) {
		r->split++;
		return;
	}
	r->uncut += is_long(rec->data, rec->caplen, r->mtu);
	one_packet(r, now, stamp, rec->data, rec->caplen);
}

/* ---- what the stage's loop calls */

/* input_end - what waits still has its time; then the loop may end */
static int
input_end(struct run *r)
{
	if (r->packet_time)
		release(r, UINT64_MAX);
	if (r->queue.n == 0)
		return r->status == 0 ? 0 : -1;
	r->ended = true;
	r->st.in = -1;
	return 1;
}

static int
on_input(void *ctx, uint64_t now)
{
	struct run *r = ctx;
	struct stream_rec rec;
	ssize_t n;
	int got;

	if (r->ended)
		return r->queue.n > 0 ? 1 : r->status == 0 ? 0 : -1;
	n = capin_read(&r->in);
	if (n < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return 1;
		fail(r, "read stdin");
		return -1;
	}
	if (!r->packet_time)
		release(r, now);
	while ((got = capin_next(&r->in, &rec)) > 0)
		take(r, &rec, now);
	save_flush(r);
	if (r->status != 0)
		return -1;
	if (got == 0 && n > 0)
		return 1;
	if (got < 0 || capin_end(&r->in) != 0) {
		say("%s", r->in.error);
		r->status = r->in.status;
	}
	return input_end(r);
}

static uint64_t
on_deadline(void *ctx)
{
	struct run *r = ctx;

	/* this is asked before each wait */
	if (wordfile_asked() && r->words.name != NULL &&
	    wordfile_again(&r->words, &r->cfg))
		impair_changed(r->im);
	return r->packet_time ? TIME_NEVER : queue_next(&r->queue);
}

static void
on_timer(void *ctx, uint64_t now)
{
	struct run *r = ctx;

	release(r, now);
	if (r->ended && r->queue.n == 0)
		r->st.in = r->ready; /* on_input() tells the loop */
}

int
run_init(struct run *r)
{
	int p[2];

	clock_start(&r->clock);
	capin_open(&r->in, "-");
	r->in.strict = !r->packet_time;
	if (capin_init(&r->in) != 0 || stream_out_init(&r->out, RUN_QUEUE) != 0)
		return -1;
	/* words that come later may want the connections */
	r->im = impair_new(&r->cfg, r->schedule, r->max_flows,
	    r->verbose || r->save_fd >= 0 || r->words.name != NULL);
	if (r->im == NULL)
		return -1;
	if (pipe(p) != 0)
		return -1;
	close(p[1]);
	r->ready = p[0];
	r->st = (struct stage){.clock = &r->clock,
	    .ctx = r,
	    .in = r->in.fd,
	    .out = STDOUT_FILENO,
	    .stream = &r->out,
	    .log = &r->log,
	    .may_block = r->packet_time,
	    .from = r->packet_time ? &r->in.in : NULL,
	    .input = on_input,
	    .deadline = on_deadline,
	    .timer = on_timer,
	    .summary = summary};
	return 0;
}

int
run_loop(struct run *r)
{
	enum stage_end end;

	if (!r->packet_time)
		log_start(r, clock_now(&r->clock));
	save_start(r);
	end = stage_run(&r->st);
	if (end == STAGE_FAILED && r->status == 0)
		fail(r, "write stdout");
	save_flush(r);
	log_end(r);
	if (event_close(&r->log) != 0 && r->status == 0)
		r->status = EXIT_NO;
	if (end != STAGE_READER_GONE && !r->quiet) {
		steps_say(&r->steps, "stdin");
		leftout_say(&r->in.left);
		leftout_beyond(r->out.beyond);
	}
	if (end != STAGE_READER_GONE)
		summary(r);
	return r->status;
}
