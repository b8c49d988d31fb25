/*
 * session.c - a hash table from a connection to its session, see session.h.
 */
#include <stdlib.h>
#include <string.h>

#include "net/session.h"

enum { FIRST = 64 };

/* at - addresses are of no stranger's choice: no key is needed */
static size_t
at(const struct sessions *s, const struct tcb *tcb)
{
	uint64_t x = (uint64_t)(uintptr_t)tcb * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(x >> 32) & (s->places - 1);
}

/* probe - where it is, or the free place for it */
static struct session *
probe(const struct sessions *s, const struct tcb *tcb)
{
	size_t i = at(s, tcb);

	while (s->place[i].tcb != NULL && s->place[i].tcb != tcb)
		i = (i + 1) & (s->places - 1);
	return &s->place[i];
}

/* grow - half of the places are free */
static bool
grow(struct sessions *s)
{
	struct sessions old = *s;
	size_t i;

	if (s->n * 2 < s->places)
		return true;
	s->places = old.places > 0 ? old.places * 2 : FIRST;
	s->place = calloc(s->places, sizeof(*s->place));
	if (s->place == NULL) {
		*s = old;
		return false;
	}
	for (i = 0; i < old.places; i++)
		if (old.place[i].tcb != NULL)
			*probe(s, old.place[i].tcb) = old.place[i];
	free(old.place);
	return true;
}

struct session *
session_add(struct sessions *s, struct tcb *tcb)
{
	struct session *new;

	if (!grow(s))
		return NULL;
	new = probe(s, tcb);
	s->n += new->tcb == NULL;
	memset(new, 0, sizeof(*new));
	new->tcb = tcb;
	return new;
}

struct session *
session_find(const struct sessions *s, const struct tcb *tcb)
{
	struct session *found;

	if (s->n == 0)
		return NULL;
	found = probe(s, tcb);
	return found->tcb != NULL ? found : NULL;
}

/* session_remove - those behind it move up, where they may */
void
session_remove(struct sessions *s, struct session *gone)
{
	size_t mask = s->places - 1, hole = (size_t)(gone - s->place), i, home;

	for (i = (hole + 1) & mask; s->place[i].tcb != NULL;
	     i = (i + 1) & mask) {
		home = at(s, s->place[i].tcb);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		s->place[hole] = s->place[i];
		hole = i;
	}
	s->place[hole].tcb = NULL;
	s->n--;
}

struct session *
session_next(const struct sessions *s, size_t *i)
{
	while (*i < s->places && s->place[*i].tcb == NULL)
		++*i;
	return *i < s->places ? &s->place[(*i)++] : NULL;
}
