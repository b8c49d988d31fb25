/*
 * data.c - what the page's scripts read: the connections, their segments, and
 * the log's lines about them, as JSON. model.js reads it; both have the same
 * order of numbers. A connection is text in four parts, a line for each entry
 * of a list, so that live.c can compare it to what it was before.
 *
 * A segment is FIELDS numbers in a row. Most are differences to what one
 * would expect, which are small: 5,000 segments take some 150 kB.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "capture/counts.h"
#include "film.h"
#include "wire/tcp_seq.h"

/* of one side, what its next segment is compared to */
struct last {
	uint32_t nxt, ack, wnd;
};

/* shown - an end's state; behind all states those that are not sure */
static unsigned
shown(const struct row *r, enum conn_side side)
{
	return r->state[side] + (r->seems[side] ? ST_CLOSED + 1U : 0);
}

/* put_row - time, sender and states, flags, seq, len, ack, window, marks */
static void
put_row(FILE *f, const struct row *r, uint64_t *time, struct last last[2])
{
	const struct tcpseg *s = r->seg;
	struct last *l = &last[r->from];
	uint32_t end = s->seq + row_space(r);
	bool acks = s->flags & TH_ACK;

	fprintf(f,
	    "%" PRId64 ",%u,%u,%" PRId32 ",%" PRIu32 ",%" PRId32 ",%" PRId32
	    ",%" PRIu32,
	    (int64_t)(s->time - *time),
	    r->from | shown(r, LEFT) << 1 | shown(r, RIGHT) << 6, s->flags,
	    (int32_t)(s->seq - l->nxt), s->len,
	    acks ? (int32_t)(s->ack - l->ack) : 0, (int32_t)(r->wnd - l->wnd),
	    r->marks);
	*time = s->time;
	if (seq_gt(end, l->nxt))
		l->nxt = end;
	if (acks)
		l->ack = s->ack;
	l->wnd = r->wnd;
}

static void
put_rows(FILE *out, const struct film *f, const struct conn *c)
{
	struct last last[2] = {{0}, {0}};
	uint64_t time = c->first_at;
	bool any = false;
	uint32_t i;

	for (i = 0; i < c->rows; i++) {
		if (!choice_when(&f->choice, c->row[i]->seg->time))
			continue;
		fputs(any ? ",\n" : "", out);
		put_row(out, c->row[i], &time, last);
		any = true;
	}
}

/* ---- what few segments have */

static bool
has_more(const struct row *r)
{
	return r->seg->opt.nsack > 0 || r->why[0] != '\0' ||
	       (r->seg->flags & TH_SYN);
}

static void
put_syn(FILE *f, const struct tcp_opts *o)
{
	if (o->have_mss)
		fprintf(f, ",\"mss\":%u", o->mss);
	if (o->have_wscale)
		fprintf(f, ",\"wscale\":%u", o->wscale);
	fprintf(f, ",\"opts\":\"%s%s%s\"", o->sack_ok ? " sackOK" : "",
	    o->have_ts ? " timestamps" : "",
	    o->have_cookie ? " fast open" : "");
}

static void
put_more(FILE *f, const struct row *r, uint32_t i)
{
	const struct tcp_opts *o = &r->seg->opt;
	char why[JSON_TEXT];
	uint8_t k;

	fprintf(f, "{\"i\":%u", i);
	if (r->why[0] != '\0')
		fprintf(f, ",\"why\":%s", json_text(r->why, false, why));
	if (o->nsack > 0) {
		fprintf(f, ",\"sack\":[");
		/* from the acknowledgment on, and how many */
		for (k = 0; k < o->nsack; k++)
			fprintf(f, "%s%" PRId32 ",%" PRIu32, k > 0 ? "," : "",
			    (int32_t)(o->sack[k].start - r->seg->ack),
			    o->sack[k].end - o->sack[k].start);
		fprintf(f, "]");
	}
	if (r->seg->flags & TH_SYN)
		put_syn(f, o);
	fprintf(f, "}");
}

static void
put_mores(FILE *out, const struct film *f, const struct conn *c)
{
	uint32_t i, n = 0;
	bool any = false;

	for (i = 0; i < c->rows; i++) {
		if (!choice_when(&f->choice, c->row[i]->seg->time))
			continue;
		if (has_more(c->row[i])) {
			fputs(any ? ",\n" : "", out);
			put_more(out, c->row[i], n);
			any = true;
		}
		n++;
	}
}

