/*
 * vars.h - the variables of a script, expressions about them, and lines in
 * which they stand: "$name" and "{expression}".
 */
#ifndef DRILL_VARS_H
#define DRILL_VARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VARS_MAX = 80, VARS_NAME = 16 };

struct vars {
	struct {
		char name[VARS_NAME];
		int64_t value;
	} v[VARS_MAX];
	unsigned n;
};

/* vars_set - false when the name is none, or there are too many */
bool vars_set(struct vars *, const char *name, int64_t value);

/*
 * vars_eval - an expression, up to its end: || && == != < <= > >= + - * / %
 * and parentheses. NULL, or what is wrong; *at: where.
 */
const char *vars_eval(
    const struct vars *, const char *text, int64_t *value, const char **at);

/*
 * vars_expand - text with each $name and {expression} replaced by its number,
 * into cap bytes. from[i], unless NULL, is the place in text of byte i. NULL,
 * or what is wrong; *at: where in text.
 */
const char *vars_expand(const struct vars *, const char *text, char *out,
    uint16_t *from, size_t cap, const char **at);

#endif
