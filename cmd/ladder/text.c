/*
 * text.c - the ladder for a terminal, 80 columns: time, the client's state,
 * the arrow between the two lifelines, the server's state.
 */
#include <string.h>

#include "ladder.h"

enum {
	ARROW = 41, /* columns between the lifelines */
	BREAK = 36, /* where an arrow that never arrived ends */
	STATE = 12,
};

enum colour { PLAIN, BOLD, RED, YELLOW, GREEN, DIM };

static void
paint(const struct ladder *l, enum colour c)
{
	static const char *const code[] = {"0", "1", "31", "33", "32", "2"};

	if (l->colour)
		printf("\033[%sm", code[c]);
}

/* the arrow without its colour: ARROW characters and NUL */
static void
arrow(const struct row *r, char *out)
{
	char label[ARROW + 1];
	bool right = r->from == LEFT;
	size_t room = r->lost ? BREAK : ARROW, len;
	char *at;

	/* "- label ->": two at the tail, two or more at the head */
	label_row(r, label, room - 6);
	len = strlen(label);
	memset(out, ' ', ARROW);
	out[ARROW] = '\0';
	at = right ? out : out + ARROW - room;
	memset(at, '-', room);
	if (right) {
		memcpy(at + 2, label, len);
		at[1] = at[2 + len] = ' ';
		at[room - 1] = r->lost ? 'x' : '>';
	} else {
		memcpy(at + room - 2 - len, label, len);
		at[room - 2] = at[room - 3 - len] = ' ';
		at[0] = r->lost ? 'x' : '<';
	}
}

static void
draw_row(const struct ladder *l, const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;
	const char *state[2];
	char body[ARROW + 1];
	int side;

	for (side = LEFT; side <= RIGHT; side++)
		state[side] = prev == NULL ||
				      prev->state[side] != r->state[side]
				  ? state_name(r->state[side])
				  : "";
	arrow(r, body);
	paint(l, DIM);
	printf("%10.6f ", (double)(r->seg->time - c->row[0]->seg->time) / 1e9);
	paint(l, PLAIN);
	paint(l, GREEN);
	printf("%*s ", STATE, state[LEFT]);
	paint(l, PLAIN);
	putchar('|');
	if (r->lost)
		paint(l, RED);
	else if (r->again || r->why[0] != '\0')
		paint(l, YELLOW);
	fputs(body, stdout);
	paint(l, PLAIN);
	putchar('|');
	if (state[RIGHT][0] != '\0') {
		paint(l, GREEN);
		printf(" %s", state[RIGHT]);
		paint(l, PLAIN);
	}
	putchar('\n');
}

static void
draw_quiet(
    const struct ladder *l, const struct conn *c, uint32_t i, uint32_t count)
{
	char label[ARROW];

	label_quiet(c, i, count, label, sizeof(label));
	paint(l, DIM);
	printf("%*s :%*s%-*s:\n", 10 + 1 + STATE, "",
	    (int)(ARROW - strlen(label)) / 2, "",
	    (int)(ARROW - (ARROW - strlen(label)) / 2), label);
	paint(l, PLAIN);
}

static void
draw_head(const struct ladder *l, const struct conn *c)
{
	char end[ENDPOINT_TEXT], title[80];

	printf("%*s %s\n", 10, "", label_title(c, title, 69));
	paint(l, BOLD);
	printf("%*s", 10 + 1 + STATE + 1, endpoint_text(&c->end[LEFT].at, end));
	printf("%*s %s\n", ARROW, "", endpoint_text(&c->end[RIGHT].at, end));
	paint(l, PLAIN);
}

void
text_draw(const struct ladder *l)
{
	const struct conn *c;
	uint64_t drawn = 0;
	uint32_t i, quiet;

	for (c = l->first; c != NULL; c = c->next) {
		if (l->limit > 0 && drawn == l->limit)
			return;
		if (drawn++ > 0)
			putchar('\n');
		draw_head(l, c);
		for (i = 0; i < c->rows; i += quiet ? quiet : 1) {
			quiet = l->every ? 0 : conn_quiet(c, i);
			if (quiet > 0)
				draw_quiet(l, c, i, quiet);
			else
				draw_row(l, c, i);
		}
	}
}
