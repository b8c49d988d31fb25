/*
 * way.c - frames on their way, by time of arrival; and what has gone wrong.
 */
#include <stdarg.h>
#include <stdio.h>

#include "sim.h"

void
way_put(struct sim *s, struct packet *q, uint64_t at)
{
	struct packet *p = s->last;

	q->at = at;
	while (p != NULL && p->at > at)
		p = p->prev;
	q->prev = p;
	q->next = p != NULL ? p->next : s->first;
	if (q->next != NULL)
		q->next->prev = q;
	else
		s->last = q;
	if (p != NULL)
		p->next = q;
	else
		s->first = q;
}

void
way_take(struct sim *s, struct packet *q)
{
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		s->first = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	else
		s->last = q->prev;
}

void
wrong(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->wrong[0] != '\0')
		return; /* the first reason counts */
	va_start(ap, fmt);
	vsnprintf(s->wrong, sizeof(s->wrong), fmt, ap);
	va_end(ap);
}
