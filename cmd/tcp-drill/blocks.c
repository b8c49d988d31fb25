/*
 * blocks.c - the steps that have others in braces: loops, conditions,
 * alternatives. A block is entered by go_push() and left at its brace.
 */
#include <stdlib.h>
#include <string.h>

#include "go.h"
#include "play.h"

/* value_of - the nth word of the values of a loop; false: there is none */
static bool
value_of(const char *text, int64_t n, int64_t *v)
{
	const char *p = text + strspn(text, " \t");

	for (; n > 0 && *p != '\0'; n--) {
		p += strcspn(p, " \t");
		p += strspn(p, " \t");
	}
	*v = strtoll(p, NULL, 0);
	return *p != '\0';
}

/* turn - of a loop at line: once more? */
static bool
turn(struct play *p, unsigned line, int64_t n)
{
	static struct step s;
	int64_t v;

	if (!step_read(p->cases->lines.line[line].text, &p->vars, &s))
		return false;
	if (s.kind == STEP_REPEAT)
		return n < s.number;
	if (s.kind == STEP_UNTIL)
		return s.number == 0;
	return value_of(s.text, n, &v) && vars_set(&p->vars, s.name, v);
}

void
go_push(struct play *p, unsigned line, enum step_kind kind)
{
	p->block[p->depth++] = (struct block){line, kind, 0};
}

static enum go
jump(struct play *p, unsigned line)
{
	p->pc = line;
	p->have_step = false;
	return ON;
}

static enum step_kind
kind_at(const struct play *p, unsigned line)
{
	return p->cases->lines.line[line].text[1] == '\0' ? STEP_END
							  : STEP_NEXT;
}

static bool
is_else(const struct play *p, unsigned line)
{
	return strstr(p->cases->lines.line[line].text, "else") != NULL;
}

enum go
go_loop(struct play *p)
{
	unsigned line = p->pc;

	if (!turn(p, line, 0))
		return jump(p, p->cases->match[line] + 1);
	go_push(p, line, p->step.kind);
	return go_next(p);
}

/* close_block - "}", or what begins another branch of it */
enum go
go_close_block(struct play *p)
{
	struct block *b = &p->block[p->depth - 1];
	unsigned line = p->pc;

	if ((b->kind == STEP_FOR || b->kind == STEP_REPEAT ||
		b->kind == STEP_UNTIL) &&
	    turn(p, b->line, b->turn + 1)) {
		b->turn++;
		return jump(p, b->line + 1);
	}
	p->depth--;
	while (kind_at(p, line) == STEP_NEXT) /* the other branches */
		line = p->cases->match[line] > line ? p->cases->match[line]
						    : line + 1;
	return jump(p, line + 1);
}

enum go
go_branch(struct play *p)
{
	unsigned line = p->cases->match[p->pc];

	if (p->step.number != 0) {
		go_push(p, p->pc, STEP_IF);
		return go_next(p);
	}
	if (kind_at(p, line) == STEP_NEXT)
		go_push(p, line, STEP_IF);
	return jump(p, line + 1);
}

/* fits - is this the first step of the branch behind line? */
static bool
fits(struct play *p, unsigned line, const struct captured *c)
{
	static struct step s;

	return step_read(p->cases->lines.line[line + 1].text, &p->vars, &s) &&
	       s.kind == STEP_EXPECT && play_fits(p, &s, c);
}

/* otherwise - nothing has come in time: the branch "else", or a failure */
static enum go
otherwise(struct play *p, const struct captured *got)
{
	unsigned line = p->cases->match[p->pc];

	while (kind_at(p, line) == STEP_NEXT && !is_else(p, line))
		line = p->cases->match[line];
	if (kind_at(p, line) == STEP_END)
		return go_late(p, got);
	go_push(p, line, STEP_EITHER);
	return jump(p, line + 1);
}

enum go
go_either(struct play *p, uint64_t now)
{
	uint64_t end = p->step_at + p->step.time + go_slack(p, p->step.time);
	unsigned line;

	for (; p->queued > 0; play_take(p, 0)) {
		p->last = p->queue[0];
		for (line = p->pc;
		     line == p->pc ||
		     (kind_at(p, line) == STEP_NEXT && !is_else(p, line));
		     line = p->cases->match[line]) {
			if (!fits(p, line, &p->queue[0]))
				continue;
			go_push(p, line, STEP_EITHER);
			p->pc = line + 1;
			return go_matched(p, 0);
		}
	}
	if (now < end)
		return go_until(p, end);
	return otherwise(p, p->last.at != 0 ? &p->last : NULL);
}
