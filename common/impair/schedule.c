/*
 * schedule.c - what was done to which packet, as text, and back:
 *
 *	1 > data#3 drop
 *	1 > data#4 delay 0.021500000s
 *	1 < ack#2 corrupt 413 dup delay 0.3s
 *
 * The number of the connection among those of its kind, the way (> is that
 * of its first packet), the packet's main kind and its ordinal of that kind
 * on that way: so a line means the same packet in a run whose ports and
 * addresses are others. "dup" begins the next copy. "#" after a space begins
 * a remark.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impair/impair.h"
#include "wire/parse.h"

enum {
	MAX_LINES = 4000000,
	MAX_WORDS = 4 * MAX_COPIES * (1 + MAX_FLIPS),
};

struct line {
	uint32_t conn, nth;
	uint8_t way, kind;
	uint8_t n; /* copies */
	bool met;
	uint32_t first; /* in the array of copies */
	uint32_t number;
};

struct schedule {
	struct line *line;
	struct copy *copy;
	size_t n, cap, ncopies, copies_cap, met;
};

/* ---- writing */

bool
fate_changed(const struct fate *f)
{
	return f->n != 1 || f->copy[0].delay > 0 || f->copy[0].nflips > 0;
}

/* what is written so far */
struct text {
	char *buf;
	size_t n;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->buf + t->n, SCHEDULE_LINE - t->n, fmt, ap);
	va_end(ap);
	/* the longest line, of MAX_COPIES copies, has some 1050 bytes */
	if (n > 0 && (size_t)n < SCHEDULE_LINE - t->n)
		t->n += (size_t)n;
}

static void
add_copy(struct text *t, const struct copy *c)
{
	unsigned i;

	for (i = 0; i < c->nflips; i++)
		add(t, " corrupt %lu", (unsigned long)c->flip[i]);
	if (c->delay > 0)
		add(t, " delay %llu.%09llus",
		    (unsigned long long)(c->delay / 1000000000),
		    (unsigned long long)(c->delay % 1000000000));
}

static void
add_end(struct text *t, const struct ip_addr *a, uint16_t port)
{
	char addr[IP_TEXT];

	if (port == 0)
		add(t, " %s", ip_text(a, addr));
	else
		add(t, ip_is_v4(a) ? " %s:%u" : " [%s]:%u", ip_text(a, addr),
		    port);
}

size_t
schedule_line(char buf[SCHEDULE_LINE], const struct fate *f, uint64_t frame)
{
	const struct packet *p = &f->packet;
	struct text t = {.buf = buf};
	unsigned i;

	add(&t, "%lu %c %s#%lu", (unsigned long)f->flow->conn,
	    f->way == 0 ? '>' : '<', kind_name[p->main],
	    (unsigned long)f->flow->count[f->way][p->main]);
	if (f->n == 0)
		add(&t, " drop");
	for (i = 0; i < f->n; i++) {
		if (i > 0)
			add(&t, " dup");
		add_copy(&t, &f->copy[i]);
	}
	add(&t, " # frame %llu", (unsigned long long)frame);
	if (f->why != WHY_NOT)
		add(&t, " %s", why_name[f->why]);
	if (p->ends) {
		add_end(&t, &p->src, p->sport);
		add_end(&t, &p->dst, p->dport);
	}
	add(&t, "\n");
	return t.n;
}

/* ---- reading */

struct reader {
	struct schedule *s;
	const char *word[MAX_WORDS];
	size_t n, at;
	uint32_t number;
	char *error;
};

static int __attribute__((format(printf, 2, 3)))
wrong(struct reader *r, const char *fmt, ...)
{
	int n = snprintf(
	    r->error, WORDS_ERROR, "line %lu: ", (unsigned long)r->number);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error + n, WORDS_ERROR - (size_t)n, fmt, ap);
	va_end(ap);
	/* what it quotes is anybody's */
	for (; r->error[n] != '\0'; n++) {
		if (r->error[n] < ' ' || r->error[n] > '~')
			r->error[n] = '?';
	}
	return -1;
}

static const char *
next(struct reader *r)
{
	return r->at < r->n ? r->word[r->at++] : "";
}

/* split - the line's words, its remark left out; text is cut up */
static int
split(struct reader *r, char *text)
{
	char *save, *w;

	r->n = r->at = 0;
	for (w = strtok_r(text, " \t\r", &save); w != NULL && *w != '#';
	     w = strtok_r(NULL, " \t\r", &save)) {
		if (r->n == MAX_WORDS)
			return wrong(r, "more than %d words", MAX_WORDS);
		r->word[r->n++] = w;
	}
	return 0;
}

static int
packet_name(struct reader *r, struct line *l)
{
	const char *s = next(r), *mark;
	uint64_t v;
	int k;

	if (parse_num(s, 1, UINT32_MAX, &v) != 0)
		return wrong(r, "\"%s\": not the number of a connection", s);
	l->conn = (uint32_t)v;
	s = next(r);
	if (strcmp(s, ">") != 0 && strcmp(s, "<") != 0)
		return wrong(r, "\"%s\": not a way, > or <", s);
	l->way = *s == '<';
	s = next(r);
	mark = strchr(s, '#');
	k = mark != NULL ? kind_read(s, (size_t)(mark - s)) : -1;
	if (k < 0 || parse_num(mark + 1, 1, UINT32_MAX, &v) != 0)
		return wrong(r, "\"%s\": not a packet, such as data#3", s);
	l->kind = (uint8_t)k;
	l->nth = (uint32_t)v;
	return 0;
}

