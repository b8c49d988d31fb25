/*
 * words.c - the words of tc-netem(8) and those of ours, into a config.
 *
 * A word that wants more takes it from those behind it. What may be left out
 * begins with a digit, and no word does.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "impair/impair.h"
#include "wire/parse.h"

enum { MAX_OVERHEAD = 1000 };

int
words_wrong(struct words *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->error, WORDS_ERROR, fmt, ap);
	va_end(ap);
	return -1;
}

const char *
words_peek(const struct words *w)
{
	return w->at < w->n ? w->word[w->at] : "";
}

bool
words_number_next(const struct words *w)
{
	const char *s = words_peek(w);

	return *s >= '0' && *s <= '9';
}

/* take - the word that follows what; NULL when there is none */
const char *
words_take(struct words *w, const char *what, const char *wanted)
{
	if (w->at < w->n)
		return w->word[w->at++];
	words_wrong(w, "%s: %s is missing", what, wanted);
	return NULL;
}

static int
words_take_percent(struct words *w, const char *what, uint64_t *p)
{
	const char *s = words_take(w, what, "a percentage");

	if (s == NULL)
		return -1;
	if (percent_text(s, p) != 0)
		return words_wrong(w, "%s %s: not a percentage", what, s);
	return 0;
}

/* take_odds - P% [CORRELATION%] */
static int
take_odds(struct words *w, const char *what, struct odds *o)
{
	if (words_take_percent(w, what, &o->p) != 0)
		return -1;
	return words_number_next(w) ? words_take_percent(w, what, &o->corr) : 0;
}

int
words_take_time(struct words *w, const char *what, uint64_t *ns)
{
	const char *s = words_take(w, what, "a time");

	if (s == NULL)
		return -1;
	if (time_text(s, ns) != 0)
		return words_wrong(w,
		    "%s %s: not a time with its unit, such as 20ms, 1.5s or "
		    "300us",
		    what, s);
	return 0;
}

int
words_take_num(
    struct words *w, const char *what, uint64_t min, uint64_t max, uint64_t *v)
{
	const char *s = words_take(w, what, "a number");

	if (s == NULL)
		return -1;
	if (parse_num(s, min, max, v) != 0)
		return words_wrong(w, "%s %s: not a number from %llu to %llu",
		    what, s, (unsigned long long)min, (unsigned long long)max);
	return 0;
}

/* ---- loss */

/* gemodel P [R [1-H [1-K]]] */
static int
loss_gemodel(struct words *w)
{
	uint64_t *p = w->c->ge;
	int i;

	w->c->model = LOSS_GEMODEL;
	if (words_take_percent(w, "loss gemodel", &p[0]) != 0)
		return -1;
	p[1] = ALWAYS - p[0];
	p[2] = ALWAYS;
	p[3] = 0;
	for (i = 1; i < 4 && words_number_next(w); i++) {
		if (words_take_percent(w, "loss gemodel", &p[i]) != 0)
			return -1;
	}
	return 0;
}

/* state P13 [P31 [P32 [P23 [P14]]]] */
static int
loss_state(struct words *w)
{
	uint64_t *p = w->c->state;
	int i;

	w->c->model = LOSS_STATE;
	if (words_take_percent(w, "loss state", &p[0]) != 0)
		return -1;
	p[1] = ALWAYS - p[0];
	p[2] = 0;
	p[3] = ALWAYS;
	p[4] = 0;
	for (i = 1; i < 5 && words_number_next(w); i++) {
		if (words_take_percent(w, "loss state", &p[i]) != 0)
			return -1;
	}
	if (p[0] + p[4] > ALWAYS)
		return words_wrong(w, "loss state: P13 and P14 exceed 100%%");
	if (p[1] + p[2] > ALWAYS)
		return words_wrong(w, "loss state: P31 and P32 exceed 100%%");
	return 0;
}

