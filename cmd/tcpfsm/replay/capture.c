/*
 * capture.c - see capture.h.
 *
 * Bytes lie one behind the other in one store, as they came; a connection has
 * its pieces in a list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/analysis.h"
#include "capture/seglist.h"
#include "capture/sorter.h"
#include "pipe/stream.h"
#include "replay/capture.h"
#include "replay/capture_var.h"
#include "replay/turns.h"

struct capture *
capture_new(size_t bytes, int64_t stream)
{
	struct capture *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->limit = bytes;
	c->want = stream;
	c->ifaces = 1;
	c->sorter = sorter_new();
	if (c->sorter == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
capture_free(struct capture *c)
{
	if (c == NULL)
		return;
	merge_free(&c->held);
	sorter_free(c->sorter);
	turns_free(c->turns);
	free(c->stream);
	free(c->node);
	free(c->store);
	free(c);
}

const char *
capture_why(const struct capture *c)
{
	return c->why;
}

const struct leftout *
capture_left(const struct capture *c)
{
	return &c->left;
}

void
capture_side(struct capture *c, enum conv_who me)
{
	c->me = me;
}

void
capture_iface(struct capture *c, uint32_t iface, uint32_t ifaces)
{
	c->iface = iface;
	c->ifaces = ifaces;
}

void
capture_decap(struct capture *c)
{
	c->decap = true;
}

int
capture_udp(struct capture *c, uint64_t seed)
{
	c->udp = true;
	c->turns = turns_new(seed);
	return c->turns != NULL ? 0 : -1;
}

struct turns *
capture_turns(struct capture *c)
{
	struct turns *t = c->turns;

	c->turns = NULL;
	return t;
}

const struct steps *
capture_steps(const struct capture *c)
{
	return &c->steps;
}

uint32_t
capture_streams(const struct capture *c)
{
	return c->streams;
}

uint64_t
capture_ends(const struct capture *c, int64_t stream,
    const struct endpoint **client, const struct endpoint **server)
{
	const struct stream *s = &c->stream[stream];

	*client = &s->end[CONV_CLIENT];
	*server = &s->end[CONV_SERVER];
	return s->no;
}

/* ---- room */

/* grow - p, or its new place, with room for n more units of size bytes */
static void *
grow(void *p, size_t have, size_t n, size_t *room, size_t size)
{
	size_t more = *room > 0 ? *room : 1024;

	if (p != NULL && have + n <= *room)
		return p;
	while (more < have + n)
		more *= 2;
	p = realloc(p, more * size);
	if (p != NULL)
		*room = more;
	return p;
}

/* spend - bytes of what may be kept */
static int
spend(struct capture *c, size_t n)
{
	if (n <= c->limit - c->used) {
		c->used += n;
		return 0;
	}
	snprintf(c->why, sizeof(c->why),
	    "more than %zu bytes to be kept: choose a connection by --stream, "
	    "or raise --capture-bytes",
	    c->limit);
	return -1;
}

int
capture_no_memory(struct capture *c)
{
	snprintf(c->why, sizeof(c->why), "out of memory");
	return -1;
}

/* ---- connections */

/* begin - a connection, of which this is the first packet */
static struct stream *
begin(struct capture *c, const struct tcpseg *seg, uint64_t no)
{
	bool turned = conn_from_server(seg);
	struct stream *s;

	if (spend(c, sizeof(*s)) != 0)
		return NULL;
	s = grow(c->stream, c->streams, 1, &c->stream_room, sizeof(*s));
	if (s == NULL) {
		capture_no_memory(c);
		return NULL;
	}
	c->stream = s;
	s += c->streams;
	memset(s, 0, sizeof(*s));
	s->end[turned ? CONV_SERVER : CONV_CLIENT] = seg->src;
	s->end[turned ? CONV_CLIENT : CONV_SERVER] = seg->dst;
	s->no = no;
	s->first = s->last = NONE;
	c->streams++;
	return s;
}

/* append - node i as the latest piece */
static void
append(struct capture *c, struct stream *s, uint32_t i)
{
	c->node[i].next = NONE;
	if (s->first == NONE)
		s->first = i;
	else
		c->node[s->last].next = i;
	s->last = i;
	s->pieces++;
}

/* give - the latest piece of one connection is the first one of another: a SYN,
   which is always kept */
