/*
 * label.c - a segment in words, the most important ones first: where room
 * ends, the rest is left out.
 */
#include <stdarg.h>
#include <string.h>

#include "ladder.h"

struct words {
	char *buf;
	size_t n, len;
};

/* one word more, if the whole of it fits */
static bool __attribute__((format(printf, 2, 3)))
word(struct words *w, const char *fmt, ...)
{
	size_t start = w->len, gap = start > 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || start + gap + (size_t)n + 1 > w->n)
		return false;
	if (gap)
		w->buf[start] = ' ';
	va_start(ap, fmt);
	vsnprintf(w->buf + start + gap, w->n - start - gap, fmt, ap);
	va_end(ap);
	w->len = start + gap + (size_t)n;
	return true;
}

static void
options(struct words *w, const struct tcp_opts *o)
{
	if (o->have_mss)
		word(w, "mss %u", o->mss);
	if (o->have_wscale)
		word(w, "wscale %u", o->wscale);
	if (o->sack_ok)
		word(w, "sackOK");
	if (o->have_cookie)
		word(w, o->cookie_len > 0 ? "cookie" : "cookie?");
}

/* accecn - the counters of an AccECN option, in their order: RFC 9768 3.2.3 */
static void
accecn(struct words *w, const struct accecn_opt *a)
{
	static const char *const name[2][3] = {
	    {"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
	uint8_t i;

	for (i = 0; a->have && i < a->n; i++)
		word(w, "%s %u", name[a->order][i], a->field[i]);
}

char *
label_row(const struct row *r, char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	uint8_t i;

	buf[0] = '\0';
	if (r->seg->flags & TH_RST)
		word(&w, "RST");
	if (r->seg->flags & TH_SYN)
		word(&w, r->seg->flags & TH_ACK ? "SYN-ACK" : "SYN");
	if (r->seg->flags & TH_FIN)
		word(&w, "FIN");
	if (r->seg->flags & TH_URG)
		word(&w, "URG");
	if (r->seg->len > 0)
		word(&w, "%u:%u", r->seg->seq, r->seg->seq + r->seg->len);
	else if (r->seg->flags & (TH_SYN | TH_FIN | TH_RST))
		word(&w, "%u", r->seg->seq);
	if (r->probe)
		word(&w, "(probe)");
	else if (r->again &&
		 (r->why[0] == '\0' || !word(&w, "(again: %s)", r->why)))
		word(&w, "(again)");
	if (!r->again && r->why[0] != '\0')
		word(&w, "(not taken: %s)", r->why);
	if (r->seg->flags & TH_ACK)
		word(&w, "ack %u", r->seg->ack);
	for (i = 0; i < r->seg->opt.nsack; i++)
		word(&w, "sack %u:%u", r->seg->opt.sack[i].start,
		    r->seg->opt.sack[i].end);
	if (r->seg->flags & TH_AE)
		word(&w, "ae");
	if (r->seg->flags & TH_ECE)
		word(&w, "ece");
	if (r->seg->flags & TH_CWR)
		word(&w, "cwr");
	accecn(&w, &r->seg->opt.acc);
	if (r->seg->flags & TH_SYN)
		options(&w, &r->seg->opt);
	if (!(r->seg->flags & TH_RST))
		word(&w, "win %u", r->wnd);
	return buf;
}

char *
label_quiet(
    const struct conn *c, uint32_t first, uint32_t count, char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	uint32_t data[2] = {0, 0}, acks = 0, i;
	uint64_t bytes[2] = {0, 0};
	const struct row *r;

	buf[0] = '\0';
	for (i = first; i < first + count; i++) {
		r = c->row[i];
		data[r->from] += r->seg->len > 0;
		bytes[r->from] += r->seg->len;
		acks += r->seg->len == 0;
	}
	word(&w, "%u more:", count);
	for (i = 0; i < 2; i++)
		if (data[i] > 0)
			word(&w, i == LEFT ? "%llu bytes ->" : "%llu bytes <-",
			    (unsigned long long)bytes[i]);
	if (acks > 0)
		word(&w, acks == 1 ? "%u ACK" : "%u ACKs", acks);
	return buf;
}

char *
label_title(const struct conn *c, char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	uint32_t lost = 0, again = 0, i;

	buf[0] = '\0';
	for (i = 0; i < c->rows; i++) {
		lost += c->row[i]->lost;
		again += c->row[i]->again;
	}
	word(&w, c->rows == 1 ? "%u segment" : "%u segments", c->rows);
	if (lost + again > 0)
		word(&w, "(%u lost, %u sent again)", lost, again);
	word(&w, "in %.6f s",
	    (double)(c->row[c->rows - 1]->seg->time - c->row[0]->seg->time) /
		1e9);
	if (c->how[0] != '\0')
		word(&w, "ended by %s", c->how);
	return buf;
}
