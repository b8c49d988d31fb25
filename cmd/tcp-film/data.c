/*
 * data.c - what the page's scripts read: the connections, their segments, and
 * what the log tells of them, as JSON. model.js reads it; both have the same
 * order of numbers.
 *
 * A segment is FIELDS numbers in a row. Most are differences to what one
 * would expect, which are small: 5,000 segments take some 150 kB.
 */
#include <inttypes.h>
#include <stdio.h>

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
put_row(const struct row *r, uint64_t *time, struct last last[2])
{
	const struct tcpseg *s = r->seg;
	struct last *l = &last[r->from];
	uint32_t end = s->seq + row_space(r);
	bool acks = s->flags & TH_ACK;

	printf("%" PRId64 ",%u,%u,%" PRId32 ",%" PRIu32 ",%" PRId32 ",%" PRId32
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
put_rows(const struct film *f, const struct conn *c)
{
	struct last last[2] = {{0}, {0}};
	uint64_t time = c->first_at;
	bool any = false;
	uint32_t i;

	printf("\"rows\":[");
	for (i = 0; i < c->rows; i++) {
		if (!choice_when(&f->choice, c->row[i]->seg->time))
			continue;
		printf(any ? ",\n" : "\n");
		put_row(c->row[i], &time, last);
		any = true;
	}
	printf("]");
}

/* ---- what few segments have */

static bool
has_more(const struct row *r)
{
	return r->seg->opt.nsack > 0 || r->why[0] != '\0' ||
	       (r->seg->flags & TH_SYN);
}

static void
put_syn(const struct tcp_opts *o)
{
	if (o->have_mss)
		printf(",\"mss\":%u", o->mss);
	if (o->have_wscale)
		printf(",\"wscale\":%u", o->wscale);
	printf(",\"opts\":\"%s%s%s\"", o->sack_ok ? " sackOK" : "",
	    o->have_ts ? " timestamps" : "",
	    o->have_cookie ? " fast open" : "");
}

static void
put_more(const struct row *r, uint32_t i)
{
	const struct tcp_opts *o = &r->seg->opt;
	char why[JSON_TEXT];
	uint8_t k;

	printf("{\"i\":%u", i);
	if (r->why[0] != '\0')
		printf(",\"why\":%s", json_text(r->why, false, why));
	if (o->nsack > 0) {
		printf(",\"sack\":[");
		/* from the acknowledgment on, and how many */
		for (k = 0; k < o->nsack; k++)
			printf("%s%" PRId32 ",%" PRIu32, k > 0 ? "," : "",
			    (int32_t)(o->sack[k].start - r->seg->ack),
			    o->sack[k].end - o->sack[k].start);
		printf("]");
	}
	if (r->seg->flags & TH_SYN)
		put_syn(o);
	printf("}");
}

static void
put_mores(const struct film *f, const struct conn *c)
{
	uint32_t i, n = 0;
	bool any = false;

	printf(",\n\"more\":[");
	for (i = 0; i < c->rows; i++) {
		if (!choice_when(&f->choice, c->row[i]->seg->time))
			continue;
		if (has_more(c->row[i])) {
			printf(any ? ",\n" : "\n");
			put_more(c->row[i], n);
			any = true;
		}
		n++;
	}
	printf("]");
}

/* ---- connections */

static void
put_conn(const struct film *f, const struct conn *c)
{
	char a[ENDPOINT_TEXT], b[ENDPOINT_TEXT], how[JSON_TEXT];
	const struct film_log *log = f->log != NULL ? &f->log[c->no] : NULL;

	printf("{\"no\":%u,\"ends\":[\"%s\",\"%s\"],\"first\":\"%" PRIu64
	       ".%09" PRIu64 "\",\"after\":%" PRId64 ",\"took\":%" PRId64 ",\n",
	    c->no, endpoint_text(&c->end[LEFT].at, a),
	    endpoint_text(&c->end[RIGHT].at, b),
	    c->first_at / UINT64_C(1000000000),
	    c->first_at % UINT64_C(1000000000),
	    (int64_t)(c->first_at - f->choice.first_at),
	    (int64_t)(c->last_at - c->first_at));
	printf("\"bytes\":[%" PRIu64 ",%" PRIu64 "],\"again\":[%u,%u],"
	       "\"lost\":%u,\"rtt\":%" PRIu64 ",\"ending\":%u,\"closer\":%u,"
	       "\"how\":%s,\n",
	    c->end[LEFT].bytes, c->end[RIGHT].bytes, c->end[LEFT].again,
	    c->end[RIGHT].again, c->end[LEFT].lost + c->end[RIGHT].lost,
	    conn_rtt(c), (unsigned)c->ending, (unsigned)c->closer,
	    json_text(c->how, false, how));
	put_rows(f, c);
	put_mores(f, c);
	if (log != NULL && log->lines > 0) {
		printf(",\n\"log\":[\n");
		fwrite(log->text, 1, log->n, stdout);
		printf("]");
	}
	printf("}");
}

void
film_data(const struct film *f)
{
	char title[JSON_TEXT];
	uint32_t i, st, n = 0;

	printf("{\"title\":%s,\"logged\":%s,\"states\":[",
	    json_text(f->title != NULL ? f->title : "", true, title),
	    f->logged ? "true" : "false");
	for (st = 0; st < 2 * (ST_CLOSED + 1); st++)
		printf("%s\"%s%s\"", st > 0 ? "," : "",
		    state_name((enum end_state)(st % (ST_CLOSED + 1))),
		    st > ST_CLOSED ? "?" : "");
	printf("],\"conns\":[\n");
	for (i = 0; i < f->conns.n; i++) {
		if (!choice_has(&f->choice, &f->conns.conn[i]))
			continue;
		if (f->choice.limit > 0 && n == f->choice.limit)
			break;
		if (n++ > 0)
			printf(",\n");
		put_conn(f, &f->conns.conn[i]);
	}
	printf("]}\n");
}
