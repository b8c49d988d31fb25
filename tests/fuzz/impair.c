/*
 * impair.c - the grammar and the schedule's reader over any text, and the
 * decisions over any packets. The first byte chooses; a line of words and
 * what follows it are parted by a newline.
 */
#include <string.h>

#include "impair/impair.h"
#include "fuzz.h"

enum { MAX = 400, LEN = 2000 };

/* one_packet - the fate of p[0] to p[n - 1] is one that can be */
static void
one_packet(
    struct impair *im, uint64_t now, const uint8_t *p, size_t n, struct fate *f)
{
	uint32_t room = n % 3;
	struct arrival a = {.now = now, .frame = p, .len = n, .room = room};
	char line[SCHEDULE_LINE];
	uint8_t copy[LEN];
	unsigned i;

	impair_decide(im, &a, f);
	must(f->n <= MAX_COPIES && a.room <= room);
	must(f->n + f->dropped + f->no_room == 1 + f->made);
	for (i = 0; i < f->n; i++) {
		must(f->copy[i].nflips <= MAX_FLIPS);
		must(f->copy[i].delay <= LAST_STAMP);
		memcpy(copy, p, n);
		flip_bits(copy, n, &f->copy[i]);
	}
	if (f->known) {
		must(schedule_line(line, f, now) < SCHEDULE_LINE);
		must(strlen(line) > 0 && line[strlen(line) - 1] == '\n');
	}
}

/* packets - the bytes are lengths and packets */
static void
packets(struct impair *im, struct bytes_in *b)
{
	uint64_t now = 0;
	uint8_t p[LEN];
	struct fate f;
	size_t n, i;

	while (b->n > 0) {
		n = take8(b);
		now += (uint64_t)take8(b) << n % 32;
		for (i = 0; i < n; i++)
			p[i] = take8(b);
		one_packet(im, now, p, n, &f);
	}
}

static void
words(char *text, struct bytes_in *b)
{
	static struct impair_config c;
	char error[WORDS_ERROR], *w, *save;
	const char *word[MAX];
	struct impair *im;
	size_t n = 0;

	for (w = strtok_r(text, " ", &save); w != NULL && n < MAX;
	     w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	impair_defaults(&c);
	if (words_parse(&c, word, n, error) != 0) {
		must(error[0] != '\0' && strlen(error) < WORDS_ERROR);
		return;
	}
	must(c.naims <= MAX_AIMS && c.loss.p <= ALWAYS && c.dup.p <= ALWAYS);
	must(c.gap == 0 || c.delay > 0 || c.jitter > 0);
	im = impair_new(&c, NULL, 3, true);
	packets(im, b);
	impair_free(im);
}

/* again - what is written for a line that was read reads the same */
static void
again(struct schedule *s)
{
	struct flow flow = {.conn = 1};
	struct fate f = {.known = true, .flow = &flow}, g;
	char line[SCHEDULE_LINE], error[WORDS_ERROR];
	struct schedule *t;
	size_t n;

	f.packet.main = KIND_DATA;
	flow.count[0][KIND_DATA] = 1;
	if (!schedule_find(s, &f))
		return;
	if (!fate_changed(&f))
		return; /* "corrupt" nothing, "delay 0" */
	n = schedule_line(line, &f, 1);
	t = schedule_read(line, n, error);
	must(t != NULL);
	g = f;
	must(schedule_find(t, &g) && g.n == f.n);
	must(memcmp(g.copy, f.copy, f.n * sizeof(f.copy[0])) == 0);
	schedule_free(t);
}

static void
schedule(char *text, size_t n)
{
	struct impair_config c;
	char error[WORDS_ERROR];
	struct schedule *s = schedule_read(text, n, error);
	struct impair *im;
	struct bytes_in b = {.p = (const uint8_t *)text, .n = n};
	size_t lines, met;

	if (s == NULL) {
		must(strncmp(error, "line ", 5) == 0 &&
		     strlen(error) < WORDS_ERROR);
		return;
	}
	again(s);
	impair_defaults(&c);
	im = impair_new(&c, s, 3, false);
	packets(im, &b);
	schedule_count(s, &lines, &met);
	must(met <= lines);
	impair_free(im);
	schedule_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in b = {.p = data, .n = size};
	uint8_t kind = take8(&b);
	char *text = malloc(b.n + 1), *end;

	memcpy(text, b.p, b.n);
	text[b.n] = '\0';
	if (kind % 2 == 1) {
		schedule(text, b.n);
	} else {
		end = memchr(text, '\n', b.n);
		if (end != NULL)
			*end++ = '\0';
		else
			end = text + b.n;
		b.n -= (size_t)(end - text);
		b.p += end - text;
		words(text, &b);
	}
	free(text);
	return 0;
}
