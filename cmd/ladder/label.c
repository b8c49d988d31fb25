/*
 * label.c - a segment in words, the most important ones first: where room
 * ends, the rest is left out.
 */
#include <stdarg.h>
#include <string.h>

#include "capture/counts.h"
#include "capture/markword.h"
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

static const char *
doubt(const struct row *r, uint32_t mark)
{
	return r->marks & mark_word(mark)->doubt ? "?" : "";
}

/* one of its marks in parentheses, a question mark where it is not sure */
static bool
mark(struct words *w, const struct row *r, uint32_t m, bool brief)
{
	const struct mark_word *t = mark_word(m);

	return word(w, "(%s%s)", brief ? t->brief : t->text, doubt(r, m));
}

/* retransmitted - in words; brief: one of them */
static void
again_text(const struct row *r, bool brief, char *buf, size_t n)
{
	const char *what = brief ? mark_word(MARK_AGAIN)->brief
				 : mark_word(MARK_AGAIN)->text;
	uint32_t with = r->marks & MARK_NEEDLESS ? MARK_NEEDLESS
			: r->marks & MARK_PART	 ? MARK_PART
			: r->marks & MARK_FILLS	 ? MARK_FILLS
						 : 0;
	const struct mark_word *t = mark_word(with);

	if (with == MARK_PART)
		snprintf(buf, n, "%s %s", brief ? t->brief : t->text, what);
	else if (with == MARK_NEEDLESS && brief)
		snprintf(buf, n, "%s%s", t->brief, doubt(r, with));
	else if (with == MARK_FILLS)
		snprintf(buf, n, "%s%s, %s", what, doubt(r, MARK_AGAIN),
		    brief ? t->brief : t->text);
	else if (with != 0)
		snprintf(buf, n, "%s, %s%s", what, t->text, doubt(r, with));
	else
		snprintf(buf, n, "%s%s", what, doubt(r, MARK_AGAIN));
}

/* retransmitted - and the log's word, why */
static bool
retransmitted(struct words *w, const struct row *r, bool brief)
{
	char text[64];

	again_text(r, brief, text, sizeof(text));
	if (r->why[0] == '\0')
		return word(w, "(%s)", text);
	return word(w, "(%s: %s)", text, r->why) ||
	       (brief && word(w, "(%s)", text));
}

/* what it is, beside its flags and numbers; false: it found no room */
static bool
marks(struct words *w, const struct row *r, bool brief)
{
	static const uint32_t shown[] = {MARK_TWICE, MARK_PROBE, MARK_KEEPALIVE,
	    MARK_ALIVE, MARK_OUTSIDE, MARK_UNSENT, MARK_BADSUM, MARK_OTHER,
	    MARK_LATE, MARK_GAP, MARK_NO_ANSWER, MARK_ANSWERS, MARK_PARTLY};
	bool all = true;
	size_t i;

	if (r->marks & MARK_ELSEWHERE)
		return mark(w, r, MARK_ELSEWHERE, brief);
	if (r->marks & MARK_DOUBLED)
		return mark(w, r, MARK_DOUBLED, brief);
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if ((r->marks & shown[i]) &&
		    !(shown[i] == MARK_BADSUM && (r->marks & MARK_VOID)))
			all &= mark(w, r, shown[i], brief);
	if (r->marks & MARK_AGAIN)
		all &= retransmitted(w, r, brief);
	else if (r->why[0] != '\0')
		all &= word(w, "(not taken: %s)", r->why);
	/* the arrow shows what is surely lost */
	if ((r->marks & MARK_LOST) && (r->marks & MARK_MAYBE))
		all &= mark(w, r, MARK_LOST, brief);
	return all;
}

/* what it acknowledges */
static bool
acknowledges(struct words *w, const struct row *r, bool brief)
{
	bool all = true;
	uint8_t i;

	if (!(r->seg->flags & TH_ACK))
		return true;
	if (brief && (r->marks & MARK_DUPACK))
		word(w, "%s", mark_word(MARK_DUPACK)->brief);
	all &= word(w, "ack %u", r->seg->ack);
	if (!brief && (r->marks & MARK_DUPACK))
		all &= mark(w, r, MARK_DUPACK, brief);
	if (r->marks & MARK_UNSEEN)
		all &= mark(w, r, MARK_UNSEEN, brief);
	for (i = 0; i < r->seg->opt.nsack; i++)
		all &= word(w, "sack %u:%u", r->seg->opt.sack[i].start,
		    r->seg->opt.sack[i].end);
	return all;
}

static bool
window(struct words *w, const struct row *r)
{
	uint32_t m = r->marks & MARK_ZERO ? MARK_ZERO : MARK_UPDATE;
	const char *scale = r->marks & MARK_UNSCALED ? " * ?" : "";

	if (r->marks & m)
		return word(w, "win %u%s (%s)", r->wnd, scale,
			   mark_word(m)->text) ||
		       word(w, "win %u%s", r->wnd, scale);
	word(w, "win %u%s", r->wnd, scale);
	return true; /* it may be missing */
}

