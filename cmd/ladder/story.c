/*
 * story.c - the reasons that tcpfsm's event log tells: why a segment was sent
 * again, why one was not taken, how the connection ended. Columns and keys
 * are those of tcpfsm-events(5); everything else is skipped.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder.h"
#include "parse.h"

enum { WORDS = 40, NEAR_NS = 50 * 1000 * 1000 };

struct line {
	char *word[WORDS];
	unsigned n;
	uint64_t time;
	struct endpoint local, remote;
};

/* the value of a key, NULL when it is not there */
static const char *
value(const struct line *e, const char *key)
{
	size_t n = strlen(key);
	unsigned i;

	for (i = 4; i < e->n; i++)
		if (strncmp(e->word[i], key, n) == 0 && e->word[i][n] == '=')
			return e->word[i] + n + 1;
	return NULL;
}

static uint64_t
number(const struct line *e, const char *key)
{
	const char *text = value(e, key);
	uint64_t n = 0;

	if (text == NULL || parse_num(text, 0, UINT64_MAX, &n) != 0)
		return 0;
	return n;
}

/* "1763640000.123456789"; 0, or -1 */
static int
stamp(char *text, uint64_t *ns)
{
	char *dot = strchr(text, '.');
	uint64_t s, frac;

	if (dot == NULL || strlen(dot + 1) != 9)
		return -1;
	*dot = '\0';
	if (parse_num(text, 0, UINT64_MAX / 1000000000 - 1, &s) != 0 ||
	    parse_num(dot + 1, 0, 999999999, &frac) != 0)
		return -1;
	*ns = s * 1000000000 + frac;
	return 0;
}

/* 0, or -1 when this is no event of a connection */
static int
split(char *text, struct line *e)
{
	char *save, *w;

	e->n = 0;
	for (w = strtok_r(text, " \n", &save); w != NULL && e->n < WORDS;
	     w = strtok_r(NULL, " \n", &save))
		e->word[e->n++] = w;
	if (e->n < 5 || stamp(e->word[0], &e->time) != 0 ||
	    parse_endpoint(e->word[1], &e->local.addr, &e->local.port, 0) !=
		0 ||
	    parse_endpoint(e->word[2], &e->remote.addr, &e->remote.port, 0) !=
		0)
		return -1;
	return 0;
}

static uint64_t
apart(const struct row *r, const struct line *e)
{
	return r->seg->time > e->time ? r->seg->time - e->time
				      : e->time - r->seg->time;
}

/*
 * One line may tell of several segments that go again at once. A capture has
 * stamps of its own, and may have missed the first transmission.
 */
static void
tell_again(struct conn *c, const struct line *e, enum side from)
{
	uint32_t seq = (uint32_t)number(e, "seq");
	uint32_t len = (uint32_t)number(e, "len"), i;
	const char *why = value(e, "why");
	struct row *r, *nearest = NULL;
	bool found = false;

	for (i = 0; why != NULL && i < c->rows; i++) {
		r = c->row[i];
		if (r->from != from ||
		    r->seg->seq - seq > (len ? len - 1 : 0) ||
		    apart(r, e) > NEAR_NS)
			continue;
		if (nearest == NULL || apart(r, e) < apart(nearest, e))
			nearest = r;
		if (!r->again || r->why[0] != '\0')
			continue;
		snprintf(r->why, sizeof(r->why), "%s", why);
		found = true;
	}
	if (found || nearest == NULL)
		return;
	snprintf(nearest->why, sizeof(nearest->why), "%s", why);
	nearest->again = true;
}

/* the packet's own time is the line's */
static void
tell_drop(struct conn *c, const struct line *e, enum side from)
{
	const char *why = value(e, "why");
	uint32_t i;

	for (i = 0; why != NULL && i < c->rows; i++)
		if (c->row[i]->from == from && c->row[i]->seg->time == e->time)
			snprintf(
			    c->row[i]->why, sizeof(c->row[i]->why), "%s", why);
}

static void
tell(struct ladder *l, const struct line *e)
{
	const char *event = e->word[3], *how = value(e, "how");
	struct conn *c;
	enum side mine;

	c = conn_find(l, &e->local, &e->remote, e->time, &mine);
	if (c == NULL)
		return;
	if (strcmp(event, "retransmit") == 0)
		tell_again(c, e, mine);
	else if (strcmp(event, "drop") == 0)
		tell_drop(c, e, !mine);
	else if (strcmp(event, "close") == 0 && how != NULL)
		snprintf(c->how, sizeof(c->how), "%s", how);
}

void
story_read(struct ladder *l, FILE *f)
{
	struct line e;
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, f) > 0)
		if (split(text, &e) == 0)
			tell(l, &e);
	free(text);
}
