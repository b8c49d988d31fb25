/*
 * turns.c - see turns.h.
 *
 * The end that sends the first datagram is the client; but when that comes
 * from a well-known port, the request was sent before the capture began. A
 * datagram that the capture has twice counts once. Requests are alike when
 * their bytes are, but for the first two where the answers repeat these: the
 * number of a question (RFC 1035 4.1.1) differs each time.
 *
 * A request to a group, or to all, is answered by hosts of other addresses: to
 * the address and port that asked, or, where both ports are the same, to the
 * group (RFC 6762 6). The first that sends to such a group is its client.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "capture/flow.h"
#include "pipe/stream.h"
#include "replay/datagram.h"
#include "replay/turns.h"

enum {
	PORTS = 65536,
	WELL_KNOWN = 1024,
	NONE = TURN_LAST,
	SILENT = TURN_LAST - 1, /* a port that was asked and never answered */
};

#define TWICE_NS UINT64_C(1000000)
#define GROUP_NS UINT64_C(10000000000) /* in which a group answers */

/* two ends, the client first; what the latest datagram was */
struct pair {
	uint32_t turn;	       /* the latest, or NONE */
	uint32_t same;	       /* this pair stands for it; or NONE */
	struct endpoint asker; /* of a group */
	int client;	       /* which end of the flow */
	uint64_t time;
	size_t at;
	uint32_t len, id;
	int from;
};

struct turns {
	struct flow_table *flows;
	struct pair *pair;
	struct turn *turn;
	struct turn_answer *answer;
	uint8_t *store;
	uint32_t pairs, n, answers;
	size_t stored, pair_room, turn_room, answer_room, store_room;
	uint64_t key[2];
	uint32_t *bucket; /* by the request: a turn, or NONE */
	uint32_t mask;
	uint32_t *of_port; /* the next one with an answer, NONE, or SILENT */
	bool *of_group;	   /* a group was asked at this port */
	uint32_t answered, silent;
	uint64_t longer, cut;
};

struct turns *
turns_new(uint64_t seed)
{
	struct turns *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->key[0] = seed;
	t->key[1] = ~seed;
	t->flows = flow_table_new(UINT32_MAX - 1, t->key);
	if (t->flows == NULL) {
		free(t);
		return NULL;
	}
	return t;
}

void
turns_free(struct turns *t)
{
	if (t == NULL)
		return;
	flow_table_free(t->flows);
	free(t->pair);
	free(t->turn);
	free(t->answer);
	free(t->store);
	free(t->bucket);
	free(t->of_port);
	free(t->of_group);
	free(t);
}

/* room - at *p for n more units of size bytes behind have: 0 or -1 */
static int
room(void **p, size_t have, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap > 0 ? *cap : 256;
	void *grown;

	if (*p != NULL && have + n <= *cap)
		return 0;
	while (more < have + n)
		more *= 2;
	grown = realloc(*p, more * size);
	if (grown == NULL)
		return -1;
	*p = grown;
	*cap = more;
	return 0;
}

/* ---- out of the capture */

/* pair_new - of these ends; NULL: no memory */
static struct pair *
pair_new(
    struct turns *t, const struct endpoint *src, const struct endpoint *dst)
{
	struct pair *p;

	if (room((void **)&t->pair, t->pairs, 1, &t->pair_room,
		sizeof(*t->pair)) != 0 ||
	    flow_add(t->flows, src, dst) == FLOW_NONE)
		return NULL;
	p = &t->pair[t->pairs++];
	*p = (struct pair){.turn = NONE, .same = NONE, .from = -1};
	return p;
}

/* group_of - what belongs to a group that this end has asked, or to the group
   at this port; or NULL */
static struct pair *
group_of(struct turns *t, const struct endpoint *e)
{
	struct endpoint any = {.port = 0};
	int from;
	uint32_t i = flow_find(t->flows, e, &any, &from);

	if (i != FLOW_NONE && t->pair[i].same != NONE)
		i = t->pair[i].same;
	return i != FLOW_NONE ? &t->pair[i] : NULL;
}

/* pair_group - the same of a datagram to a group, or to all */
static struct pair *
pair_group(struct turns *t, const struct datagram *d, int *from)
{
	struct endpoint any = {.port = 0};
	bool both = d->src.port == d->dst.port;
	struct pair *p = group_of(t, both ? &d->dst : &d->src);
	uint32_t no = t->pairs;

	if (p == NULL) {
		p = pair_new(t, both ? &d->dst : &d->src, &any);
		if (p == NULL)
			return NULL;
		p->asker = d->src;
		if (both && group_of(t, &d->src) == NULL) {
			p = pair_new(t, &d->src, &any);
			if (p == NULL)
				return NULL;
			p->same = no;
			p = &t->pair[no];
		}
	}
	*from = !endpoint_equal(&p->asker, &d->src);
	return p;
}

