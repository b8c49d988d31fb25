/*
 * text.c - the ladder for a terminal, 80 columns: time, the client's state,
 * the arrow between the two lifelines, the server's state. Only the names of
 * two long IPv6 addresses need 100, the time of day 85.
 */
#include <string.h>

#include "ladder.h"

enum {
	ARROW = 41, /* columns between the lifelines, at most */
	BREAK = 5,  /* those that an arrow lacks which never arrived */
	STATE = 12,
	WIDTH = 80,
	NAME_GAP = 3, /* between names that are too long */
};

enum colour { PLAIN, BOLD, RED, YELLOW, GREEN, DIM };

/* of a connection */
struct columns {
	int time;
	int arrow; /* between the lifelines: less where times are long */
};

static void
paint(const struct ladder *l, enum colour c)
{
	static const char *const code[] = {"0", "1", "31", "33", "32", "2"};

	if (l->colour)
		printf("\033[%sm", code[c]);
}

/* the arrow without its colour: wide characters and NUL */
static void
arrow(const struct row *r, size_t wide, char out[ARROW + 1])
{
	char label[ARROW + 1];
	bool right = r->from == LEFT, lost = r->marks & MARK_LOST;
	char head = lost ? 'x' : '\0';
	size_t room = lost ? wide - BREAK : wide, len;
	char *at;

	if (r->marks & MARK_NO_ANSWER)
		head = '?';
	/* "- label ->": two at the tail, two or more at the head */
	label_row(r, label, room - 6);
	len = strlen(label);
	memset(out, ' ', wide);
	out[wide] = '\0';
	at = right ? out : out + wide - room;
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
draw_row(const struct ladder *l, const struct conn *c, uint32_t i,
    const struct columns *w)
{
	const struct row *r = c->row[i], *prev = i > 0 ? c->row[i - 1] : NULL;
	char body[ARROW + 1], time[TIME_TEXT], state[2][STATE_TEXT];
	int side;

	for (side = LEFT; side <= RIGHT; side++)
		label_state(prev, r, (enum conn_side)side, state[side]);
	arrow(r, (size_t)w->arrow, body);
	paint(l, DIM);
	printf("%*s ", w->time, time_text(l, c, r, time));
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
draw_between(const struct ladder *l, const char *label, const struct columns *w)
{
	int n = (int)strlen(label), left = (w->arrow - n) / 2;

	paint(l, DIM);
	printf("%*s :%*s%-*s:\n", w->time + 1 + STATE, "", left, "",
	    w->arrow - left, label);
	paint(l, PLAIN);
}

/* draw_quiet - a line of its own for each end where one is too short */
static void
draw_quiet(const struct ladder *l, const struct conn *c,
    const struct item *item, const struct columns *w)
{
	char label[ARROW];
	size_t n = (size_t)w->arrow;
	uint32_t ends;

	if (label_quiet(c, item->at, item->count, BOTH_ENDS, label, n)) {
		draw_between(l, label, w);
		return;
	}
	for (ends = 0; ends < BOTH_ENDS; ends++) {
		label_quiet(c, item->at, item->count, ends, label, n);
		if (label[0] != '\0')
			draw_between(l, label, w);
	}
}

static void
draw_names(
    const struct ladder *l, const struct conn *c, const struct columns *w)
{
	char left[ENDPOINT_TEXT], right[ENDPOINT_TEXT];
	int edge = w->time + 1 + STATE + 1, gap = w->arrow + 1, n, m;

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
draw_head(const struct ladder *l, const struct conn *c, const struct columns *w)
{
	char title[WIDTH], counts[COUNTS_TEXT], date[DATE_TEXT];
	const size_t room = WIDTH - TIME_CHARS - 1;
	const char *more = counts;
	int n;

	label_title(c, title, room + 1);
	label_counts(c, counts);
	printf("%*s %s", TIME_CHARS,
	    l->absolute ? date_text(c->first_at, date) : "", title);
	if (strlen(title) + strlen(counts) < room) {
		printf(counts[0] != '\0' ? " %s\n" : "%s\n", counts);
		more = "";
	} else {
		putchar('\n');
	}
	for (; *more != '\0'; more += n + (more[n] == ' ')) {
		n = (int)label_break(more, room);
		printf("%*s %.*s\n", TIME_CHARS, "", n, more);
	}
	draw_names(l, c, w);
}

/* draw_day - the date, where it is another one than at the time before */
static uint64_t
draw_day(const struct ladder *l, uint64_t before, uint64_t time,
    const struct columns *w)
{
	char then[DATE_TEXT], now[DATE_TEXT];

	date_text(before, then);
	if (l->absolute && strcmp(date_text(time, now), then) != 0)
		draw_between(l, now, w);
	return time;
}

static void
draw_conn(const struct ladder *l, const struct conn *c)
{
	struct columns w = {.time = time_chars(l, c), .arrow = ARROW};
	uint64_t day = c->first_at;
	struct item item;
	uint32_t at;

	/* the time of day needs five columns more in any case */
	if (!l->absolute)
		w.arrow -= w.time - TIME_CHARS;
	draw_head(l, c, &w);
	for (at = 0; next_item(l, c, at, &item);
	     at = item.at + (item.count ? item.count : 1)) {
		day = draw_day(l, day, c->row[item.at]->seg->time, &w);
		if (item.count > 0)
			draw_quiet(l, c, &item, &w);
		else
			draw_row(l, c, item.at, &w);
	}
}

void
text_draw(const struct ladder *l)
{
	const struct conn *c;
	struct item item;
	uint64_t drawn = 0;
	uint32_t i;

	for (i = 0; i < l->conns.n; i++) {
		c = &l->conns.conn[i];
		if (!choice_has(&l->choice, c) || !next_item(l, c, 0, &item))
			continue;
		if (l->choice.limit > 0 && drawn == l->choice.limit)
			return;
		if (drawn++ > 0)
			putchar('\n');
		draw_conn(l, c);
	}
}
