/*
 * text.c - the ladder for a terminal, 80 columns: time, the client's state,
 * the arrow between the two lifelines, the server's state. Only the names of
 * two long IPv6 addresses need 100.
 */
#include <string.h>

#include "ladder.h"

enum {
	ARROW = 41, /* columns between the lifelines */
	BREAK = 36, /* where an arrow that never arrived ends */
	STATE = 12,
	TIME = 10, /* in seconds; 15 as the time of day */
	TIME_OF_DAY = 15,
	WIDTH = 80,
	NAME_GAP = 3, /* between names that are too long */
};

enum colour { PLAIN, BOLD, RED, YELLOW, GREEN, DIM };

static void
paint(const struct ladder *l, enum colour c)
{
	static const char *const code[] = {"0", "1", "31", "33", "32", "2"};

	if (l->colour)
		printf("\033[%sm", code[c]);
}

static int
time_width(const struct ladder *l)
{
	return l->absolute ? TIME_OF_DAY : TIME;
}

/* the arrow without its colour: ARROW characters and NUL */
static void
arrow(const struct row *r, char *out)
{
	char label[ARROW + 1];
	bool right = r->from == LEFT, lost = r->marks & MARK_LOST;
	char head = lost ? 'x' : '\0';
	size_t room = lost ? BREAK : ARROW, len;
	char *at;

	if (r->marks & MARK_NO_ANSWER)
		head = '?';
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
		at[room - 1] = head ? head : '>';
	} else {
		memcpy(at + room - 2 - len, label, len);
		at[room - 2] = at[room - 3 - len] = ' ';
		at[0] = head ? head : '<';
	}
}

static void
draw_row(const struct ladder *l, const struct conn *c, uint32_t i)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;
	char body[ARROW + 1], time[TIME_TEXT], state[2][STATE_TEXT];
	int side;

	for (side = LEFT; side <= RIGHT; side++)
		label_state(prev, r, (enum conn_side)side, state[side]);
	arrow(r, body);
	paint(l, DIM);
	printf("%*s ", time_width(l), time_text(l, c, r, time));
	paint(l, PLAIN);
	paint(l, GREEN);
	printf("%*s", STATE, state[LEFT]);
	if (strlen(state[LEFT]) <= STATE)
		putchar(' ');
	paint(l, PLAIN);
	putchar('|');
	if (r->marks & (MARK_LOST | MARK_NO_ANSWER))
		paint(l, RED);
	else if ((r->marks & (MARK_AGAIN | MARK_LATE | MARK_PARTLY)) ||
		 r->why[0] != '\0')
		paint(l, YELLOW);
	fputs(body, stdout);
	paint(l, PLAIN);
	putchar('|');
	if (state[RIGHT][0] != '\0') {
		paint(l, GREEN);
		if (strlen(state[RIGHT]) <= STATE)
			putchar(' ');
		fputs(state[RIGHT], stdout);
		paint(l, PLAIN);
	}
	putchar('\n');
}

static void
draw_between(const struct ladder *l, const char *label)
{
	int n = (int)strlen(label), left = (ARROW - n) / 2;

	paint(l, DIM);
	printf("%*s :%*s%-*s:\n", time_width(l) + 1 + STATE, "", left, "",
	    ARROW - left, label);
	paint(l, PLAIN);
}

/* draw_quiet - a line of its own for each end where one is too short */
static void
draw_quiet(
    const struct ladder *l, const struct conn *c, uint32_t i, uint32_t count)
{
	char label[ARROW];
	uint32_t ends;

	if (label_quiet(c, i, count, BOTH_ENDS, label, sizeof(label))) {
		draw_between(l, label);
		return;
	}
	for (ends = 0; ends < BOTH_ENDS; ends++) {
		label_quiet(c, i, count, ends, label, sizeof(label));
		if (label[0] != '\0')
			draw_between(l, label);
	}
}

static void
draw_names(const struct ladder *l, const struct conn *c)
{
	char left[ENDPOINT_TEXT], right[ENDPOINT_TEXT];
	int edge = time_width(l) + 1 + STATE + 1, gap = ARROW + 1, n, m;

	n = (int)strlen(endpoint_text(&c->end[LEFT].at, left));
	m = (int)strlen(endpoint_text(&c->end[RIGHT].at, right));
	/* each above its lifeline, as near as both find room */
	if (n > edge)
		gap -= n - edge;
	if ((n > edge ? n : edge) + gap + m > WIDTH)
		gap = WIDTH - m - (n > edge ? n : edge);
	if (gap < NAME_GAP)
		gap = NAME_GAP;
	paint(l, BOLD);
	printf("%*s%*s%s\n", edge, left, gap, "", right);
	paint(l, PLAIN);
}

static void
draw_head(const struct ladder *l, const struct conn *c)
{
	char title[WIDTH], counts[WIDTH], date[DATE_TEXT];
	size_t room = WIDTH - TIME - 1;

	label_title(c, title, room + 1);
	label_counts(c, counts, room + 1);
	printf("%*s %s", TIME, l->absolute ? date_text(c->first_at, date) : "",
	    title);
	if (counts[0] != '\0')
		printf(strlen(title) + strlen(counts) < room
			   ? " %s"
			   : "\n           %s",
		    counts);
	putchar('\n');
	draw_names(l, c);
}

/* draw_day - the date, where it is another one than at the time before */
static uint64_t
draw_day(const struct ladder *l, uint64_t before, uint64_t time)
{
	char then[DATE_TEXT], now[DATE_TEXT];

	date_text(before, then);
	if (l->absolute && strcmp(date_text(time, now), then) != 0)
		draw_between(l, now);
	return time;
}

void
text_draw(const struct ladder *l)
{
	const struct conn *c;
	struct item item;
	uint64_t drawn = 0, day;
	uint32_t i, at;

	for (i = 0; i < l->conns.n; i++) {
		c = &l->conns.conn[i];
		if (!choice_has(&l->choice, c) || !next_item(l, c, 0, &item))
			continue;
		if (l->choice.limit > 0 && drawn == l->choice.limit)
			return;
		if (drawn++ > 0)
			putchar('\n');
		draw_head(l, c);
		day = c->first_at;
		for (at = 0; next_item(l, c, at, &item);
		     at = item.at + (item.count ? item.count : 1)) {
			day = draw_day(l, day, c->row[item.at]->seg->time);
			if (item.count > 0)
				draw_quiet(l, c, item.at, item.count);
			else
				draw_row(l, c, item.at);
		}
	}
}
