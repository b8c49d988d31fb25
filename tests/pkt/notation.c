/*
 * notation.c - segments as text, after packetdrill:
 *
 *	S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS val 100 ecr 0>
 *
 * Options of an expected segment: left out, all but SACK is ignored; <...>,
 * any; else those listed must be there, NOP and EOL apart, and no others.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

static const struct {
	char letter;
	unsigned bit;
} letters[] = {{'S', F_SYN}, {'F', F_FIN}, {'R', F_RST}, {'P', F_PSH},
    {'U', F_URG}, {'E', F_ECE}, {'W', F_CWR}, {'.', F_ACK}};

enum { NLETTERS = sizeof(letters) / sizeof(letters[0]) };

void
segment_init(struct segment *s)
{
	memset(s, 0, sizeof(*s));
	s->lport = OUR_PORT;
	s->rport = PEER_PORT;
	s->doff = s->trunc = s->pad = s->vlan = s->iplen = -1;
}

static void
skip_space(const char **t)
{
	while (**t == ' ' || **t == '\t')
		(*t)++;
}

/* take - the word w comes next: eat it */
static bool
take(const char **t, const char *w)
{
	size_t n = strlen(w);

	skip_space(t);
	if (strncmp(*t, w, n) != 0)
		return false;
	if (isalnum((unsigned char)w[n - 1]) && isalnum((unsigned char)(*t)[n]))
		return false;
	*t += n;
	return true;
}

uint32_t
parse_u32(const char **t, int *bad)
{
	char *end;
	long long v;

	skip_space(t);
	v = strtoll(*t, &end, 0);
	if (end == *t)
		*bad = 1;
	*t = end;
	return (uint32_t)v;
}

/* one_time - seconds with a fraction, as ns */
static int
one_time(const char **t, uint64_t *ns)
{
	uint64_t v = 0, place = 1000000000;
	const char *p = *t;

	for (; isdigit((unsigned char)*p); p++)
		v = v * 10 + (uint64_t)(*p - '0');
	v *= 1000000000;
	if (*p == '.') {
		for (p++; isdigit((unsigned char)*p); p++)
			v += (uint64_t)(*p - '0') * (place /= 10);
	}
	if (p == *t)
		return -1;
	*t = p;
	*ns = v;
	return 0;
}

int
parse_when(const char **t, struct when *w)
{
	memset(w, 0, sizeof(*w));
	skip_space(t);
	if (**t == '*') {
		(*t)++;
		w->any = true;
		return 0;
	}
	if (**t == '+') {
		w->relative = true;
		(*t)++;
	}
	if (one_time(t, &w->lo) != 0)
		return -1;
	w->hi = w->lo;
	if (**t != '~')
		return 0;
	(*t)++;
	if (**t == '+')
		(*t)++;
	return one_time(t, &w->hi);
}

static int
parse_flags(const char **t, unsigned *flags)
{
	int i;

	skip_space(t);
	*flags = 0;
	if (take(t, "-"))
		return 0;
	for (; **t != ' ' && **t != '\0'; (*t)++) {
		for (i = 0; i < NLETTERS && letters[i].letter != **t; i++)
			;
		if (i == NLETTERS)
			return -1;
		*flags |= letters[i].bit;
	}
	return 0;
}

static void
ts_number(const char **t, struct opt *o, int i, int *bad)
{
	skip_space(t);
	if (**t == '*') {
		(*t)++;
		o->any[i] = true;
	} else {
		o->v[i] = parse_u32(t, bad);
	}
}