static int
word_loss(struct words *w)
{
	const char *s = words_peek(w);

	if (w->c->model != LOSS_NONE)
		return words_wrong(w, "loss: given twice");
	if (strcmp(s, "gemodel") == 0) {
		w->at++;
		return loss_gemodel(w);
	}
	if (strcmp(s, "state") == 0) {
		w->at++;
		return loss_state(w);
	}
	if (strcmp(s, "random") == 0)
		w->at++;
	w->c->model = LOSS_RANDOM;
	return take_odds(w, "loss", &w->c->loss);
}

/* ---- delay, rate and the rest of netem's */

static int
word_delay(struct words *w)
{
	struct impair_config *c = w->c;

	if (c->delay != 0 || c->jitter != 0)
		return words_wrong(w, "delay: given twice");
	if (words_take_time(w, "delay", &c->delay) != 0)
		return -1;
	if (!words_number_next(w))
		return 0;
	if (words_take_time(w, "delay", &c->jitter) != 0)
		return -1;
	return words_number_next(w)
		   ? words_take_percent(w, "delay", &c->delay_corr)
		   : 0;
}

static int
word_distribution(struct words *w)
{
	static const char *const name[] = {
	    "uniform", "normal", "pareto", "paretonormal"};
	const char *s = words_take(w, "distribution", "its name");
	size_t i;

	if (s == NULL)
		return -1;
	w->have_dist = true;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (strcmp(s, name[i]) == 0) {
			w->c->dist = (enum distribution)i;
			return 0;
		}
	}
	return words_wrong(w,
	    "distribution %s: not uniform, normal, pareto or paretonormal", s);
}

/* take_overhead - bytes, perhaps less than none */
static int
take_overhead(struct words *w, int32_t *out)
{
	const char *s = words_take(w, "rate", "the overhead");
	uint64_t v;

	if (s == NULL || parse_num(s + (*s == '-'), 0, MAX_OVERHEAD, &v) != 0)
		return words_wrong(w, "rate: an overhead is %d to %d bytes",
		    -MAX_OVERHEAD, MAX_OVERHEAD);
	*out = *s == '-' ? -(int32_t)v : (int32_t)v;
	return 0;
}

/* rate RATE [PACKETOVERHEAD [CELLSIZE [CELLOVERHEAD]]] */
static int
word_rate(struct words *w)
{
	const char *s = words_take(w, "rate", "a rate");
	uint64_t cell;

	if (s == NULL)
		return -1;
	if (rate_text(s, &w->c->rate) != 0)
		return words_wrong(w,
		    "rate %s: not a rate with its unit, such as 10mbit "
		    "(bits) or 1.5mbps (bytes)",
		    s);
	if (!words_number_next(w) && *words_peek(w) != '-')
		return 0;
	if (take_overhead(w, &w->c->overhead) != 0)
		return -1;
	if (!words_number_next(w))
		return 0;
	if (words_take_num(w, "rate: cell size", 0, 65535, &cell) != 0)
		return -1;
	w->c->cell = (int32_t)cell;
	if (!words_number_next(w) && *words_peek(w) != '-')
		return 0;
	return take_overhead(w, &w->c->cell_overhead);
}

static int
word_gap(struct words *w)
{
	uint64_t v;

	if (words_take_num(w, "gap", 1, UINT32_MAX, &v) != 0)
		return -1;
	w->c->gap = (uint32_t)v;
	w->have_gap = true;
	return 0;
}

static int
word_limit(struct words *w)
{
	uint64_t v;

	if (words_take_num(w, "limit", 1, 10000000, &v) != 0)
		return -1;
	w->c->limit = (uint32_t)v;
	return 0;
}

static int
word_file(struct words *w, const char *what, const char **file)
{
	*file = words_take(w, what, "a file");
	return *file != NULL ? 0 : -1;
}

/* either - the same word is netem's with a number, and aimed with a kind */
static int
either(struct words *w, const char *what, struct odds *o, enum act act)
{
	if (!words_number_next(w))
		return word_aim(w, act, what);
	return take_odds(w, what, o);
}