/* pair_of - its two ends, and which of them has sent it; NULL: no memory */
static struct pair *
pair_of(struct turns *t, const struct datagram *d, int *from)
{
	uint32_t i = flow_find(t->flows, &d->src, &d->dst, from);
	struct pair *p;

	if (i != FLOW_NONE)
		return &t->pair[i];
	if (!d->to_host)
		return pair_group(t, d, from);
	p = group_of(t, &d->dst);
	if (p != NULL && p->turn != NONE &&
	    endpoint_equal(&p->asker, &d->dst) &&
	    d->time - t->turn[p->turn].time < GROUP_NS) {
		*from = 1;
		return p;
	}
	*from = 0;
	p = pair_new(t, &d->src, &d->dst);
	if (p != NULL && d->src.port < WELL_KNOWN && d->dst.port >= WELL_KNOWN)
		p->client = 1;
	return p;
}

/* is_twice - the datagram before it is in the capture once more */
static bool
is_twice(const struct turns *t, const struct pair *p, const struct datagram *d,
    int from)
{
	return p->from == from && p->len == d->len && p->id == d->id &&
	       (d->id != 0 || d->time - p->time < TWICE_NS) &&
	       memcmp(t->store + p->at, d->bytes, d->len) == 0;
}

static int
add_turn(struct turns *t, struct pair *p, const struct datagram *d)
{
	if (room((void **)&t->turn, t->n, 1, &t->turn_room, sizeof(*t->turn)))
		return -1;
	t->turn[t->n] = (struct turn){.no = d->no,
	    .time = d->time,
	    .at = p->at,
	    .len = d->len,
	    .first = NONE,
	    .last = NONE,
	    .alike = NONE,
	    .next = NONE,
	    .has_id = d->len >= TURN_ID,
	    .to_host = d->to_host,
	    .port = d->dst.port};
	p->turn = t->n++;
	return 0;
}

static int
add_answer(struct turns *t, struct pair *p, const struct datagram *d)
{
	struct turn *q = &t->turn[p->turn];

	if (room((void **)&t->answer, t->answers, 1, &t->answer_room,
		sizeof(*t->answer)))
		return -1;
	t->answer[t->answers] = (struct turn_answer){
	    .after = d->time > q->time ? d->time - q->time : 0,
	    .at = p->at,
	    .len = d->len,
	    .next = NONE,
	    .from = d->src.port,
	    .to = d->dst.port,
	    .ttl = d->ttl,
	    .to_group = !d->to_host};
	if (q->first == NONE)
		q->first = t->answers;
	else
		t->answer[q->last].next = t->answers;
	q->last = t->answers++;
	q->answers++;
	if (q->has_id)
		q->has_id = d->len >= TURN_ID &&
			    memcmp(t->store + q->at, d->bytes, TURN_ID) == 0;
	return 0;
}

long
turns_take(
    struct turns *t, const struct stream_rec *rec, bool decap, uint64_t no)
{
	struct datagram d = {.no = no};
	struct pair *p;
	int from;

	if (!datagram_read(rec, decap, &d))
		return 0;
	p = pair_of(t, &d, &from);
	if (p == NULL ||
	    room((void **)&t->store, t->stored, d.len, &t->store_room, 1) != 0)
		return -1;
	if (d.len > TURNS_LONGEST)
		t->longer++;
	if (d.len > TURNS_LONGEST || is_twice(t, p, &d, from))
		return 1;
	p->at = t->stored;
	p->len = d.len;
	p->id = d.id;
	p->time = d.time;
	p->from = from;
	if (from != p->client && p->turn == NONE)
		return 1; /* there was no request */
	if (from != p->client && d.cut) {
		t->turn[p->turn].lacks = true;
		t->cut++;
		return 1;
	}
	memcpy(t->store + t->stored, d.bytes, d.len);
	t->stored += d.len;
	if ((from == p->client ? add_turn : add_answer)(t, p, &d) != 0)
		return -1;
	return (long)(d.len + sizeof(struct turn));
}

/* ---- what answers what */