static int
parse_raw(const char **t, struct opt *o)
{
	char digits[3] = "";

	skip_space(t);
	if (strncmp(*t, "0x", 2) == 0)
		*t += 2;
	for (; isxdigit((unsigned char)**t); *t += 2) {
		if (!isxdigit((unsigned char)(*t)[1]) || o->n == 40)
			return -1;
		memcpy(digits, *t, 2);
		o->raw[o->n++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return 0;
}

static int
parse_opt(const char **t, struct opt *o)
{
	int bad = 0;

	memset(o, 0, sizeof(*o));
	if (take(t, "mss")) {
		o->kind = K_MSS;
		o->v[0] = parse_u32(t, &bad);
	} else if (take(t, "sackOK")) {
		o->kind = K_SACK_OK;
	} else if (take(t, "wscale")) {
		o->kind = K_WSCALE;
		o->v[0] = parse_u32(t, &bad);
	} else if (take(t, "nop")) {
		o->kind = K_NOP;
	} else if (take(t, "eol")) {
		o->kind = K_EOL;
	} else if (take(t, "TS val")) {
		o->kind = K_TS;
		ts_number(t, o, 0, &bad);
		if (!take(t, "ecr"))
			return -1;
		ts_number(t, o, 1, &bad);
	} else if (take(t, "sack")) {
		o->kind = K_SACK;
		for (skip_space(t); o->n < 8 && **t != ',' && **t != '>';
		     skip_space(t)) {
			o->v[o->n++] = parse_u32(t, &bad);
			if (!take(t, ":"))
				return -1;
			o->v[o->n++] = parse_u32(t, &bad);
		}
	} else if (take(t, "opt")) {
		o->kind = K_RAW;
		return parse_raw(t, o);
	} else {
		return -1;
	}
	return bad ? -1 : 0;
}

static int
parse_opts(const char **t, struct segment *s)
{
	if (take(t, "...>")) {
		s->opts = OPTS_ANY;
		return 0;
	}
	s->opts = OPTS_LIST;
	if (take(t, ">"))
		return 0;
	do {
		if (s->nopts == MAX_OPTS ||
		    parse_opt(t, &s->opt[s->nopts++]) != 0)
			return -1;
	} while (take(t, ","));
	return take(t, ">") ? 0 : -1;
}

static int
number(const char **t)
{
	int bad = 0, v = (int)parse_u32(t, &bad);

	return bad ? -1 : v;
}

static int
address(const char **t, char *buf)
{
	size_t n;

	skip_space(t);
	n = strcspn(*t, " \t");
	if (n > 47)
		return -1;
	memcpy(buf, *t, n);
	buf[n] = '\0';
	*t += n;
	return 0;
}

/* parse_extra - the words behind the options */
static int
parse_extra(const char **t, struct segment *s)
{
	if (take(t, "badsum"))
		s->badsum = true;
	else if (take(t, "badipsum"))
		s->badipsum = true;
	else if (take(t, "frag"))
		s->frag = true;
	else if (take(t, "ipopt"))
		s->ipopt = true;
	else if (take(t, "group"))
		s->to_group = true;
	else if (take(t, "doff"))
		s->doff = number(t);
	else if (take(t, "trunc"))
		s->trunc = number(t);
	else if (take(t, "pad"))
		s->pad = number(t);
	else if (take(t, "iplen"))
		s->iplen = number(t);
	else if (take(t, "tos"))
		s->tos = (uint8_t)number(t);
	else if (take(t, "vlan"))
		s->vlan = number(t);
	else if (take(t, "urg"))
		s->urp = (uint16_t)number(t);
	else if (take(t, "src"))
		return address(t, s->src);
	else if (take(t, "dst"))
		return address(t, s->dst);
	else
		return -1;
	return 0;
}

static int
parse_numbers(const char **t, struct segment *s)
{
	int bad = 0;
	uint32_t end;

	s->seq = parse_u32(t, &bad);
	if (!take(t, ":"))
		return -1;
	end = parse_u32(t, &bad);
	if (!take(t, "("))
		return -1;
	s->len = parse_u32(t, &bad);
	if (!take(t, ")") || end - s->seq != s->len)
		return -1;
	if (take(t, "ack"))
		s->ack = parse_u32(t, &bad);
	if (take(t, "win")) {
		s->has_win = true;
		s->win = (uint16_t)parse_u32(t, &bad);
	}
	return bad ? -1 : 0;
}

int
parse_segment(const char *t, struct segment *s, const char **why)
{
	segment_init(s);
	*why = "ports";
	if (take(&t, "from"))
		s->rport = (uint16_t)number(&t);
	if (take(&t, "to"))
		s->lport = (uint16_t)number(&t);
	*why = "flags";
	if (parse_flags(&t, &s->flags) != 0)
		return -1;
	*why = "numbers: want SEQ:END(LEN) [ack N] [win N]";
	if (parse_numbers(&t, s) != 0)
		return -1;
	*why = "options";
	if (take(&t, "<") && parse_opts(&t, s) != 0)
		return -1;
	*why = "a word behind the options";
	for (skip_space(&t); *t != '\0'; skip_space(&t)) {
		if (parse_extra(&t, s) != 0)
			return -1;
	}
	return 0;
}

/* ---- as text ---- */

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
add_opt(struct text *t, const struct opt *o)
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
	default:
		add(t, "opt 0x");
		for (i = 0; i < o->n; i++)
			add(t, "%02x", o->raw[i]);
	}
}

void
format_segment(const struct segment *s, char *buf, size_t cap)
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
}

/* ---- comparison ---- */

static bool
is_filler(const struct opt *o)
{
	return o->kind == K_NOP || o->kind == K_EOL;
}

static bool
same_opt(const struct opt *want, const struct opt *got)
{
	unsigned i;

	if (want->kind != got->kind || want->n != got->n ||
	    memcmp(want->raw, got->raw, sizeof(got->raw)) != 0)
		return false;
	for (i = 0; i < 8; i++) {
		if (i < 2 && want->any[i])
			continue;
		if (want->v[i] != got->v[i])
			return false;
	}
	return true;
}

static unsigned
count_opts(const struct segment *s)
{
	unsigned i, n = 0;

	for (i = 0; i < s->nopts; i++)
		n += !is_filler(&s->opt[i]);
	return n;
}

static bool
same_opts(const struct segment *want, const struct segment *got)
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
	return count_opts(want) == count_opts(got);
}

bool
same_segment(const struct segment *w, const struct segment *g)
{
	return w->lport == g->lport && w->rport == g->rport &&
	       w->flags == g->flags && w->seq == g->seq && w->len == g->len &&
	       (!(w->flags & F_ACK) || w->ack == g->ack) &&
	       (!w->has_win || w->win == g->win) && w->vlan == g->vlan &&
	       w->tos == g->tos && w->urp == g->urp && same_opts(w, g);
}
