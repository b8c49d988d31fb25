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
 * any; else those listed must be there, NOP and EOL apart, and no others but
 * where the list ends in "...".
 *
 * What is expected may be a pattern: "*" for a number or the value of mss,
 * wscale and TS, "5..9" for one from 5 to 9; of the flags, a letter with "?"
 * may be there, "*" allows any others.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/seg.h"

enum { PAD_MAX = 2000 }; /* with 65535 bytes of data within MAX_FRAME */

void
seg_init(struct seg_text *s)
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
when_parse(const char **t, struct when *w)
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

static unsigned
flag_bit(char c)
{
	int i;

	for (i = 0; i < NLETTERS; i++) {
		if (letters[i].letter == c)
			return letters[i].bit;
	}
	return 0;
}

static int
parse_flags(const char **t, struct seg_text *s)
{
	unsigned bit;

	skip_space(t);
	if (take(t, "-"))
		return 0;
	for (; **t != ' ' && **t != '\t' && **t != '\0'; (*t)++) {
		bit = flag_bit(**t);
		if (**t == '*') {
			s->any_flags = F_ALL & ~s->flags;
		} else if (**t >= '0' && **t <= '7') {
			s->flags |= (unsigned)(**t - '0') << 6;
		} else if (bit == 0) {
			return -1;
		} else if ((*t)[1] == '?') {
			s->any_flags |= bit;
			(*t)++;
		} else {
			s->flags |= bit;
		}
	}
	return 0;
}

static void
opt_number(const char **t, struct opt_text *o, int i, int *bad)
{
	skip_space(t);
	if (**t == '*') {
		(*t)++;
		o->any[i] = true;
	} else {
		o->v[i] = parse_u32(t, bad);
		o->hi[i] = take(t, "..") ? parse_u32(t, bad) : o->v[i];
	}
}

static int
parse_raw(const char **t, struct opt_text *o)
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

