/*
 * step.c - a line of a script as a step, see step.h.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/parse.h"

#include "step.h"

struct words {
	const struct vars *vars;
	const char *p; /* the rest of the line */
	struct step *s;
};

static bool
wrong(struct words *w, const char *at, const char *why)
{
	w->s->why = why;
	w->s->at = at;
	return false;
}

static void
skip_space(struct words *w)
{
	w->p += strspn(w->p, " \t");
}

/* eat - these words come next */
static bool
eat(struct words *w, const char *words)
{
	size_t n = strlen(words);
	char last = words[n - 1];

	skip_space(w);
	if (strncmp(w->p, words, n) != 0 ||
	    (isalnum((unsigned char)last) && isalnum((unsigned char)w->p[n])))
		return false;
	w->p += n;
	return true;
}

/* one_word - the next, expanded */
static bool
one_word(struct words *w, char *out, size_t cap)
{
	char raw[200];
	const char *why, *at, *start;
	size_t n;

	skip_space(w);
	start = w->p;
	n = strcspn(start, " \t");
	if (n == 0 || n >= sizeof(raw))
		return wrong(w, start, "a word is missing");
	memcpy(raw, start, n);
	raw[n] = '\0';
	why = vars_expand(w->vars, raw, out, NULL, cap, &at);
	if (why != NULL)
		return wrong(w, start + (at - raw), why);
	w->p += n;
	return true;
}

static bool
duration(struct words *w)
{
	char text[64];
	const char *at;

	skip_space(w);
	at = w->p;
	if (!one_word(w, text, sizeof(text)))
		return false;
	if (parse_time(text, &w->s->time) != 0)
		return wrong(w, at, "not a time: 0.2, 200ms");
	return true;
}

static bool
count(struct words *w)
{
	char text[64], *end;
	const char *at;

	skip_space(w);
	at = w->p;
	if (!one_word(w, text, sizeof(text)))
		return false;
	w->s->number = strtoll(text, &end, 0);
	if (*end != '\0' || end == text || w->s->number < 0)
		return wrong(w, at, "not a number");
	return true;
}

/* ---- segments ---- */

/* payload - "TEXT" with \r \n \t \0 \" \\ in it, or the word request */
static bool
payload(struct words *w, const char *p)
{
	static const char escape[] = "rnt0", means[] = "\r\n\t\0";
	struct step *s = w->s;
	const char *start = p, *e;

	p += strspn(p, " \t");
	s->request = strcmp(p, "request") == 0;
	if (s->request)
		return true;
	if (*p++ != '"')
		return wrong(w, start, "want payload \"TEXT\" or request");
	for (; *p != '"'; p++) {
		if (*p == '\0' || s->npayload == STEP_PAYLOAD)
			return wrong(w, start, "no end of the text");
		e = NULL;
		if (*p == '\\' && p[1] != '\0')
			e = strchr(escape, *++p);
		s->payload[s->npayload++] =
		    (uint8_t)(e != NULL ? means[e - escape] : *p);
	}
	return p[1] == '\0' || wrong(w, p, "want nothing behind the text");
}

/* expand - the rest of the line, up to a payload, into s->text */
static bool
expand(struct words *w, uint16_t *from)
{
	const char *why, *at, *end = strstr(w->p, " payload ");
	char raw[STEP_TEXT];

	snprintf(raw, sizeof(raw), "%.*s",
	    end != NULL ? (int)(end - w->p) : STEP_TEXT - 1, w->p);
	why = vars_expand(
	    w->vars, raw, w->s->text, from, sizeof(w->s->text), &at);
	if (why != NULL)
		return wrong(w, w->p + (at - raw), why);
	return end == NULL || payload(w, end + 9);
}

static bool
segment(struct words *w, bool sent)
{
	struct step *s = w->s;
	uint16_t from[STEP_TEXT];
	const char *why, *at;

	skip_space(w);
	if (!expand(w, from))
		return false;
	if (seg_parse(s->text, &s->seg, &why, &at) != 0)
		return wrong(w, w->p + from[at - s->text], why);
	if (sent && seg_is_pattern(&s->seg))
		return wrong(w, w->p, "a pattern cannot be sent");
	if (s->npayload > 0 && s->npayload != s->seg.len)
		return wrong(w, w->p, "the payload has another length");
	return true;
}

