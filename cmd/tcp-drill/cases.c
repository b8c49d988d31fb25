/*
 * cases.c - the cases of drill scripts, see cases.h.
 *
 *	case reset/blind           a new one; its name
 *	title WORDS, requirement WORDS, finds WORDS
 *	needs [client] any|echo|discard|chargen|http|closed
 *	level MUST|SHOULD|MAY|robustness
 *	strict, alone, family 4|6, limit TIME
 *
 * Before the first case they are of all cases of the file that do not say
 * otherwise. A file without a case line is one case, of the file's name, and
 * strict.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/parse.h"

#include "cases.h"
#include "step.h"

enum { DEEP = 20 };

const char *const need_names[NEEDS] = {
    [NEED_ANY] = "any",
    [NEED_ECHO] = "echo",
    [NEED_DISCARD] = "discard",
    [NEED_CHARGEN] = "chargen",
    [NEED_HTTP] = "http",
    [NEED_CLOSED] = "closed",
};

const char *const level_names[LEVELS] = {
    [LEVEL_MUST] = "MUST",
    [LEVEL_SHOULD] = "SHOULD",
    [LEVEL_MAY] = "MAY",
    [LEVEL_ROBUST] = "robustness",
};

/* wrong - the error, as "FILE:LINE:COLUMN", at being a place in the line's
   text */
static bool
wrong(struct cases *k, unsigned line, const char *at, const char *why)
{
	const struct line *l = &k->lines.line[line];
	long column = at != NULL ? (long)(at - l->text) : 0;

	snprintf(k->error, sizeof(k->error), "%s:%d:%ld: %s: %.200s", l->file,
	    l->number, l->column + column, why, l->text);
	return false;
}

/* behind - what follows this first word, or NULL */
static const char *
behind(const char *text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(text, word, n) != 0 || strchr(" \t", text[n]) == NULL)
		return NULL;
	return text + n + strspn(text + n, " \t");
}

static int
which(const char *word, const char *const *names, int n)
{
	int i;

	for (i = 0; i < n && strcmp(word, names[i]) != 0; i++)
		;
	return i;
}

static const struct drill_case plain = {
    .limit = 60 * NS_PER_SEC,
    .title = "",
    .requirement = "",
    .finds = "",
    .level = LEVEL_ROBUST,
};

/* new_case - a case like this one, without a step */
static struct drill_case *
new_case(struct cases *k, const char *name, unsigned first,
    const struct drill_case *like)
{
	struct drill_case *c;

	k->c = realloc(k->c, (k->n + 1) * sizeof(*k->c));
	if (k->c == NULL)
		abort();
	c = &k->c[k->n++];
	*c = *like;
	c->first = c->end = first;
	snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}

/* words - headers that keep what follows */
static bool
take_words(struct drill_case *c, const char *t)
{
	const char *p;

	if ((p = behind(t, "title")) != NULL)
		c->title = p;
	else if ((p = behind(t, "requirement")) != NULL)
		c->requirement = p;
	else if ((p = behind(t, "finds")) != NULL)
		c->finds = p;
	else if (strcmp(t, "strict") == 0)
		c->strict = true;
	else if (strcmp(t, "alone") == 0)
		c->alone = true;
	else
		return false;
	return true;
}

/* take_value - headers with one word; *why: it is not that */
static bool
take_value(struct drill_case *c, const char *t, const char **why)
{
	const char *p;

	if ((p = behind(t, "needs")) != NULL) {
		c->client = strcmp(p, "client") == 0 ||
			    behind(p, "client") != NULL;
		if (c->client)
			p = p[6] != '\0' ? behind(p, "client") : "any";
		c->need = (enum need)which(p, need_names, NEEDS);
		if (c->need == NEEDS)
			*why =
			    "not any, echo, discard, chargen, http or closed";
	} else if ((p = behind(t, "level")) != NULL) {
		c->level = (enum level)which(p, level_names, LEVELS);
		if (c->level == LEVELS)
			*why = "not MUST, SHOULD, MAY or robustness";
	} else if ((p = behind(t, "family")) != NULL) {
		c->family = (unsigned)atoi(p);
		if (c->family != 4 && c->family != 6)
			*why = "want 4 or 6";
	} else if ((p = behind(t, "limit")) != NULL) {
		if (parse_time(p, &c->limit) != 0)
			*why = "not a time";
	} else {
		return false;
	}
	return true;
}

/* file_case - a script of one case: named like its file, all is expected */
static struct drill_case *
file_case(struct cases *k, const char *path, unsigned first)
{
	const char *slash = strrchr(path, '/');
	struct drill_case *c = new_case(
	    k, slash != NULL ? slash + 1 : path, first, &plain);

	c->strict = true;
	return c;
}

