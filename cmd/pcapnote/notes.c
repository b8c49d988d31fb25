/*
 * notes.c - which packet an event of the log is about, and what is known of
 * a connection meanwhile.
 *
 * Events wait in a queue for their packet: one that a segment brought for
 * that segment, by its time stamp; one about a segment of ours for that, by
 * its sequence number; any other for the next packet of the connection. One
 * that finds nothing better in time takes the next packet, too.
 *
 * Memory is bounded: events beyond the queue push out the oldest,
 * connections beyond the table that which was silent for the longest time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/flow.h"
#include "pcapnote.h"
#include "wire/parse.h"

enum {
	QUEUE = 4096,
	CONNECTIONS = 32768,
	STATE_MAX = 16,
	WORDS_MAX = 256,
};

#define AHEAD_NS UINT64_C(100000000)  /* lines step back by less than this */
#define NEAR_NS	 UINT64_C(50000000)   /* then any packet will do */
#define LATE_NS	 UINT64_C(5000000000) /* and then none */

/* what it waits for: a segment received, one sent, any */
enum wait { WAIT_HEARD, WAIT_SAID, WAIT_ANY };

struct note {
	uint64_t time, frame;
	struct endpoint local, remote;
	enum wait wait;
	bool have_seq, absolute; /* only a segment with this number */
	uint32_t seq;
	bool have_cwnd, have_rto;
	uint32_t cwnd, flight, rto;
	char state[STATE_MAX]; /* empty: as before */
	char words[WORDS_MAX]; /* for the comment; may be empty */
};

/* a connection; 0 is the end that was seen first */
struct known {
	uint32_t isn[2];
	bool have_isn[2], have_cwnd, have_rto;
	uint32_t cwnd, flight, rto;
	char state[STATE_MAX];
};

struct notes {
	bool decap;
	struct log_in *log;
	struct note *queue[QUEUE], *spare[QUEUE + 1];
	size_t n, spares;
	struct note *next; /* is put in when there is room; may be NULL */
	uint64_t left;
	struct flow_table *flows;
	struct known known[CONNECTIONS];
	struct note all[QUEUE + 1];
};

struct notes *
notes_new(struct log_in *log)
{
	struct notes *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->log = log;
	s->flows = flow_table_new(CONNECTIONS, NULL);
	if (s->flows == NULL) {
		free(s);
		return NULL;
	}
	for (; s->spares <= QUEUE; s->spares++)
		s->spare[s->spares] = &s->all[s->spares];
	return s;
}

void
notes_free(struct notes *s)
{
	if (s != NULL)
		flow_table_free(s->flows);
	free(s);
}

/* ---- a line becomes a note ---- */

static bool
is(const char *text, const char *word)
{
	return text != NULL && strcmp(text, word) == 0;
}