static bool
sent(struct words *w)
{
	struct step *s = w->s;
	bool known;

	s->kind = eat(w, "icmp")    ? STEP_ICMP
		  : eat(w, "piece") ? STEP_PIECE
		  : eat(w, "raw")   ? STEP_RAW
				    : STEP_SEND;
	skip_space(w);
	if (s->kind == STEP_SEND)
		return segment(w, true);
	if (!expand(w, NULL))
		return false;
	if (strcmp(s->text, "*") == 0)
		return wrong(w, w->p, "a pattern cannot be sent");
	known = s->kind == STEP_ICMP	? icmp_known(s->text)
		: s->kind == STEP_PIECE ? piece_known(s->text)
					: raw_known(s->text);
	return known || wrong(w, w->p, "words that are not known");
}

static bool
expected(struct words *w, enum step_kind kind)
{
	w->s->kind = kind;
	if (!eat(w, ">"))
		return wrong(w, w->p, "want > SEGMENT");
	if (!eat(w, "icmp"))
		return segment(w, false);
	w->s->icmp = true;
	skip_space(w);
	return expand(w, NULL) &&
	       (icmp_known(w->s->text) ||
		   wrong(w, w->p, "words that are not known"));
}

static bool
plain(struct words *w, enum step_kind kind)
{
	w->s->kind = kind;
	return true;
}

/* of_engine - a line that only tests/pkt can ask */
static bool
of_engine(struct words *w)
{
	static const char *const checks[] = {"state", "closed", "opened",
	    "closes", "received", "acked", "timers", "eof", "waiting",
	    "deadline", "event", "no-event", "ip", "stat", "cwnd", "ssthresh",
	    "bbr", "rate", "srtt", "rto"};
	unsigned i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (eat(w, checks[i]))
			return plain(w, STEP_NOTHING);
	}
	if (eat(w, "app") || eat(w, "raw"))
		return plain(w, STEP_ENGINE);
	return wrong(w, w->p, "not a step");
}

/* timed - "+0.1 < ...", "+0~+1 > ...", or without a time */
static bool
timed(struct words *w)
{
	struct step *s = w->s;
	char text[200];
	const char *p = text, *at = w->p;

	s->timed = *w->p != '<' && *w->p != '>';
	if (s->timed) {
		if (!one_word(w, text, sizeof(text)))
			return false;
		if (when_parse(&p, &s->when) != 0 || *p != '\0')
			return wrong(w, at, "neither a time nor a step");
	}
	if (eat(w, "<"))
		return sent(w);
	if (s->timed && (skip_space(w), *w->p) != '>')
		return of_engine(w);
	return expected(w, STEP_EXPECT);
}

/* ---- the others ---- */

static bool
brace(struct words *w)
{
	if (eat(w, "{") && (skip_space(w), *w->p == '\0'))
		return true;
	return wrong(w, w->p, "want { at the end");
}

static bool
name(struct words *w)
{
	const char *at = (skip_space(w), w->p);
	struct vars one = {.n = 0};
	size_t n = 0;

	while (isalnum((unsigned char)at[n]) || at[n] == '_')
		n++;
	if (n < sizeof(w->s->name)) {
		memcpy(w->s->name, at, n);
		w->s->name[n] = '\0';
	}
	if (n >= sizeof(w->s->name) || !vars_set(&one, w->s->name, 0))
		return wrong(w, at, "not a name: letters and digits, 15");
	w->p += n;
	return true;
}

