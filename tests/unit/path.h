/*
 * path.h - two engines and a path between them on one virtual clock, for tests
 * that ask what a path does to a sender. The client sends, the server only
 * acknowledges. The test decides what becomes of each frame.
 */
#ifndef PATH_H
#define PATH_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "quiet.h"
#include "tcp/tcp_var.h"
#include "wire/parse.h"

#define PATH_START UINT64_C(1763640000000000000)

enum { PATH_CLIENT, PATH_SERVER, PATH_MSS = 1448, PATH_HEAD = 66 };

struct path_frame {
	struct path_frame *next;
	uint64_t at;
	int to;
	size_t len;
	uint8_t bytes[];
};

struct path {
	struct tcp *t[2];
	struct tcb *tcb; /* the client's */
	uint64_t now;
	struct path_frame *queue; /* by time of arrival */
	uint64_t count[2];	  /* frames to each end */
	uint64_t data;		  /* segments with data, to the server */
	bool closed;
	unsigned timeouts, spurious, again; /* of the client */
	uint64_t acked;			    /* bytes */
	uint32_t most;			    /* the largest flight, bytes */
	/* when the frame arrives; NEVER: it is lost. no: its ordinal among the
	   frames with data, counted from 1; 0: it has none */
	uint64_t (*carry)(struct path *, int to, uint64_t no, size_t len);
	/* of the test */
	uint64_t delay, late, busy, lost, gap;
	unsigned held, queue_max;
};

/* what a frame knows of its way; two engines share the callbacks */
struct path_end {
	struct path *p;
	int who;
};

static struct path_end path_end[2];

static inline void
path_put(struct path *p, struct path_frame *f)
{
	struct path_frame **at = &p->queue;

	while (*at != NULL && (*at)->at <= f->at)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
}

static inline void
path_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	struct path_end *e = ctx;
	struct path *p = e->p;
	struct path_frame *f = malloc(sizeof(*f) + hlen + dlen);
	int to = !e->who;

	p->count[to]++;
	if (to == PATH_SERVER && dlen > 0)
		p->data++;
	memcpy(f->bytes, head, hlen);
	if (dlen > 0)
		memcpy(f->bytes + hlen, data, dlen);
	f->len = hlen + dlen;
	f->to = to;
	f->at = p->carry(p, to, dlen > 0 ? p->data : 0, f->len);
	if (f->at == NEVER) {
		p->lost++;
		free(f);
		return;
	}
	path_put(p, f);
}

static inline void
path_event(void *ctx, const struct tcp_event *ev)
{
	struct path_end *e = ctx;
	struct path *p = e->p;

	if (e->who != PATH_CLIENT)
		return;
	if (ev->type == TCP_EV_RETRANSMIT)
		p->again++;
	if (ev->type != TCP_EV_TIMEOUT)
		return;
	if (strcmp(ev->why, "spurious") == 0)
		p->spurious++;
	else
		p->timeouts++;
}

static inline void
path_acked(void *ctx, struct tcb *tcb, uint64_t off, uint64_t now)
{
	struct path_end *e = ctx;

	if (e->who == PATH_CLIENT)
		e->p->acked = off;
}

static inline void
path_closed(
    void *ctx, struct tcb *tcb, const struct tcp_reason *why, uint64_t now)
{
	struct path_end *e = ctx;

	if (e->who == PATH_CLIENT)
		e->p->closed = true;
}

static const struct tcp_host path_host = {
    .emit = path_emit, .event = path_event};

static const struct tcp_app path_app = {
    .closed = path_closed, .data = quiet_data, .acked = path_acked};

static inline void
path_flush(struct path *p)
{
	uint32_t flight;
	int i;

	for (i = 0; i < 2; i++) {
		while (tcp_deadline(p->t[i]) <= p->now)
			tcp_timers(p->t[i], p->now);
		tcp_flush(p->t[i], p->now, SIZE_MAX);
	}
	flight = p->tcb != NULL && !p->closed
		     ? p->tcb->snd_nxt - p->tcb->snd_una
		     : 0;
	if (flight > p->most)
		p->most = flight;
}

/* path_step - to the next thing that happens; false: nothing will, by then */
static inline bool
path_step(struct path *p, uint64_t limit)
{
	uint64_t at = p->queue != NULL ? p->queue->at : NEVER;
	struct path_frame *f;
	int i;

	for (i = 0; i < 2; i++) {
		if (tcp_deadline(p->t[i]) < at)
			at = tcp_deadline(p->t[i]);
	}
	if (at > limit) {
		p->now = limit;
		return false;
	}
	if (p->gap > 0) /* what comes within a gap is one batch */
		at = (at + p->gap - 1) / p->gap * p->gap;
	if (at > p->now)
		p->now = at;
	while ((f = p->queue) != NULL && f->at <= p->now) {
		p->queue = f->next;
		tcp_input(p->t[f->to], p->now, f->bytes, f->len, p->now, 1);
		free(f);
		if (p->gap == 0)
			break;
	}
	path_flush(p);
	return true;
}

/* path_connect - from the client's port to this server, until ESTABLISHED */
static inline void
path_connect(struct path *p, uint16_t port, const char *server)
{
	struct ip_addr from, to;
	struct mac gw;

	parse_addr("10.0.0.9", &from);
	parse_addr(server, &to);
	mac_of_phantom(&to, &gw);
	p->acked = 0;
	p->closed = false;
	p->tcb = tcp_connect(
	    p->t[PATH_CLIENT], p->now, &from, port, &to, 80, &gw);
	path_flush(p);
	while (p->tcb->c.state != TCPS_ESTABLISHED && path_step(p, NEVER - 1))
		;
	tcp_nodelay(p->tcb, true);
	p->most = 0;
}

/* path_open - both engines, and a connection; cfg may be NULL */
static inline void
path_open(struct path *p, const struct tcp_config *cfg,
    uint64_t (*carry)(struct path *, int, uint64_t, size_t))
{
	struct tcp_config c;
	int i;

	p->carry = carry;
	p->now = PATH_START;
	tcp_defaults(&c);
	if (cfg != NULL)
		c = *cfg;
	for (i = 0; i < 2; i++) {
		path_end[i] = (struct path_end){p, i};
		c.no_listen = i == PATH_CLIENT;
		p->t[i] = tcp_new(&c, &path_host, &path_end[i], &path_app,
		    &path_end[i], p->now);
	}
	path_connect(p, 1000, "10.0.0.5");
	p->timeouts = p->again = 0; /* the SYN's, on a long path */
}

/* path_send - n more bytes; ns until they are acknowledged; NEVER: given up */
static inline uint64_t
path_send(struct path *p, uint64_t n, uint64_t patience)
{
	uint64_t begin = p->now, end = p->tcb->offer_end + n;

	tcp_offer(p->tcb, end);
	path_flush(p);
	while (p->acked < end) {
		if (!path_step(p, begin + patience) || p->closed)
			return NEVER;
	}
	return p->now - begin;
}

/* path_wait - for so long, whatever happens */
static inline void
path_wait(struct path *p, uint64_t ns)
{
	uint64_t until = p->now + ns;

	while (path_step(p, until))
		;
}

static inline void
path_close(struct path *p)
{
	struct path_frame *f;

	while ((f = p->queue) != NULL) {
		p->queue = f->next;
		free(f);
	}
	tcp_free(p->t[0]);
	tcp_free(p->t[1]);
	memset(p, 0, sizeof(*p));
}

#endif