/* bad_name - what is wrong with it, beside the cases of its file; or NULL */
static const char *
bad_name(const struct cases *k, const char *name, unsigned mine)
{
	if (*name == '\0')
		return "want case NAME";
	if (name[strcspn(name, " \t")] != '\0')
		return "the name is more than one word";
	if (strlen(name) >= sizeof(k->c->name))
		return "the name is too long";
	for (; mine < k->n; mine++) {
		if (strcmp(k->c[mine].name, name) == 0)
			return "this file has another case of the name";
	}
	return NULL;
}

bool
cases_load(struct cases *k, const char *path)
{
	unsigned i = k->lines.n, mine = k->n;
	struct drill_case usual = plain, *c = NULL;
	const char *t, *p, *why = NULL;
	bool unnamed = false; /* c has no case line */

	if (!lines_load(&k->lines, path)) {
		snprintf(k->error, sizeof(k->error), "%s", k->lines.error);
		return false;
	}
	for (; i < k->lines.n; i++) {
		t = k->lines.line[i].text;
		p = behind(t, "case");
		if (p != NULL) {
			why = bad_name(k, p, mine);
			if (why != NULL)
				return wrong(k, i, p, why);
			if (unnamed && c->first == i) {
				usual = *c;
				usual.strict = false;
				k->n--;
			}
			unnamed = false;
			c = new_case(k, p, i + 1, &usual);
			continue;
		}
		if (c == NULL) {
			c = file_case(k, path, i);
			unnamed = true;
		}
		if (c->first == i &&
		    (take_words(c, t) || take_value(c, t, &why)))
			c->first = i + 1;
		if (why != NULL)
			return wrong(k, i, NULL, why);
		c->end = i + 1;
	}
	if (c == NULL)
		snprintf(
		    k->error, sizeof(k->error), "%.200s: no case in it", path);
	return c != NULL;
}

const char *
cases_needs(const struct drill_case *c, char text[CASE_NEEDS])
{
	const char *need = need_names[c->need];

	if (c->client && c->need == NEED_ANY)
		need = "client";
	snprintf(text, CASE_NEEDS, "%s%s",
	    c->client && c->need != NEED_ANY ? "client " : "", need);
	return text;
}

/* ---- are all steps well-formed? ---- */

/* what a case knows before its first step, and what comes of a segment */
static void
dummies(struct vars *v)
{
	static const char *const names[] = {"seq", "end", "len", "ack", "win",
	    "mss", "wscale", "sackok", "ts", "tsval", "tsecr", "ttl", "tos",
	    "time", "sent", "rcv", "rtt", "isn", "v6", "random", "reqlen", "df",
	    "ipid", "type", "code", "port", "flags", "ceb"};
	unsigned i;

	v->n = 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		vars_set(v, names[i], 1);
}

struct checker {
	struct cases *k;
	struct vars vars;
	unsigned open[DEEP];
	enum step_kind of[DEEP];
	unsigned depth;
};

static bool
opens(enum step_kind kind)
{
	return kind == STEP_FOR || kind == STEP_REPEAT || kind == STEP_UNTIL ||
	       kind == STEP_IF || kind == STEP_EITHER || kind == STEP_BATCH;
}

static bool
braces(struct checker *ch, unsigned i, enum step_kind kind)
{
	unsigned o;

	if (kind == STEP_NEXT || kind == STEP_END) {
		if (ch->depth == 0)
			return wrong(ch->k, i, NULL, "} without {");
		o = ch->open[--ch->depth];
		ch->k->match[o] = i;
		ch->k->match[i] = o;
		if (kind == STEP_END)
			return true;
		kind = ch->of[ch->depth];
		if (kind != STEP_IF && kind != STEP_EITHER)
			return wrong(
			    ch->k, i, NULL, "of neither if nor either");
	} else if (!opens(kind)) {
		return true;
	}
	if (ch->depth == DEEP)
		return wrong(ch->k, i, NULL, "too deep");
	ch->of[ch->depth] = kind;
	ch->open[ch->depth++] = i;
	return true;
}

static bool
check_case(struct checker *ch, struct drill_case *c)
{
	static struct step s;
	unsigned i;

	dummies(&ch->vars);
	ch->depth = 0;
	for (i = c->first; i < c->end; i++) {
		if (!step_read(ch->k->lines.line[i].text, &ch->vars, &s))
			return wrong(ch->k, i, s.at, s.why);
		if ((s.kind == STEP_LET || s.kind == STEP_FOR) &&
		    !vars_set(&ch->vars, s.name, 1))
			return wrong(ch->k, i, NULL, "too many variables");
		if (!braces(ch, i, s.kind))
			return false;
		if (s.npayload > 0 || s.request || s.kind == STEP_RAW)
			c->own_bytes = true;
	}
	return ch->depth == 0 ||
	       wrong(ch->k, ch->open[ch->depth - 1], NULL, "{ without }");
}

bool
cases_check(struct cases *k)
{
	static struct checker ch;
	unsigned i;

	ch.k = k;
	k->match = calloc(k->lines.n + 1, sizeof(*k->match));
	if (k->match == NULL)
		abort();
	for (i = 0; i < k->n; i++) {
		if (!check_case(&ch, &k->c[i]))
			return false;
	}
	return true;
}