static int
no_word(struct words *w, const char *s)
{
	if (*s == '-' && !w->net)
		return words_wrong(w, "%s: options stand before the words", s);
	return words_wrong(w,
	    "%s: not a word: loss, delay, distribution, duplicate, corrupt, "
	    "reorder, gap, rate, limit, drop, dup, cut, seed%s",
	    s, w->net ? " or mtu" : ", save or play");
}

static int
one_word(struct words *w)
{
	const char *s = w->word[w->at++];
	struct impair_config *c = w->c;

	if (strcmp(s, "loss") == 0)
		return word_loss(w);
	if (strcmp(s, "drop") == 0)
		return words_number_next(w) ? word_loss(w)
					    : word_aim(w, ACT_DROP, s);
	if (strcmp(s, "delay") == 0 || strcmp(s, "latency") == 0)
		return words_number_next(w) ? word_delay(w)
					    : word_aim(w, ACT_DELAY, s);
	if (strcmp(s, "distribution") == 0)
		return word_distribution(w);
	if (strcmp(s, "duplicate") == 0 || strcmp(s, "dup") == 0)
		return either(w, s, &c->dup, ACT_DUP);
	if (strcmp(s, "corrupt") == 0)
		return either(w, s, &c->corrupt, ACT_CORRUPT);
	if (strcmp(s, "reorder") == 0)
		return take_odds(w, s, &c->reorder);
	if (strcmp(s, "gap") == 0)
		return word_gap(w);
	if (strcmp(s, "rate") == 0)
		return word_rate(w);
	if (strcmp(s, "limit") == 0)
		return word_limit(w);
	if (strcmp(s, "cut") == 0)
		return word_cut(w);
	if (strcmp(s, "seed") == 0) {
		if (c->have_seed)
			return words_wrong(w, "seed: given twice");
		c->have_seed = true;
		return words_take_num(w, s, 0, UINT64_MAX, &c->seed);
	}
	if (strcmp(s, "save") == 0 && !w->net)
		return word_file(w, s, &c->save);
	if (strcmp(s, "play") == 0 && !w->net)
		return word_file(w, s, &c->play);
	return no_word(w, s);
}

/* agree - what is wrong only in the whole */
static int
agree(struct words *w)
{
	struct impair_config *c = w->c;
	bool waits = c->delay > 0 || c->jitter > 0;
	bool alone = c->model == LOSS_NONE && !waits && c->dup.p == 0 &&
		     c->corrupt.p == 0 && c->rate == 0 && c->naims == 0 &&
		     !c->outage;

	if (c->reorder.p > 0 && !w->have_gap)
		c->gap = 1;
	if (w->have_gap && c->reorder.p == 0)
		c->reorder.p = ALWAYS;
	if (c->gap > 0 && !waits)
		return words_wrong(w,
		    "reorder: it sends some packets before those "
		    "that wait: give a delay");
	if (w->have_dist && c->jitter == 0)
		return words_wrong(w,
		    "distribution: it is that of the jitter: give "
		    "delay TIME JITTER");
	if (c->play != NULL && !alone)
		return words_wrong(w,
		    "play: the file decides all: give no other "
		    "impairment");
	return 0;
}

void
impair_defaults(struct impair_config *c)
{
	memset(c, 0, sizeof(*c));
	c->limit = 100000;
}

static int
parse(struct words *w)
{
	int r = 0;

	w->error[0] = '\0';
	while (r == 0 && w->at < w->n)
		r = one_word(w);
	return r == 0 ? agree(w) : r;
}

int
words_parse(struct impair_config *c, const char *const *words, size_t n,
    char error[WORDS_ERROR])
{
	struct words w = {.word = words, .n = n, .c = c, .error = error};

	return parse(&w);
}

int
words_parse_net(struct impair_config *c, const char *const *words, size_t n,
    char error[WORDS_ERROR], size_t *at)
{
	struct words w = {
	    .word = words, .n = n, .c = c, .error = error, .net = true};
	int r = parse(&w);

	*at = w.at > 0 ? w.at - 1 : 0;
	return r;
}
