/*
 * text.c - segments back as text, as notation.c reads them, and what agrees
 * with what was expected.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "script/seg.h"

const struct letter letters[NLETTERS] = {{'S', F_SYN}, {'F', F_FIN},
    {'R', F_RST}, {'P', F_PSH}, {'U', F_URG}, {'E', F_ECE}, {'W', F_CWR},
    {'A', F_AE}, {'.', F_ACK}};

enum { COUNTERS = 3 }; /* the most in an AccECN option */

struct text {
	char *p;
	size_t left;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->p, t->left, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= t->left)
		n = (int)t->left - 1;
	t->p += n;
	t->left -= (size_t)n;
}

static void
add_accecn(struct text *t, const struct opt_text *o)
{
	static const char *const name[2][COUNTERS] = {
	    {"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
	unsigned i;

	add(t, "ECN");
	for (i = 0; i < o->n && i < COUNTERS; i++)
		add(t, " %s %u", name[o->kind == K_ACCECN1][i], o->v[i]);
}

static void
add_hex(struct text *t, const char *name, const struct opt_text *o)
{
	unsigned i;

	add(t, "%s", name);
	for (i = 0; i < o->n; i++)
		add(t, "%02x", o->raw[i]);
}

static void
add_opt(struct text *t, const struct opt_text *o)
{
	unsigned i;

	switch (o->kind) {
	case K_EOL:
		add(t, "eol");
		break;
	case K_NOP:
		add(t, "nop");
		break;
	case K_MSS:
		add(t, "mss %u", o->v[0]);
		break;
	case K_WSCALE:
		add(t, "wscale %u", o->v[0]);
		break;
	case K_SACK_OK:
		add(t, "sackOK");
		break;
	case K_SACK:
		add(t, "sack");
		for (i = 0; i + 1 < o->n; i += 2)
			add(t, " %d:%d", (int)o->v[i], (int)o->v[i + 1]);
		break;
	case K_TS:
		add(t, "TS val %d ecr %d", (int)o->v[0], (int)o->v[1]);
		break;
	case K_ACCECN0:
	case K_ACCECN1:
		add_accecn(t, o);
		break;
	case K_FASTOPEN:
		add_hex(t, "FO ", o);
		break;
	default:
		add_hex(t, "opt 0x", o);
	}
}

void
seg_format(const struct seg_text *s, char *buf, size_t cap)
{
	struct text t = {buf, cap};
	unsigned i;

	if (s->rport != PEER_PORT)
		add(&t, "from %u ", s->rport);
	if (s->lport != OUR_PORT)
		add(&t, "to %u ", s->lport);
	if (s->flags == 0)
		add(&t, "-");
	for (i = 0; i < NLETTERS; i++) {
		if (s->flags & letters[i].bit)
			add(&t, "%c", letters[i].letter);
	}
	add(&t, " %d:%d(%u)", (int)s->seq, (int)(s->seq + s->len), s->len);
	if (s->flags & F_ACK)
		add(&t, " ack %d", (int)s->ack);
	add(&t, " win %u", s->win);
	for (i = 0; i < s->nopts; i++) {
		add(&t, i == 0 ? " <" : ",");
		add_opt(&t, &s->opt[i]);
	}
	if (s->nopts > 0)
		add(&t, ">");
	if (s->vlan >= 0)
		add(&t, " vlan %d", s->vlan);
	if (s->tos != 0)
		add(&t, " tos %u", s->tos);
	ip_format(&s->ip, t.p, t.left);
}

/* ---- comparison ---- */

static bool
is_filler(const struct opt_text *o)
{
	return o->kind == K_NOP || o->kind == K_EOL;
}

static bool
same_opt(const struct opt_text *want, const struct opt_text *got)
{
	unsigned i;

	if (want->kind == K_FASTOPEN && want->any[0])
		return got->kind == K_FASTOPEN && got->n > 0;
	if (want->kind != got->kind || want->n != got->n ||
	    memcmp(want->raw, got->raw, sizeof(got->raw)) != 0)
		return false;
	for (i = 0; i < 8; i++) {
		uint32_t hi = i < 3 && want->hi[i] != 0 ? want->hi[i]
							: want->v[i];

		if (i < 3 && want->any[i])
			continue;
		if (got->v[i] - want->v[i] > hi - want->v[i])
			return false;
	}
	return true;
}

static unsigned
count_opts(const struct seg_text *s)
{
	unsigned i, n = 0;

	for (i = 0; i < s->nopts; i++)
		n += !is_filler(&s->opt[i]);
	return n;
}

static bool
same_opts(const struct seg_text *want, const struct seg_text *got)
{
	unsigned i, j;

	if (want->opts == OPTS_ANY)
		return true;
	if (want->opts == OPTS_OMITTED) {
		for (i = 0; i < got->nopts; i++) {
			if (got->opt[i].kind == K_SACK)
				return false;
		}
		return true;
	}
	for (i = 0; i < want->nopts; i++) {
		if (is_filler(&want->opt[i]))
			continue;
		for (j = 0; j < got->nopts; j++) {
			if (same_opt(&want->opt[i], &got->opt[j]))
				break;
		}
		if (j == got->nopts)
			return false;
	}
	return want->more_opts || count_opts(want) == count_opts(got);
}

static bool
in_span(uint32_t got, uint32_t lo, const struct span *x)
{
	return x->any || got - lo <= x->hi - lo;
}

static bool
same_numbers(const struct seg_text *w, const struct seg_text *g, int how)
{
	bool any_ack = !(w->flags & F_ACK) ||
		       (!w->has_ack && (how & SAME_LOOSE));

	return in_span(g->seq, w->seq, &w->in_seq) &&
	       in_span(g->len, w->len, &w->in_len) &&
	       (any_ack || in_span(g->ack, w->ack, &w->in_ack)) &&
	       (!w->has_win || in_span(g->win, w->win, &w->in_win));
}

static bool
same_flags(const struct seg_text *w, const struct seg_text *g, int how)
{
	unsigned free = w->any_flags;

	if ((how & SAME_LOOSE) && !(w->flags & F_PSH))
		free |= F_PSH;
	return ((w->flags ^ g->flags) & ~free) == 0;
}

bool
seg_same(const struct seg_text *w, const struct seg_text *g, int how)
{
	if (w->lport != g->lport || w->rport != g->rport ||
	    !same_flags(w, g, how) || !same_numbers(w, g, how) ||
	    w->vlan != g->vlan || !ip_same(&w->ip, &g->ip))
		return false;
	if (!(how & SAME_LOOSE))
		return w->tos == g->tos && w->urp == g->urp && same_opts(w, g);
	return (!w->has_tos || w->tos == g->tos) &&
	       (!w->urp_set || w->urp == g->urp) &&
	       (w->opts == OPTS_OMITTED || same_opts(w, g));
}
