/*
 * vars.c - variables and expressions, see vars.h.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vars.h"

/* the rest of an expression; the first thing that is wrong counts */
struct reader {
	const struct vars *vars;
	const char *p;
	const char *why, *at;
	int depth;
};

enum { DEEP = 50 };

static int64_t either(struct reader *);

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static int
find(const struct vars *v, const char *name, size_t n)
{
	unsigned i;

	for (i = 0; i < v->n; i++) {
		if (strlen(v->v[i].name) == n &&
		    memcmp(v->v[i].name, name, n) == 0)
			return (int)i;
	}
	return -1;
}

bool
vars_set(struct vars *v, const char *name, int64_t value)
{
	size_t n = strlen(name);
	int i = find(v, name, n);

	if (i < 0) {
		if (v->n == VARS_MAX || n == 0 || n >= VARS_NAME ||
		    isdigit((unsigned char)name[0]))
			return false;
		i = (int)v->n++;
		memcpy(v->v[i].name, name, n + 1);
	}
	v->v[i].value = value;
	return true;
}

static int64_t
wrong(struct reader *r, const char *why)
{
	if (r->why == NULL) {
		r->why = why;
		r->at = r->p;
	}
	return 0;
}

/* eat - this operator comes next */
static bool
eat(struct reader *r, const char *op)
{
	size_t n = strlen(op);

	r->p += strspn(r->p, " \t");
	if (strncmp(r->p, op, n) != 0)
		return false;
	if (n == 1 && (*op == '<' || *op == '>' || *op == '!') &&
	    r->p[1] == '=')
		return false;
	r->p += n;
	return true;
}

static int64_t
variable(struct reader *r)
{
	const char *name = r->p;
	int i;

	while (is_name(*r->p))
		r->p++;
	i = find(r->vars, name, (size_t)(r->p - name));
	if (i >= 0)
		return r->vars->v[i].value;
	r->p = name;
	return wrong(r, "no such variable");
}

static int64_t
value(struct reader *r)
{
	int64_t v;
	char *end;

	if (++r->depth > DEEP)
		return wrong(r, "too deep");
	if (eat(r, "-"))
		v = (int64_t)(0 - (uint64_t)value(r));
	else if (eat(r, "!"))
		v = !value(r);
	else if (eat(r, "(")) {
		v = either(r);
		if (!eat(r, ")"))
			wrong(r, "a parenthesis is not closed");
	} else if (eat(r, "$") || isalpha((unsigned char)*r->p))
		v = variable(r);
	else if (isdigit((unsigned char)*r->p)) {
		v = strtoll(r->p, &end, 0);
		r->p = end;
	} else
		v = wrong(r, "want a number, a variable or a parenthesis");
	r->depth--;
	return v;
}

static int64_t
product(struct reader *r)
{
	int64_t v = value(r), w;
	bool divide, rest;

	for (;;) {
		divide = rest = false;
		if (!eat(r, "*") && !(divide = eat(r, "/")) &&
		    !(rest = eat(r, "%")))
			return v;
		w = value(r);
		if (!divide && !rest)
			v = (int64_t)((uint64_t)v * (uint64_t)w);
		else if (w == 0 || w == -1)
			return wrong(r, "division by zero");
		else
			v = divide ? v / w : v % w;
	}
}

static int64_t
sum(struct reader *r)
{
	uint64_t v = (uint64_t)product(r);

	for (;;) {
		if (eat(r, "+"))
			v += (uint64_t)product(r);
		else if (eat(r, "-"))
			v -= (uint64_t)product(r);
		else
			return (int64_t)v;
	}
}

static int64_t
comparison(struct reader *r)
{
	int64_t v = sum(r);

	if (eat(r, "=="))
		return v == sum(r);
	if (eat(r, "!="))
		return v != sum(r);
	if (eat(r, "<="))
		return v <= sum(r);
	if (eat(r, ">="))
		return v >= sum(r);
	if (eat(r, "<"))
		return v < sum(r);
	if (eat(r, ">"))
		return v > sum(r);
	return v;
}

static int64_t
both(struct reader *r)
{
	int64_t v = comparison(r), w;

	while (eat(r, "&&")) {
		w = comparison(r);
		v = v && w;
	}
	return v;
}

static int64_t
either(struct reader *r)
{
	int64_t v = both(r), w;

	while (eat(r, "||")) {
		w = both(r);
		v = v || w;
	}
	return v;
}

const char *
vars_eval(
    const struct vars *vars, const char *text, int64_t *v, const char **at)
{
	struct reader r = {.vars = vars, .p = text};

	*v = either(&r);
	r.p += strspn(r.p, " \t");
	if (*r.p != '\0')
		wrong(&r, "not part of an expression");
	*at = r.at;
	return r.why;
}

/* expand_one - what begins with $ or {, up to *end */
static const char *
expand_one(const struct vars *vars, const char *p, const char **end, int64_t *v,
    const char **at)
{
	struct reader r = {.vars = vars, .p = p + 1};

	*v = *p == '$' ? variable(&r) : either(&r);
	if (*p == '{' && !eat(&r, "}"))
		wrong(&r, "want } behind an expression");
	*end = r.p;
	*at = r.at;
	return r.why;
}

const char *
vars_expand(const struct vars *vars, const char *text, char *out,
    uint16_t *from, size_t cap, const char **at)
{
	const char *p = text, *end, *why;
	size_t n = 0, k;
	char number[24];
	int64_t v;

	while (*p != '\0') {
		number[0] = *p;
		number[1] = '\0';
		end = p + 1;
		if (*p == '$' || *p == '{') {
			why = expand_one(vars, p, &end, &v, at);
			if (why != NULL)
				return why;
			snprintf(number, sizeof(number), "%lld", (long long)v);
		}
		*at = p;
		if (n + strlen(number) + 1 > cap)
			return "line too long";
		for (k = 0; number[k] != '\0'; k++) {
			if (from != NULL)
				from[n] = (uint16_t)(p - text);
			out[n++] = number[k];
		}
		p = end;
	}
	if (from != NULL)
		from[n] = (uint16_t)(p - text);
	out[n] = '\0';
	return NULL;
}