/* one_copy - what was done to it, up to the next "dup" */
static int
one_copy(struct reader *r, struct copy *c)
{
	uint64_t v;

	*c = (struct copy){.delay = 0};
	while (r->at < r->n && strcmp(r->word[r->at], "dup") != 0) {
		const char *what = next(r), *s = next(r);

		if (strcmp(what, "delay") == 0) {
			if (time_text(s, &c->delay) != 0)
				return wrong(r,
				    "delay \"%s\": not a time with its unit",
				    s);
		} else if (strcmp(what, "corrupt") == 0) {
			if (parse_num(s, 0, UINT32_MAX, &v) != 0)
				return wrong(r,
				    "corrupt \"%s\": not the number of a bit",
				    s);
			if (c->nflips == MAX_FLIPS)
				return wrong(r, "more than %d bits of a copy",
				    MAX_FLIPS);
			copy_flip(c, (uint32_t)v);
		} else {
			return wrong(
			    r, "\"%s\": not drop, delay, corrupt or dup", what);
		}
	}
	return 0;
}

/* grown - room for one more; NULL without memory */
static void *
grown(void *p, size_t n, size_t *cap, size_t each)
{
	size_t more = *cap > 0 ? 2 * *cap : 64;

	if (n < *cap)
		return p;
	p = realloc(p, more * each);
	if (p != NULL)
		*cap = more;
	return p;
}

static struct copy *
new_copy(struct schedule *s)
{
	void *p = grown(s->copy, s->ncopies, &s->copies_cap, sizeof(*s->copy));

	if (p == NULL)
		return NULL;
	s->copy = p;
	return &s->copy[s->ncopies++];
}

static struct line *
new_line(struct schedule *s)
{
	void *p = grown(s->line, s->n, &s->cap, sizeof(*s->line));

	if (p == NULL)
		return NULL;
	s->line = p;
	return &s->line[s->n++];
}

/* fate - behind the packet: "drop", or copies */
static int
fate(struct reader *r, struct line *l)
{
	struct copy *c;

	if (r->at == r->n)
		return wrong(
		    r, "what was done is missing: drop, delay, corrupt or dup");
	if (strcmp(r->word[r->at], "drop") == 0) {
		r->at++;
		if (r->at < r->n)
			return wrong(r, "\"%s\" after drop", r->word[r->at]);
		return 0;
	}
	for (;;) {
		if (l->n == MAX_COPIES)
			return wrong(r, "more than %d copies", MAX_COPIES);
		c = new_copy(r->s);
		if (c == NULL)
			return wrong(r, "out of memory");
		l->n++;
		if (one_copy(r, c) != 0)
			return -1;
		if (r->at == r->n)
			return 0;
		r->at++; /* "dup" */
	}
}

static int
one_line(struct reader *r, char *text)
{
	struct line l = {.number = r->number}, *to;

	if (split(r, text) != 0)
		return -1;
	if (r->n == 0)
		return 0;
	l.first = (uint32_t)r->s->ncopies;
	if (packet_name(r, &l) != 0 || fate(r, &l) != 0)
		return -1;
	if (r->s->n == MAX_LINES)
		return wrong(r, "more than %d packets", MAX_LINES);
	to = new_line(r->s);
	if (to == NULL)
		return wrong(r, "out of memory");
	*to = l;
	return 0;
}

/* order - of the packets that they name */
static int
order(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->conn != y->conn)
		return x->conn < y->conn ? -1 : 1;
	if (x->nth != y->nth)
		return x->nth < y->nth ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->way - y->way;
}

static int
sort_lines(struct reader *r)
{
	struct schedule *s = r->s;
	size_t i;

	if (s->n > 0)
		qsort(s->line, s->n, sizeof(*s->line), order);
	for (i = 1; i < s->n; i++) {
		const struct line *a = &s->line[i - 1], *b = &s->line[i];

		if (order(a, b) == 0) {
			r->number = a->number > b->number ? a->number
							  : b->number;
			return wrong(r, "the same packet as in line %lu",
			    (unsigned long)(a->number + b->number - r->number));
		}
	}
	return 0;
}

struct schedule *
schedule_read(char *text, size_t n, char error[WORDS_ERROR])
{
	struct reader r = {.s = calloc(1, sizeof(*r.s)), .error = error};
	char *end = text + n, *eol;
	int bad = 0;

	if (r.s == NULL) {
		snprintf(error, WORDS_ERROR, "out of memory");
		return NULL;
	}
	for (; text < end && bad == 0; text = eol + 1) {
		r.number++;
		eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL) {
			bad = wrong(&r, "the file ends inside this line");
			break;
		}
		*eol = '\0';
		if (strlen(text) != (size_t)(eol - text))
			bad = wrong(&r, "a NUL byte: not a schedule");
		else
			bad = one_line(&r, text);
	}
	if (bad == 0 && sort_lines(&r) == 0)
		return r.s;
	schedule_free(r.s);
	return NULL;
}

void
schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	free(s->line);
	free(s->copy);
	free(s);
}

bool
schedule_find(struct schedule *s, struct fate *f)
{
	struct line key = {.conn = f->flow->conn,
	    .nth = f->flow->count[f->way][f->packet.main],
	    .way = (uint8_t)f->way,
	    .kind = (uint8_t)f->packet.main};
	struct line *l = NULL;

	if (s->n > 0)
		l = bsearch(&key, s->line, s->n, sizeof(*s->line), order);
	if (l == NULL)
		return false;
	s->met += !l->met;
	l->met = true;
	f->n = l->n;
	if (l->n > 0)
		memcpy(f->copy, s->copy + l->first, l->n * sizeof(f->copy[0]));
	return true;
}

void
schedule_count(const struct schedule *s, size_t *lines, size_t *met)
{
	*lines = s->n;
	*met = s->met;
}