/* expression - up to the character end, or all of the line */
static bool
expression(struct words *w, char end)
{
	const char *stop = end != '\0' ? strrchr(w->p, end) : NULL, *why, *at;
	char raw[STEP_TEXT];

	if (end == ':')
		stop = strstr(w->p, " : ");
	if (end != '\0' && stop == NULL)
		return wrong(w, w->p,
		    end == ':' ? "want \" : \" and words"
			       : "want { at the end");
	snprintf(raw, sizeof(raw), "%.*s",
	    stop != NULL ? (int)(stop - w->p) : STEP_TEXT - 1, w->p);
	why = vars_eval(w->vars, raw, &w->s->number, &at);
	if (why != NULL)
		return wrong(w, w->p + (at - raw), why);
	if (end == ':')
		snprintf(w->s->text, sizeof(w->s->text), "%s", stop + 3);
	return true;
}

/* loop - "for NAME in VALUES {" */
static bool
loop(struct words *w)
{
	const char *end = strrchr(w->p, '{'), *why, *at;
	char raw[STEP_TEXT];

	w->s->kind = STEP_FOR;
	if (!name(w) || !eat(w, "in") || end == NULL)
		return w->s->why != NULL
			   ? false
			   : wrong(w, w->p, "want for NAME in VALUES {");
	snprintf(raw, sizeof(raw), "%.*s", (int)(end - w->p), w->p);
	why = vars_expand(
	    w->vars, raw, w->s->text, NULL, sizeof(w->s->text), &at);
	return why == NULL || wrong(w, w->p + (at - raw), why);
}

static bool
let(struct words *w)
{
	w->s->kind = STEP_LET;
	if (!name(w) || !eat(w, "="))
		return w->s->why != NULL
			   ? false
			   : wrong(w, w->p, "want let NAME = EXPRESSION");
	return expression(w, '\0');
}

static bool
receive(struct words *w)
{
	w->s->kind = STEP_RECEIVE;
	w->s->number = -1;
	if (!eat(w, "fin") && !count(w))
		return false;
	if (!eat(w, "within"))
		return wrong(w, w->p, "want within TIME");
	return duration(w);
}

static bool
least(struct words *w)
{
	if (!count(w))
		return false;
	if (!eat(w, "within"))
		return wrong(w, w->p, "want within TIME > SEGMENT");
	return duration(w) && expected(w, STEP_LEAST);
}

static bool
condition(struct words *w, enum step_kind kind, char end)
{
	w->s->kind = kind;
	return expression(w, end);
}

static bool
any_step(struct words *w)
{
	if (eat(w, "within"))
		return duration(w) && expected(w, STEP_WITHIN);
	if (eat(w, "never for"))
		return duration(w) && expected(w, STEP_NEVER);
	if (eat(w, "at least"))
		return least(w);
	if (eat(w, "receive"))
		return receive(w);
	if (eat(w, "wait"))
		return plain(w, STEP_WAIT) && duration(w);
	if (eat(w, "either within"))
		return plain(w, STEP_EITHER) && duration(w) && brace(w);
	if (eat(w, "for"))
		return loop(w);
	if (eat(w, "repeat until"))
		return condition(w, STEP_UNTIL, '{');
	if (eat(w, "repeat"))
		return plain(w, STEP_REPEAT) && count(w) && brace(w);
	if (eat(w, "if"))
		return condition(w, STEP_IF, '{');
	if (eat(w, "} or {") || eat(w, "} else {"))
		return plain(w, STEP_NEXT);
	if (eat(w, "}"))
		return plain(w, STEP_END);
	if (eat(w, "let"))
		return let(w);
	if (eat(w, "check"))
		return condition(w, STEP_CHECK, ':');
	if (eat(w, "skip if"))
		return condition(w, STEP_SKIP, ':');
	if (eat(w, "isn"))
		return condition(w, STEP_ISN, '\0');
	if (eat(w, "new"))
		return plain(w, STEP_NEW);
	if (eat(w, "batch"))
		return plain(w, STEP_BATCH) && brace(w);
	if (eat(w, "set") || eat(w, "on"))
		return plain(w, STEP_ENGINE);
	return timed(w);
}

bool
step_read(const char *line, const struct vars *vars, struct step *s)
{
	struct words w = {.vars = vars, .p = line, .s = s};

	memset(s, 0, offsetof(struct step, payload));
	s->why = NULL;
	s->text[0] = '\0';
	return any_step(&w);
}
