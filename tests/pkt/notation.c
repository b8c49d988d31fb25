/*
 * notation.c - segments as text, after packetdrill:
 *
 *	S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS val 100 ecr 0>
 *
 * Flags: S F R P U, E (ECE), W (CWR), A (AE), "." for ACK; a digit from 0 to
 * 7 is the ACE field, AE CWR ECE as one number. AccECN options are "ECN e0b N
 * ceb N e1b N" or "ECN e1b N ceb N e0b N", cut short at will; a Fast Open
 * option is "FO" alone, "FO HEX", or "FO *" for whatever cookie, and in
 * what the peer sends for the one that it was given last.
 *
 * Options of an expected segment: left out, all but SACK is ignored; <...>,
 * any; else those listed must be there, NOP and EOL apart, and no others.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

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
		if (**t >= '0' && **t <= '7') {
			*flags |= (unsigned)(**t - '0') << 6;
			continue;
		}
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

/* parse_accecn - counters in the order that tells the kind; "*": any value */
static int
parse_accecn(const char **t, struct opt *o)
{
	static const char *const name[2][3] = {
	    {"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
	int bad = 0, order;

	skip_space(t);
	order = strncmp(*t, "e1b", 3) == 0;
	o->kind = order == 1 ? K_ACCECN1 : K_ACCECN0;
	for (; o->n < 3 && take(t, name[order][o->n]); o->n++)
		ts_number(t, o, (int)o->n, &bad);
	return bad ? -1 : 0;
}

static int
parse_cookie(const char **t, struct opt *o)
{
	o->kind = K_FASTOPEN;
	if (take(t, "*")) {
		o->any[0] = true;
		return 0;
	}
	return parse_raw(t, o);
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
	} else if (take(t, "ECN")) {
		return parse_accecn(t, o);
	} else if (take(t, "FO")) {
		return parse_cookie(t, o);
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
