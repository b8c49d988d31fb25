/*
 * capfiles.c - captures and event logs, as ladder reads them: packets with
 * their lengths, then, behind a byte 0xff, lines of a log.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
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
	if (tcpseg_decode(&rec, &s) == 0 && l->n < l->room) {
		s.no = l->n;
		l->s[l->n++] = s;
	}
	free(rec.data);
	return 3 + rec.caplen;
}

static void
draw(const struct ladder *l)
{
	char words[64];
	const struct conn *c;
	uint32_t i, quiet;

	for (c = l->first; c != NULL; c = c->next) {
		must(strlen(label_title(c, words, sizeof(words))) < 64);
		for (i = 0; i < c->rows; i += quiet ? quiet : 1) {
			quiet = conn_quiet(c, i);
			must(quiet <= c->rows - i);
			must(strlen(label_row(c->row[i], words, 20)) < 20);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct tcpseg room[512];
	struct tcpseg_list l = {.s = room, .room = 512};
	struct ladder ladder = {.last = &ladder.first};
	size_t at = 0;
	FILE *log;

	while (n - at >= 3 && p[at] != 0xff)
		at += record(&l, p + at, n - at);
	tcpseg_list_sort(&l);
	conn_split(&ladder, &l);
	if (at < n && (log = fmemopen((void *)(p + at), n - at, "r")) != NULL) {
		story_read(&ladder, log);
		fclose(log);
	}
	draw(&ladder);
	conn_free(&ladder);
	return 0;
}