/* ---- connections */

static void
put_head(FILE *out, const struct film *f, const struct conn *c)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT], how[JSON_TEXT];
	char counts[CONN_COUNTS];

	fprintf(out,
	    "\"no\":%u,\"ends\":[\"%s\",\"%s\"],\"first\":\"%" PRIu64
	    ".%09" PRIu64 "\",\"after\":%" PRId64 ",\"took\":%" PRId64 ",\n",
	    c->no, endpoint_text(&c->end[LEFT].at, a),
	    endpoint_text(&c->end[RIGHT].at, b),
	    c->first_at / UINT64_C(1000000000),
	    c->first_at % UINT64_C(1000000000),
	    (int64_t)(c->first_at - f->choice.first_at),
	    (int64_t)(c->last_at - c->first_at));
	fprintf(out,
	    "\"bytes\":[%" PRIu64 ",%" PRIu64 "],\"segments\":%u,"
	    "\"counts\":\"%s\",\"rtt\":%" PRIu64
	    ",\"ending\":%u,\"closer\":%u,\"seems\":%u,"
	    "\"how\":%s",
	    c->end[LEFT].bytes, c->end[RIGHT].bytes, conn_segments(c),
	    conn_counts(c, counts), conn_rtt(c), (unsigned)c->ending,
	    (unsigned)c->closer, c->seems, json_text(c->how, false, how));
}

static void
put_log(FILE *out, const struct film *f, const struct conn *c)
{
	if (f->log != NULL && f->log[c->no].lines > 0)
		fwrite(f->log[c->no].text, 1, f->log[c->no].n, out);
}

void
film_text(const struct film *f, const struct conn *c, struct film_text *t)
{
	static void (*const put[])(
	    FILE *, const struct film *, const struct conn *) = {
	    [FILM_HEAD] = put_head,
	    [FILM_ROWS] = put_rows,
	    [FILM_MORE] = put_mores,
	    [FILM_LOG] = put_log,
	};
	FILE *out;
	int i;

	for (i = 0; i < FILM_PARTS; i++) {
		out = open_memstream(&t->part[i], &t->n[i]);
		if (out != NULL)
			put[i](out, f, c);
		if (out == NULL || fclose(out) != 0)
			die(EXIT_NO, "keep a connection: %s", strerror(errno));
	}
}

void
film_text_free(struct film_text *t)
{
	int i;

	for (i = 0; i < FILM_PARTS; i++) {
		free(t->part[i]);
		t->part[i] = NULL;
	}
}

static void
put_conn(const struct film *f, const struct conn *c)
{
	static const char *const before[] = {
	    "{", ",\n\"rows\":[\n", "],\n\"more\":[\n", "],\n\"log\":[\n"};
	struct film_text t;
	int i;

	film_text(f, c, &t);
	for (i = 0; i < FILM_PARTS; i++) {
		fputs(before[i], stdout);
		fwrite(t.part[i], 1, t.n[i], stdout);
	}
	printf("]}");
	film_text_free(&t);
}

/* film_shows - it is one of the chosen; *n counts them */
bool
film_shows(const struct film *f, const struct conn *c, uint32_t *n)
{
	if (!choice_has(&f->choice, c) ||
	    (f->choice.limit > 0 && *n >= f->choice.limit))
		return false;
	(*n)++;
	return true;
}

void
film_data(const struct film *f, bool live)
{
	char title[JSON_TEXT];
	uint32_t i, st, n = 0;

	printf("{\"title\":%s,\"live\":%s,\"states\":[",
	    json_text(f->title != NULL ? f->title : "", true, title),
	    live ? "true" : "false");
	for (st = 0; st < 2 * (ST_CLOSED + 1); st++)
		printf("%s\"%s%s\"", st > 0 ? "," : "",
		    state_name((enum end_state)(st % (ST_CLOSED + 1))),
		    st > ST_CLOSED ? "?" : "");
	printf("],\"conns\":[\n");
	for (i = 0; i < f->conns.n; i++) {
		if (!film_shows(f, &f->conns.conn[i], &n))
			continue;
		if (n > 1)
			printf(",\n");
		put_conn(f, &f->conns.conn[i]);
	}
	printf("]}\n");
}