/* bucket - of a request; the first two bytes do not count */
static uint32_t
bucket(const struct turns *t, uint16_t port, const uint8_t *b, size_t n)
{
	uint64_t key[2] = {t->key[0] ^ port, t->key[1]};
	size_t skip = n < TURN_ID ? n : TURN_ID;

	return (uint32_t)hash_keyed(key, b + skip, n - skip) & t->mask;
}

static bool
is_alike(const struct turns *t, const struct turn *q, uint16_t port,
    const uint8_t *b, size_t n)
{
	size_t skip = q->has_id ? TURN_ID : 0;

	return q->port == port && q->len == n &&
	       memcmp(t->store + q->at + skip, b + skip, n - skip) == 0;
}

/* look_up - where the latest turn with this request is; its bucket is free if
   there is none */
static uint32_t *
look_up(struct turns *t, uint16_t port, const uint8_t *b, size_t n)
{
	uint32_t i = bucket(t, port, b, n);

	while (t->bucket[i] != NONE &&
	       !is_alike(t, &t->turn[t->bucket[i]], port, b, n))
		i = (i + 1) & t->mask;
	return &t->bucket[i];
}

/* join_ring - *latest: a turn of the ring, or NONE; turn i comes behind it */
static void
join_ring(uint32_t *latest, uint32_t i, uint32_t *mine, uint32_t *its)
{
	*mine = *latest == NONE ? i : *its;
	if (*latest != NONE)
		*its = i;
	*latest = i;
}

/* enter_silent - one that was not answered */
static void
enter_silent(struct turns *t, const struct turn *q)
{
	uint32_t *at = &t->of_port[q->port];

	t->silent++;
	if (*at == NONE && q->to_host)
		*at = SILENT;
}

/* enter - the turn into the table; one without an answer only if none has */
static void
enter(struct turns *t, uint32_t i)
{
	struct turn *q = &t->turn[i];
	uint32_t *at = look_up(t, q->port, t->store + q->at, q->len);
	uint32_t none = NONE;

	if (q->answers == 0 && q->lacks)
		return;
	t->of_group[q->port] |= !q->to_host;
	if (*at != NONE && t->turn[*at].answers == 0)
		*at = NONE;
	else if (*at != NONE && q->answers == 0)
		return;
	join_ring(at, i, &q->alike, *at == NONE ? &none : &t->turn[*at].alike);
	if (q->answers == 0) {
		enter_silent(t, q);
		return;
	}
	at = &t->of_port[q->port];
	t->answered++;
	if (*at == SILENT)
		*at = NONE;
	join_ring(at, i, &q->next, *at == NONE ? &none : &t->turn[*at].next);
}

int
turns_end(struct turns *t)
{
	uint32_t size = 16, i;

	while (size / 2 <= t->n)
		size *= 2;
	t->mask = size - 1;
	t->bucket = malloc(size * sizeof(*t->bucket));
	t->of_port = malloc(PORTS * sizeof(*t->of_port));
	t->of_group = calloc(PORTS, sizeof(*t->of_group));
	if (t->bucket == NULL || t->of_port == NULL || t->of_group == NULL)
		return -1;
	memset(t->bucket, 0xff, size * sizeof(*t->bucket));
	memset(t->of_port, 0xff, PORTS * sizeof(*t->of_port));
	for (i = 0; i < t->n; i++)
		enter(t, i);
	return 0;
}

const struct turn *
turns_find(
    struct turns *t, uint16_t port, const uint8_t *b, size_t n, bool *same)
{
	uint32_t *at = look_up(t, port, b, n);

	*same = *at != NONE;
	if (*same) {
		*at = t->turn[*at].alike;
		return t->turn[*at].answers > 0 ? &t->turn[*at] : NULL;
	}
	at = &t->of_port[port];
	if (*at == NONE || *at == SILENT)
		return NULL;
	*at = t->turn[*at].next;
	return &t->turn[*at];
}

const struct turn_answer *
turns_answer(const struct turns *t, uint32_t i)
{
	return &t->answer[i];
}

const uint8_t *
turns_bytes(const struct turns *t, size_t at)
{
	return t->store + at;
}

uint32_t
turns_count(const struct turns *t)
{
	return t->answered;
}

uint32_t
turns_silent(const struct turns *t)
{
	return t->silent;
}

uint64_t
turns_long(const struct turns *t)
{
	return t->longer;
}

uint64_t
turns_cut(const struct turns *t)
{
	return t->cut;
}

bool
turns_has_port(const struct turns *t, uint16_t port, bool group)
{
	return group ? t->of_group[port] : t->of_port[port] != NONE;
}