/* the number before a colon, or all of it */
static bool
number(const struct event_line *e, const char *key, uint32_t *out)
{
	const char *text = event_line_value(e, key);
	char digits[24];
	uint64_t n;

	if (text == NULL || strcspn(text, ":") >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(text, ":"), text);
	if (parse_num(digits, 0, UINT32_MAX, &n) != 0)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* the event in its own words, without the keys that are shown elsewhere; all of
   it is printable, whatever the log holds */
static void
put_words(struct note *n, const struct event_line *e)
{
	size_t len = 0;
	unsigned i;
	char *p;

	for (i = 3; i < e->n && len < sizeof(n->words); i++) {
		if (strncmp(e->word[i], "frame=", 6) == 0 ||
		    strncmp(e->word[i], "cwnd=", 5) == 0 ||
		    strncmp(e->word[i], "flight=", 7) == 0 ||
		    strncmp(e->word[i], "ssthresh=", 9) == 0 ||
		    (strncmp(e->word[i], "rtt_us=", 7) == 0 &&
			strcmp(e->event, "close") != 0))
			continue;
		len += (size_t)snprintf(n->words + len, sizeof(n->words) - len,
		    "%s%s", i > 3 ? " " : "", e->word[i]);
	}
	for (p = n->words; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* a state that is entered by what we send, not by what we receive */
static bool
by_saying(const char *state)
{
	return is(state, "SYN-SENT") || is(state, "FIN-WAIT-1") ||
	       is(state, "LAST-ACK");
}

static enum wait
waits_for(const struct note *n, const struct event_line *e)
{
	if (is(e->event, "retransmit") || is(e->event, "segment"))
		return WAIT_SAID;
	if (is(e->event, "state"))
		return by_saying(n->state) ? WAIT_SAID
		       : n->frame > 0	   ? WAIT_HEARD
					   : WAIT_ANY;
	if (is(e->event, "drop") || is(e->event, "close"))
		return n->frame > 0 ? WAIT_HEARD : WAIT_ANY;
	return WAIT_ANY;
}

/* false: it is no such line, or not about a packet */
static bool
note(struct note *n, char *line)
{
	const char *flags, *state;
	struct event_line e;
	bool segment;

	if (event_line_split(line, &e) != 0)
		return false;
	segment = is(e.event, "segment");
	if (segment && !is(event_line_value(&e, "dir"), "out"))
		return false;
	memset(n, 0, sizeof(*n));
	n->time = e.time;
	n->local = e.local;
	n->remote = e.remote;
	n->frame = event_line_num(&e, "frame");
	if (segment || is(e.event, "retransmit"))
		n->have_seq = number(&e, "seq", &n->seq);
	flags = event_line_value(&e, "flags");
	n->absolute = flags != NULL && strchr(flags, 'S') != NULL;
	n->have_cwnd = number(&e, "cwnd", &n->cwnd) &&
		       number(&e, "flight", &n->flight);
	n->have_rto = number(&e, "rto_ms", &n->rto);
	state = event_line_value(&e, "new");
	if (is(e.event, "state") && state != NULL)
		snprintf(n->state, sizeof(n->state), "%s", state);
	n->wait = waits_for(n, &e);
	if (!segment)
		put_words(n, &e);
	return true;
}

/* ---- the queue ---- */

/* let_go - of one that has not found its packet */
static void
let_go(struct notes *s, struct note *n)
{
	s->left += n->words[0] != '\0';
	s->spare[s->spares++] = n;
}

static void
let_oldest_go(struct notes *s)
{
	let_go(s, s->queue[0]);
	s->n--;
	memmove(s->queue, s->queue + 1, s->n * sizeof(struct note *));
}

/* read_note - the next that the log has; NULL: none */
static struct note *
read_note(struct notes *s)
{
	struct note *n = s->spare[s->spares - 1];
	char *line;

	while ((line = log_in_next(s->log)) != NULL)
		if (note(n, line)) {
			s->spares--;
			return n;
		}
	return NULL;
}

/* read_ahead - all lines that may be about a packet of this time */
static void
read_ahead(struct notes *s, uint64_t time)
{
	uint64_t far = time + AHEAD_NS;

	for (;;) {
		if (s->n > 0 && s->queue[s->n - 1]->time > far)
			return;
		if (s->next == NULL)
			s->next = read_note(s);
		if (s->next == NULL || (s->n == QUEUE && s->next->time > time))
			return;
		if (s->n == QUEUE)
			let_oldest_go(s);
		s->queue[s->n++] = s->next;
		s->next = NULL;
	}
}

/* ---- connections ---- */

/*
 * known - the connection of this segment; *from is its sender's end. NULL: no
 * memory
 */
static struct known *
known(struct notes *s, const struct tcpseg *seg, int *from)
{
	uint32_t i = flow_find(s->flows, &seg->src, &seg->dst, from);

	if (i != FLOW_NONE)
		return &s->known[i];
	i = flow_add(s->flows, &seg->src, &seg->dst);
	if (i == FLOW_NONE)
		return NULL;
	*from = 0;
	memset(&s->known[i], 0, sizeof(s->known[i]));
	return &s->known[i];
}

static void
learn_isn(struct known *k, const struct tcpseg *seg, int from)
{
	if (!(seg->flags & TH_SYN))
		return;
	/* a new one of the same ends */
	if (k->have_isn[from] && k->isn[from] != seg->seq &&
	    !(seg->flags & TH_ACK))
		memset(k, 0, sizeof(*k));
	k->isn[from] = seg->seq;
	k->have_isn[from] = true;
}

/* ---- which note belongs to which packet ---- */

struct packet {
	const struct tcpseg *seg;
	struct known *k;
	int from;
	uint64_t no;
	bool *numbered;
};

static bool
fits_said(const struct note *n, const struct packet *p, bool ours)
{
	if (!ours)
		return false;
	if (n->state[0] != '\0')
		return p->seg->flags & (TH_SYN | TH_FIN);
	if (!n->have_seq || (!n->absolute && !p->k->have_isn[p->from]))
		return true;
	return n->seq ==
	       (n->absolute ? p->seg->seq : p->seg->seq - p->k->isn[p->from]);
}

static bool
fits_heard(const struct note *n, const struct packet *p, bool ours)
{
	if (ours)
		return false;
	if (!tcpseg_at(p->seg, n->time))
		return true;
	/* several may have the same stamp; its own cannot lie behind this one
	   where the numbers are the log's */
	if (p->no >= n->frame)
		*p->numbered = p->no == n->frame;
	return !*p->numbered || p->no == n->frame;
}

static bool
fits(const struct note *n, const struct packet *p)
{
	bool ours = endpoint_equal(&n->local, &p->seg->src) &&
		    endpoint_equal(&n->remote, &p->seg->dst);

	if (!ours && (!endpoint_equal(&n->local, &p->seg->dst) ||
			 !endpoint_equal(&n->remote, &p->seg->src)))
		return false;
	if (!tcpseg_at(p->seg, n->time)) {
		if (n->time > p->seg->time)
			return false;
		if (p->seg->time - n->time > NEAR_NS)
			return true;
	}
	switch (n->wait) {
	case WAIT_HEARD:
		return fits_heard(n, p, ours);
	case WAIT_SAID:
		return fits_said(n, p, ours);
	case WAIT_ANY:
		break;
	}
	return true;
}

static void __attribute__((format(printf, 2, 3)))
add(char *text, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, COMMENT_MAX - len, fmt, ap);
	va_end(ap);
}

static void
take(struct known *k, const struct note *n, char *events)
{
	if (n->state[0] != '\0')
		memcpy(k->state, n->state, sizeof(k->state));
	if (n->have_cwnd) {
		k->have_cwnd = true;
		k->cwnd = n->cwnd;
		k->flight = n->flight;
	}
	if (n->have_rto) {
		k->have_rto = true;
		k->rto = n->rto;
	}
	if (n->words[0] != '\0')
		add(events, "; %s", n->words);
}

/* take those that are about the packet, let go those that waited too long */
static void
pass_queue(struct notes *s, const struct packet *p, char *events)
{
	uint64_t now = p->seg->time;
	size_t i, kept = 0;
	struct note *n;

	for (i = 0; i < s->n; i++) {
		n = s->queue[i];
		if (fits(n, p)) {
			take(p->k, n, events);
			s->spare[s->spares++] = n;
		} else if (now > n->time && now - n->time > LATE_NS) {
			let_go(s, n);
		} else {
			s->queue[kept++] = n;
		}
	}
	s->n = kept;
}

bool
notes_on(struct notes *s, const struct stream_rec *rec, uint64_t no,
    bool *numbered, char *text)
{
	char events[COMMENT_MAX] = "";
	struct tcpseg seg;
	struct packet p = {.seg = &seg, .no = no, .numbered = numbered};

	text[0] = '\0';
	if (tcpseg_decode(rec, s->decap, &seg) != 0)
		return false;
	read_ahead(s, seg.time);
	p.k = known(s, &seg, &p.from);
	if (p.k == NULL)
		return true;
	learn_isn(p.k, &seg, p.from);
	pass_queue(s, &p, events);
	if (p.k->state[0] != '\0')
		add(text, " state=%s", p.k->state);
	if (p.k->have_cwnd)
		add(text, " cwnd=%u flight=%u", p.k->cwnd, p.k->flight);
	if (p.k->have_rto)
		add(text, " rto_ms=%u", p.k->rto);
	add(text, "%s", events);
	/* what comes first begins with a space, or with "; " */
	memmove(text, text + strspn(text, "; "),
	    strlen(text + strspn(text, "; ")) + 1);
	return true;
}

void
notes_add(char *text, const char *key, const char *value)
{
	add(text, "%s%s=%s", text[0] != '\0' ? "; " : "", key, value);
}

uint64_t
notes_left(struct notes *s)
{
	do {
		while (s->n > 0)
			let_oldest_go(s);
		read_ahead(s, UINT64_MAX - AHEAD_NS);
	} while (s->n > 0);
	return s->left;
}

void
notes_decap(struct notes *s)
{
	s->decap = true;
}
