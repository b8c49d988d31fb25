/*
 * capfiles.c - captures and event logs, as ladder reads them: packets with
 * their lengths, then, behind a byte 0xff, lines of a log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "capture/clocks.h"
#include "capture/story.h"
#include "cmd/ladder/ladder.h"
#include "fuzz.h"
#include "pipe/stream.h"

/* one record: two bytes of length there, one of length lost, the bytes */
static size_t
record(struct tcpseg_list *l, const uint8_t *p, size_t n)
{
	struct stream_rec rec = {.ts = l->n * UINT64_C(1000000)};
	struct tcpseg s;

	rec.caplen = get_be16(p) % 2048;
	rec.len = rec.caplen + p[2];
	if (n - 3 < rec.caplen)
		return n;
	rec.data = malloc(rec.caplen + 1); /* its end is watched */
	if (rec.data == NULL)
		return n;
	memcpy(rec.data, p + 3, rec.caplen);
	if (tcpseg_decode(&rec, true, &s) == 0 && l->n < l->room) {
		s.due = s.time;
		s.no = l->n;
		l->s[l->n++] = s;
	}
	free(rec.data);
	return 3 + rec.caplen;
}

/* look - every word has its bounds, the marks go together */
static void
look(const struct ladder *l, const struct conn *c)
{
	char words[128];
	char counts[COUNTS_TEXT];
	const struct row *r;
	struct item item;
	uint32_t at;

	must(strlen(label_title(c, words, 64)) < 64);
	must(strlen(label_counts(c, counts)) < COUNTS_TEXT);
	for (at = 0; next_item(l, c, at, &item);
	     at = item.at + (item.count ? item.count : 1)) {
		must(item.count <= c->rows - item.at);
		must(strlen(label_row(c->row[item.at], words, 20)) < 20);
	}
	for (at = 0; at < c->rows; at++) {
		r = c->row[at];
		must(r->lost <= row_space(r) && r->needless <= row_space(r));
		must(!(r->marks & MARK_NEEDLESS) || (r->marks & MARK_AGAIN));
		must(!(r->marks & MARK_TWICE) || r->lost == 0);
		must(r->state[LEFT] <= ST_CLOSED &&
		     r->state[RIGHT] <= ST_CLOSED);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct tcpseg room[512];
	struct tcpseg_list l = {.s = room, .room = 512};
	struct ladder ladder = {.choice = {.to = UINT64_MAX}};
	size_t at = 0;
	uint32_t i;
	bool moved;
	FILE *log;

	while (n - at >= 3 && p[at] != 0xff)
		at += record(&l, p + at, n - at);
	must(clocks_split(&l, 0, &moved) >= 0);
	tcpseg_list_sort(&l);
	must(conns_make(&ladder.conns, &l) == 0);
	if (at < n && (log = fmemopen((void *)(p + at), n - at, "r")) != NULL) {
		story_read(&ladder.conns, log, NULL, NULL);
		fclose(log);
	}
	for (i = 0; i < ladder.conns.n; i++)
		look(&ladder, &ladder.conns.conn[i]);
	conns_free(&ladder.conns);
	return 0;
}