static void
give(struct capture *c, struct stream *from, struct stream *to)
{
	uint32_t i = from->first, last = from->last;

	if (last == NONE)
		return;
	while (i != last && c->node[i].next != last)
		i = c->node[i].next;
	if (i == last)
		i = from->first = NONE;
	else
		c->node[i].next = NONE;
	from->last = i;
	from->pieces--;
	to->no = c->node[last].no;
	append(c, to, last);
}

/* find - the connection of a segment; NULL: no room */
static struct stream *
find(struct capture *c, const struct tcpseg *seg, uint64_t no)
{
	struct sorted where;
	struct stream *s;
	size_t bytes;

	if (sorter_take(c->sorter, seg, &where) != 0) {
		capture_no_memory(c);
		return NULL;
	}
	bytes = sorter_bytes(c->sorter);
	if (bytes > c->counted) {
		if (spend(c, bytes - c->counted) != 0)
			return NULL;
		c->counted = bytes;
	}
	if (where.no < c->streams)
		return &c->stream[where.no];
	s = begin(c, seg, no);
	if (s != NULL && where.given != SORTER_NONE)
		give(c, &c->stream[where.given], s);
	return s;
}

/* keep - the segment as a piece of its connection; len bytes of it are there */
static int
keep(struct capture *c, struct stream *s, const struct tcpseg *seg, uint64_t no,
    const uint8_t *bytes)
{
	struct node *node;
	uint8_t *store;

	if (spend(c, sizeof(*node) + seg->there) != 0)
		return -1;
	node = grow(c->node, c->nodes, 1, &c->node_room, sizeof(*node));
	if (node == NULL)
		return capture_no_memory(c);
	c->node = node;
	store = grow(c->store, c->stored, seg->there, &c->store_room, 1);
	if (store == NULL)
		return capture_no_memory(c);
	c->store = store;
	c->node[c->nodes] = (struct node){
	    .seg = *seg, .no = no, .at = c->stored};
	if (seg->there > 0)
		memcpy(c->store + c->stored, bytes, seg->there);
	c->stored += seg->there;
	append(c, s, c->nodes++);
	return 0;
}

/* take_other - no TCP: a datagram, or what is left out. 0 or -1 */
static int
take_other(
    struct capture *c, const struct stream_rec *rec, enum left why, uint64_t no)
{
	long n = 0;

	if (c->turns != NULL && why != LEFT_CUT)
		n = turns_take(c->turns, rec, c->decap, no);
	c->seen_udp |= n > 0 || why == LEFT_UDP;
	if (n < 0)
		return capture_no_memory(c);
	if (n == 0)
		leftout_count(&c->left, why);
	return n > 0 ? spend(c, (size_t)n) : 0;
}

/* take - the next segment by time, with the bytes that are there */
static int
take(struct capture *c, const struct tcpseg *seg, uint64_t no,
    const uint8_t *bytes)
{
	struct stream *s = find(c, seg, no);
	/* a SYN may begin the next one */
	bool syn = (seg->flags & (TH_SYN | TH_ACK)) == TH_SYN;

	if (s == NULL)
		return -1;
	if (c->want != CAPTURE_ANY && s - c->stream != c->want && !syn)
		return 0;
	return keep(c, s, seg, no, bytes);
}

/* take_held - those that nothing can come before, or all */
static int
take_held(struct capture *c, bool all)
{
	struct merge_item *it;
	int r = 0;

	while (r == 0 && (it = merge_next(&c->held, all)) != NULL) {
		c->used -= merge_size(&it->seg);
		r = take(c, &it->seg, it->no, it->bytes);
		free(it);
	}
	return r;
}

int
capture_end(struct capture *c)
{
	return take_held(c, true);
}

int
capture_take(struct capture *c, const struct stream_rec *rec, uint64_t no)
{
	struct tcpseg seg;
	enum left why;

	why = tcpseg_decode(rec, c->decap, &seg);
	if (why != LEFT_NOTHING)
		return take_other(c, rec, why, no);
	leftout_count(&c->left, why);
	seg.time = steps_time(
	    &c->steps, c->iface, c->ifaces, seg.time, &seg.due);
	if (c->ifaces == 1)
		return take(c, &seg, no, rec->data + seg.at);
	if (spend(c, merge_size(&seg)) != 0)
		return -1;
	if (merge_put(&c->held, &seg, no, rec->data + seg.at) != 0)
		return capture_no_memory(c);
	return take_held(c, false);
}