/* in - all of it in words; false: not all found room */
static bool
in(struct words *w, const struct row *r, bool brief)
{
	uint16_t flags = r->seg->flags;
	bool all = true;

	w->len = 0;
	w->buf[0] = '\0';
	if (flags & TH_RST)
		word(w, "RST");
	if (flags & TH_SYN)
		word(w, flags & TH_ACK ? "SYN-ACK" : "SYN");
	if (flags & TH_FIN)
		word(w, "FIN");
	if (flags & TH_URG)
		word(w, "URG");
	if (r->marks & MARK_VOID) /* its numbers may be wrong */
		all &= mark(w, r, MARK_BADSUM, brief);
	if (r->seg->len > 0)
		word(w, "%u:%u", r->seg->seq, r->seg->seq + r->seg->len);
	else if (flags & (TH_SYN | TH_FIN | TH_RST))
		word(w, "%u", r->seg->seq);
	all &= marks(w, r, brief);
	/* beside data it may be missing, but not what the capture lacks */
	all &= acknowledges(w, r, brief) ||
	       (r->seg->len > 0 && !(r->marks & MARK_UNSEEN));
	if (flags & TH_AE)
		word(w, "ae");
	if (flags & TH_ECE)
		word(w, "ece");
	if (flags & TH_CWR)
		word(w, "cwr");
	accecn(w, &r->seg->opt.acc);
	if (flags & TH_SYN)
		options(w, &r->seg->opt);
	if (!(flags & TH_RST))
		all &= window(w, r) || r->seg->len > 0;
	return all;
}

/* is_doubted - that it was lost; without that word it would be drawn as sure */
static bool
is_doubted(const struct row *r, const char *label)
{
	return (r->marks & MARK_LOST) && (r->marks & MARK_MAYBE) &&
	       strstr(label, "lost?") == NULL;
}

char *
label_row(const struct row *r, char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	struct row bare = *r;

	if (!in(&w, r, false))
		in(&w, r, true);
	bare.marks &= MARK_LOST | MARK_MAYBE;
	bare.why[0] = '\0';
	if (is_doubted(r, buf))
		in(&w, &bare, true);
	return buf;
}

/* quiet - what one end has sent in this many rows, with its arrow; false: it
   found no room */
static bool
quiet(struct words *w, const struct conn *c, uint32_t first, uint32_t count,
    enum conn_side from)
{
	const char *to = from == LEFT ? " ->" : " <-";
	uint64_t bytes = 0;
	uint32_t acks = 0, i;
	const struct row *r;

	for (i = first; i < first + count; i++) {
		r = c->row[i];
		bytes += r->from == from ? r->seg->len : 0;
		acks += r->from == from && r->seg->len == 0;
	}
	if (bytes > 0 && !word(w, "%llu bytes%s", (unsigned long long)bytes,
			     acks > 0 ? "," : to))
		return false;
	return acks == 0 ||
	       word(w, acks == 1 ? "%u ACK%s" : "%u ACKs%s", acks, to);
}

bool
label_quiet(const struct conn *c, uint32_t first, uint32_t count, uint32_t ends,
    char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	bool all = true;

	buf[0] = '\0';
	if (ends == 0 || ends == BOTH_ENDS)
		all = word(&w, "%u more:", count);
	if (ends & 1 << LEFT)
		all &= quiet(&w, c, first, count, LEFT);
	if (ends & 1 << RIGHT)
		all &= quiet(&w, c, first, count, RIGHT);
	return all;
}

char *
label_state(const struct row *prev, const struct row *r, enum conn_side side,
    char buf[STATE_TEXT])
{
	bool same = prev != NULL && prev->state[side] == r->state[side] &&
		    prev->seems[side] == r->seems[side];

	snprintf(buf, STATE_TEXT, "%s%s",
	    same ? "" : state_name(r->state[side]),
	    !same && r->seems[side] ? "?" : "");
	return buf;
}

static const char *
who(const struct conn *c)
{
	if (c->closer == LEFT)
		return c->seems ? "the client?" : "the client";
	return c->seems ? "the server?" : "the server";
}

static void
ending(struct words *w, const struct conn *c)
{
	/* what only the log knows: it was never sent to the other end */
	if (strcmp(c->how, "timeout") == 0 || strcmp(c->how, "abort") == 0) {
		word(w, "ended by %s", c->how);
		return;
	}
	switch (c->ending) {
	case END_OPEN:
		word(w, "still open");
		break;
	case END_FIN:
		word(w, "closed by %s", who(c));
		break;
	case END_HALF:
		word(w, "half-closed by %s", who(c));
		break;
	case END_RESET:
		word(w, "reset by %s", who(c));
		break;
	case END_REFUSED:
		word(w, "refused by %s", who(c));
		break;
	case END_NO_ANSWER:
		word(w, "not answered");
		break;
	}
}

char *
label_title(const struct conn *c, char *buf, size_t n)
{
	struct words w = {.buf = buf, .n = n};
	uint32_t segments = conn_segments(c);

	buf[0] = '\0';
	word(&w, segments == 1 ? "%u segment" : "%u segments", segments);
	word(&w, "in %.6f s,", (double)(c->last_at - c->first_at) / 1e9);
	ending(&w, c);
	return buf;
}

char *
label_counts(const struct conn *c, char buf[COUNTS_TEXT])
{
	char counts[CONN_COUNTS];

	snprintf(buf, COUNTS_TEXT, "%s", conn_counts(c, counts));
	if (counts[0] != '\0')
		snprintf(buf, COUNTS_TEXT, "(%s)", counts);
	return buf;
}

size_t
label_break(const char *s, size_t room)
{
	size_t n = strlen(s), i;

	if (n <= room)
		return n;
	for (i = room; i > 0 && s[i - 1] != ','; i--)
		;
	return i > 0 ? i : room;
}
