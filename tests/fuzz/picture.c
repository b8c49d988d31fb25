/*
 * picture.c - a capture file as ladder reads and draws it: packets of every
 * format and link type, sorted into connections, analysed, in words. Only
 * with cuts.c: it is too slow for a fuzzer.
 */
#include <string.h>

#include "capture/capin.h"
#include "capture/clocks.h"
#include "cmd/ladder/ladder.h"
#include "fuzz.h"

enum { STEP = 64 << 10 };

/* take_all - what is whole of the file */
static void
take_all(struct tcpseg_list *l, const uint8_t *p, size_t n)
{
	static struct capin c;
	struct stream_rec r;

	memset(&c, 0, sizeof(c));
	if (capin_init(&c) != 0)
		exit(1);
	must(n <= STEP && n <= c.in.cap);
	memcpy(c.in.buf, p, n);
	c.in.end = n;
	while (capin_next(&c, &r) > 0)
		tcpseg_list_take(l, &r, &c);
	capin_close(&c);
}

/* draw - all of its words, in every width */
static void
draw(const struct ladder *l, const struct conn *c)
{
	char words[128], when[TIME_TEXT], state[STATE_TEXT];
	char counts[COUNTS_TEXT];
	const struct row *before = NULL;
	struct item item;
	uint32_t at;

	must(strlen(label_title(c, words, 64)) < 64);
	must(strlen(label_counts(c, counts)) < COUNTS_TEXT);
	must(label_break(counts, 20) <= 20);
	for (at = 0; next_item(l, c, at, &item);
	     at = item.at + (item.count ? item.count : 1)) {
		must(item.count <= c->rows - item.at);
		if (item.count > 0)
			label_quiet(c, item.at, item.count, BOTH_ENDS, words,
			    QUIET_TEXT);
	}
	for (at = 0; at < c->rows; before = c->row[at++]) {
		must(strlen(label_row(c->row[at], words, 8 + at % 60)) < 68);
		label_state(before, c->row[at], LEFT, state);
		label_state(before, c->row[at], RIGHT, state);
		time_text(l, c, c->row[at], when);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tcpseg_list l = {.decap = true};
	struct ladder ladder = {.choice = {.to = UINT64_MAX}};
	uint32_t i;

	take_all(&l, p, n);
	clocks_move(&l, l.n / 2);
	tcpseg_list_sort(&l);
	must(conns_make(&ladder.conns, &l) == 0);
	for (i = 0; i < ladder.conns.n; i++)
		draw(&ladder, &ladder.conns.conn[i]);
	conns_free(&ladder.conns);
	free(l.s);
	return 0;
}