/* parse_accecn - counters in the order that shows the kind; "*": any value */
static int
parse_accecn(const char **t, struct opt_text *o)
{
	static const char *const name[2][3] = {
	    {"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
	int bad = 0, order;

	skip_space(t);
	order = strncmp(*t, "e1b", 3) == 0;
	o->kind = order == 1 ? K_ACCECN1 : K_ACCECN0;
	for (; o->n < 3 && take(t, name[order][o->n]); o->n++)
		opt_number(t, o, (int)o->n, &bad);
	return bad ? -1 : 0;
}

static int
parse_cookie(const char **t, struct opt_text *o)
{
	o->kind = K_FASTOPEN;
	if (take(t, "*")) {
		o->any[0] = true;
		return 0;
	}
	return parse_raw(t, o);
}

static int
parse_opt(const char **t, struct opt_text *o)
{
	int bad = 0;

	memset(o, 0, sizeof(*o));
	if (take(t, "mss")) {
		o->kind = K_MSS;
		opt_number(t, o, 0, &bad);
	} else if (take(t, "sackOK")) {
		o->kind = K_SACK_OK;
	} else if (take(t, "wscale")) {
		o->kind = K_WSCALE;
		opt_number(t, o, 0, &bad);
	} else if (take(t, "nop")) {
		o->kind = K_NOP;
	} else if (take(t, "eol")) {
		o->kind = K_EOL;
	} else if (take(t, "TS val")) {
		o->kind = K_TS;
		opt_number(t, o, 0, &bad);
		if (!take(t, "ecr"))
			return -1;
		opt_number(t, o, 1, &bad);
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
parse_opts(const char **t, struct seg_text *s)
{
	if (take(t, "...>")) {
		s->opts = OPTS_ANY;
		return 0;
	}
	s->opts = OPTS_LIST;
	if (take(t, ">"))
		return 0;
	do {
		if (take(t, "...")) {
			s->more_opts = true;
			break;
		}
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
parse_extra(const char **t, struct seg_text *s)
{
	if (take(t, "badsum"))
		s->badsum = true;
	else if (take(t, "badipsum"))
		s->badipsum = true;
	else if (take(t, "frag"))
		s->frag = true;
	else if (take(t, "group"))
		s->to_group = true;
	else if (take(t, "doff"))
		s->doff = number(t);
	else if (take(t, "trunc"))
		s->trunc = number(t);
	else if (take(t, "pad"))
		return (s->pad = number(t)) > PAD_MAX ? -1 : 0;
	else if (take(t, "iplen"))
		s->iplen = number(t);
	else if (take(t, "tos"))
		s->tos = (uint8_t)number(t), s->has_tos = true;
	else if (take(t, "vlan"))
		s->vlan = number(t);
	else if (take(t, "urg"))
		s->urp = (uint16_t)number(t), s->urp_set = true;
	else if (take(t, "src"))
		return address(t, s->src);
	else if (take(t, "dst"))
		return address(t, s->dst);
	else
		return ip_word(t, &s->ip) > 0 ? 0 : -1;
	return 0;
}

/* span - "5", "5..9" or "*" */
static uint32_t
parse_span(const char **t, struct span *x, int *bad)
{
	uint32_t v;

	if (take(t, "*")) {
		x->any = true;
		return 0;
	}
	v = parse_u32(t, bad);
	x->hi = take(t, "..") ? parse_u32(t, bad) : v;
	return v;
}

static bool
is_one(const struct span *x, uint32_t v)
{
	return !x->any && x->hi == v;
}

static int
parse_numbers(const char **t, struct seg_text *s, const char **why)
{
	struct span x = {0};
	int bad = 0;
	uint32_t end;

	s->seq = parse_span(t, &s->in_seq, &bad);
	if (!take(t, ":"))
		return -1;
	end = parse_span(t, &x, &bad);
	if (!take(t, "("))
		return -1;
	s->len = parse_span(t, &s->in_len, &bad);
	if (!take(t, ")"))
		return -1;
	*why = "a segment has at most 65535 bytes";
	if (s->len > UINT16_MAX)
		return -1;
	*why = "numbers: END is not SEQ + LEN";
	if (is_one(&x, end) && is_one(&s->in_seq, s->seq) &&
	    is_one(&s->in_len, s->len) && end - s->seq != s->len)
		return -1;
	*why = "numbers: want SEQ:END(LEN) [ack N] [win N]";
	s->has_ack = take(t, "ack");
	if (s->has_ack)
		s->ack = parse_span(t, &s->in_ack, &bad);
	if (take(t, "win")) {
		s->has_win = true;
		s->win = (uint16_t)parse_span(t, &s->in_win, &bad);
		*why = "a window is at most 65535";
		if (!s->in_win.any && s->in_win.hi > UINT16_MAX)
			return -1;
		*why = "numbers: want SEQ:END(LEN) [ack N] [win N]";
	}
	return bad ? -1 : 0;
}

/* parse_ports - "from N", "to N" */
static void
parse_ports(const char **t, struct seg_text *s)
{
	if (take(t, "from"))
		s->rport = (uint16_t)number(t);
	if (take(t, "to"))
		s->lport = (uint16_t)number(t);
}

int
seg_parse(
    const char *text, struct seg_text *s, const char **why, const char **at)
{
	const char *t = text, *p;

	seg_init(s);
	if (at == NULL)
		at = &p;
	*at = t;
	parse_ports(&t, s);
	*why = "flags";
	if (parse_flags(&t, s) != 0)
		return -1;
	*at = t;
	*why = "numbers: want SEQ:END(LEN) [ack N] [win N]";
	if (parse_numbers(&t, s, why) != 0)
		return -1;
	*at = t;
	*why = "options";
	if (take(&t, "<") && parse_opts(&t, s) != 0)
		return -1;
	*why = "a word behind the options";
	for (skip_space(&t); *t != '\0'; skip_space(&t)) {
		*at = t;
		if (parse_extra(&t, s) != 0)
			return -1;
	}
	return 0;
}

static bool
is_pattern(const struct opt_text *o)
{
	if (o->kind == K_SACK || o->kind == K_FASTOPEN)
		return false;
	return o->any[0] || o->any[1] ||
	       (o->kind < K_RAW && (o->hi[0] > o->v[0] || o->hi[1] > o->v[1]));
}

bool
seg_is_pattern(const struct seg_text *s)
{
	unsigned i;

	for (i = 0; i < s->nopts; i++) {
		if (is_pattern(&s->opt[i]))
			return true;
	}
	return ip_is_pattern(&s->ip) || s->any_flags != 0 ||
	       s->opts == OPTS_ANY || s->more_opts ||
	       !is_one(&s->in_seq, s->seq) || !is_one(&s->in_len, s->len) ||
	       !is_one(&s->in_ack, s->ack) || !is_one(&s->in_win, s->win);
}
