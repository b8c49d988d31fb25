/*
 * link.c - between the cases and the device: which case a packet belongs to,
 * ports and addresses, and whether the device is there at all.
 *
 * A device that is the server gets connections from the case's own ports. A
 * device that is the client connects to a port for each slot; its own port is
 * known once its SYN has come.
 */
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "pipe/stream.h"

#include "run.h"
#include "trigger.h"

enum {
	FIRST_PORT = 20000,
	ASKS = 3, /* SYNs to see that the device is there */
	TCP_MIN = 20,
	FLAGS_AT = 13,
};

/* ---- what the cases are played with ---- */

#define ASK_JOINED (300 * NS_PER_MS)

/* record_end - the cases go on; the file ends with a whole packet */
static void
record_end(struct drill *d)
{
	const char *why = strerror(errno);
	uint64_t lost = stream_out_cut(d->record, d->record_fd);

	say("write %s: %s: it ends after %llu packets", d->pcap, why,
	    (unsigned long long)(d->record->count - lost));
	d->record = NULL;
	d->unwritten = true;
}

static void
record(struct drill *d, uint64_t at, const uint8_t *frame, size_t n)
{
	int r;

	if (d->record == NULL ||
	    !stream_out_put(d->record, at, frame, n, NULL, 0))
		return;
	while ((r = stream_out_write(d->record, d->record_fd)) == 0)
		;
	if (r < 0)
		record_end(d);
}

static void
send_frame(void *ctx, const uint8_t *frame, size_t n)
{
	struct run *r = ctx;

	query_send(r->d->x, frame, n);
	record(r->d, query_now(r->d->x), frame, n);
}

static uint16_t
next_port(void *ctx, void *slot)
{
	struct run *r = ctx;
	uint16_t port = (uint16_t)(FIRST_PORT + r->next_block * PLAY_PORTS);

	r->owner[r->next_block] = slot;
	r->next_block = (r->next_block + 1) % RUN_BLOCKS;
	return port;
}

static uint64_t
random_number(void *ctx)
{
	struct run *r = ctx;

	return chance_u64(query_chance(r->d->x));
}

/* make_connect - have the device open another connection to the slot */
static void
make_connect(void *ctx, void *slot)
{
	const struct slot *s = slot;

	(void)ctx;
	trigger_run(s->listen);
}

void
link_start(struct run *r)
{
	struct drill *d = r->d;
	unsigned i;

	r->next_block = (unsigned)chance_below(query_chance(d->x), RUN_BLOCKS);
	r->host = (struct play_host){.send = send_frame,
	    .port = next_port,
	    .random = random_number,
	    .connect = make_connect,
	    .ctx = r,
	    .request = d->request,
	    .nrequest = d->nrequest,
	    .slack = d->slack,
	    .patience = d->o.wait,
	    .mtu = query_mtu(d->x),
	    .client = d->listen};
	for (i = 0; d->listen && i < r->nslots; i++)
		r->slot[i].listen = (uint16_t)(d->port[NEED_ANY] + i);
}

/* address_of - the nth source */
static struct ip_addr
address_of(const struct drill *d, unsigned n)
{
	struct ip_addr a = *query_source(d->x);

	put_be32(a.b + 12, get_be32(a.b + 12) + n);
	return a;
}

void
link_ends(struct run *r, struct slot *s, unsigned port)
{
	struct ip_addr a = address_of(r->d, s->address);
	struct ends *e = &s->play.ends;
	unsigned skip = ip_is_v4(&a) ? 12 : 0;

	memset(e, 0, sizeof(*e));
	e->v6 = !ip_is_v4(&a);
	memcpy(e->us, r->d->dst.b + skip, 16 - skip);
	memcpy(e->peer, a.b + skip, 16 - skip);
	memcpy(e->router, e->peer, sizeof(e->router));
	memcpy(e->us_mac, r->hop.b, 6);
	memcpy(e->peer_mac, query_mac(r->d->x)->b, 6);
	memcpy(e->router_mac, e->peer_mac, 6);
	if (s->listen != 0)
		e->rport = s->listen;
	else
		e->lport = (uint16_t)port;
	s->play.slot = s;
}

void
link_close(struct run *r, struct slot *s)
{
	unsigned i;

	play_end(&s->play, query_now(r->d->x));
	if (s->listen != 0)
		trigger_stop(s->listen);
	for (i = 0; i < RUN_BLOCKS; i++) {
		if (r->owner[i] == s)
			r->owner[i] = NULL;
	}
}

/* ---- frames ---- */

/* is_at - is this our end of the slot's connection? */
static bool
is_at(const struct slot *s, const struct ip_addr *to, uint16_t port)
{
	unsigned ports = s->listen != 0 ? 1 : PLAY_PORTS;

	if (s->running == RUN_NONE)
		return false;
	return memcmp(to->b + (s->play.ends.v6 ? 0 : 12), s->play.ends.peer,
		   s->play.ends.v6 ? 16 : 4) == 0 &&
	       (uint16_t)(port - s->play.ends.rport) < ports;
}

/* is_old - a SYN of a connection that was there before */
static bool
is_old(const struct run *r, uint16_t port, uint32_t isn)
{
	unsigned i;

	for (i = 0; i < r->nold && i < RUN_OLD; i++) {
		if (r->old[i].port == port && r->old[i].isn == isn)
			return true;
	}
	return false;
}

/* connected - is this the connection that the device's client was to open? */
static bool
connected(struct run *r, struct slot *s, const struct query_packet *p)
{
	uint16_t port = get_be16(p->data);
	uint32_t isn = get_be32(p->data + 4);

	if ((p->data[FLAGS_AT] & (F_SYN | F_ACK | F_RST)) != F_SYN ||
	    is_old(r, port, isn))
		return false;
	r->old[r->nold % RUN_OLD].port = port;
	r->old[r->nold++ % RUN_OLD].isn = isn;
	play_connected(&s->play, port, p->ts);
	return true;
}

/* is_of - the connection of a slot whose device is the client */
static bool
is_of(struct run *r, struct slot *s, const struct query_packet *p)
{
	uint16_t port = get_be16(p->data);

	if (s->listen == 0)
		return true;
	if (s->play.ends.lport == 0)
		return connected(r, s, p);
	return port == s->play.ends.lport || port == s->play.other;
}

/*
 * forget - answer a segment of a connection whose case is over by a reset, so
 * that the device does not keep it
 */
static void
forget(struct run *r, const struct query_packet *p)
{
	unsigned block = (get_be16(p->data + 2) - FIRST_PORT) / PLAY_PORTS;
	static uint8_t frame[MAX_FRAME];
	static struct slot none;
	struct flow flow = {0};
	struct seg_text s;
	unsigned flags = p->data[FLAGS_AT];

	if (r->d->listen || block >= RUN_BLOCKS || r->owner[block] != NULL ||
	    (flags & F_RST) || !(flags & F_ACK) ||
	    query_now(r->d->x) - r->forgot[block] < NS_PER_SEC / 10)
		return;
	r->forgot[block] = query_now(r->d->x);
	link_ends(r, &none, get_be16(p->data));
	memcpy(none.play.ends.peer, p->ip.dst.b + (none.play.ends.v6 ? 0 : 12),
	    none.play.ends.v6 ? 16 : 4);
	none.play.ends.rport = get_be16(p->data + 2);
	seg_init(&s);
	s.flags = F_RST;
	s.seq = get_be32(p->data + 8);
	send_frame(r, frame, seg_build(&s, &flow, &none.play.ends, frame));
}

/* note_mac - report packets of the device from another MAC, once */
static void
note_mac(struct run *r, const struct query_packet *p)
{
	char ip[IP_TEXT], old[MAC_TEXT], new[MAC_TEXT];

	if (r->told_mac || mac_equal(&p->from, &r->hop))
		return;
	r->told_mac = true;
	say("%s sends from %s, but is reached at %s: two devices with an "
	    "address, or a router between?",
	    ip_text(&r->d->dst, ip), mac_text(&p->from, new),
	    mac_text(&r->hop, old));
}

void
link_dispatch(struct run *r, const struct query_packet *p)
{
	bool icmp = p->ip.proto == PROTO_ICMP || p->ip.proto == PROTO_ICMP6;
	struct slot *s;
	unsigned i;

	if (!icmp && (p->ip.proto != PROTO_TCP || p->n < TCP_MIN))
		return;
	if (!ip_equal(&p->ip.src, &r->d->dst)) {
		r->other = p->ip.src;
		r->has_other = true;
		return;
	}
	note_mac(r, p);
	joined_look(r, p);
	record(r->d, p->ts, p->frame, p->len);
	for (i = 0; i < r->nslots; i++) {
		s = &r->slot[i];
		if (icmp) {
			if (is_at(s, &p->ip.dst, s->play.ends.rport))
				play_icmp(&s->play, p->data, p->n, p->ts);
		} else if (is_at(s, &p->ip.dst, get_be16(p->data + 2)) &&
			   is_of(r, s, p)) {
			play_frame(&s->play, p->frame, p->len, p->gso, p->ts);
			return;
		}
	}
	if (!icmp)
		forget(r, p);
}

/* ---- is it there? ---- */

static const struct drill_case is_it_there = {.name = "is it there"};

/* answered - more than n lines in the ladder, before the time */
static bool
answered(struct run *r, const struct play *p, unsigned n, uint64_t until)
{
	struct query_packet pkt;

	while (p->notes < n) {
		if (query_now(r->d->x) >= until ||
		    query_recv(r->d->x, until, &pkt) != QUERY_PACKET)
			return false;
		link_dispatch(r, &pkt);
	}
	return true;
}

static void
ask_begin(struct run *r, struct slot *s, unsigned port)
{
	link_ends(r, s, port);
	s->running = 0;
	play_start(
	    &s->play, &r->d->cases, &is_it_there, &r->host, query_now(r->d->x));
}

static void
ask_send(struct run *r, struct slot *s, const char *text)
{
	struct seg_text seg;
	const char *why;

	seg_parse(text, &seg, &why, NULL);
	play_send(&s->play, &seg, query_now(r->d->x));
}

/* ask_request - the one that cases send */
static void
ask_request(struct run *r, struct slot *s)
{
	struct seg_text seg;

	seg_init(&seg);
	seg.flags = F_ACK | F_PSH;
	seg.seq = seg.ack = 1;
	seg.len = (uint32_t)r->host.nrequest;
	seg.payload = r->host.request;
	play_send(&s->play, &seg, query_now(r->d->x));
}

static void
ask_end(struct run *r, struct slot *s)
{
	s->running = RUN_NONE;
	if (s->play.rtt != 0)
		r->host.rtt = r->host.srtt = s->play.rtt;
	link_close(r, s);
}

/* ask_server - does it answer a SYN? */
static bool
ask_server(struct run *r)
{
	struct slot *s = &r->slot[0];
	char text[IP_TEXT];
	unsigned i;

	for (i = 0; i < ASKS; i++) {
		ask_begin(r, s, r->d->port[NEED_ANY]);
		ask_send(r, s, "S 0:0(0) win 65535 <mss 1460>");
		/* ever later, for one that is slow or far away */
		if (answered(r, &s->play, 2,
			query_after(r->d->x, (i + 1) * NS_PER_SEC)))
			break;
	}
	ask_end(r, s);
	if (i < ASKS && !s->play.gone)
		return true;
	if (query_failed(r->d->x))
		return false;
	if (i == ASKS && r->has_other)
		say("connect to port %u: no answer, but %s sends segments",
		    r->d->port[NEED_ANY], ip_text(&r->other, text));
	else
		say("connect to port %u: %s", r->d->port[NEED_ANY],
		    i == ASKS ? "no answer" : "the device refuses");
	return false;
}

/*
 * ask_joined - over a stream: does a card join segments? A service that sends
 * much at once shows it: of echo's, what fills a gap
 */
static void
ask_joined(struct run *r)
{
	static const char *const echo[] = {
	    "P. 1001:2001(1000) ack 1", "P. 1:1001(1000) ack 1"};
	enum need need = r->d->port[NEED_CHARGEN] != 0 ? NEED_CHARGEN
			 : r->d->port[NEED_ECHO] != 0  ? NEED_ECHO
						       : NEED_HTTP;
	struct slot *s = &r->slot[0];
	struct query_packet p;
	uint64_t until;
	unsigned i;

	if (r->d->port[need] == 0)
		return;
	ask_begin(r, s, r->d->port[need]);
	ask_send(r, s, "S 0:0(0) win 65535 <mss 1460>");
	if (answered(r, &s->play, 2, query_after(r->d->x, NS_PER_SEC)))
		ask_send(r, s, ". 1:1(0) ack 1");
	for (i = 0; need == NEED_ECHO && i < 2; i++)
		ask_send(r, s, echo[i]);
	if (need == NEED_HTTP)
		ask_request(r, s);
	until = query_after(r->d->x, ASK_JOINED + 2 * r->host.rtt);
	while (!r->host.joined && query_now(r->d->x) < until &&
	       query_recv(r->d->x, until, &p) == QUERY_PACKET)
		link_dispatch(r, &p);
	ask_end(r, s);
}

/* await_client - until a SYN to the first port comes: its sender is the
   device */
static bool
await_client(struct run *r, struct slot *s)
{
	uint64_t until = query_after(r->d->x, r->d->o.wait);
	struct query_packet p;

	while (query_now(r->d->x) < until &&
	       query_recv(r->d->x, until, &p) == QUERY_PACKET) {
		if (p.ip.proto != PROTO_TCP || p.n < TCP_MIN ||
		    get_be16(p.data + 2) != s->listen ||
		    !(p.data[FLAGS_AT] & F_SYN))
			continue;
		r->d->dst = p.ip.src;
		r->hop = p.from;
		link_ends(r, s, 0);
		link_dispatch(r, &p);
		return true;
	}
	return false;
}

/* ask_client - does it connect, and what is the round trip? */
static bool
ask_client(struct run *r)
{
	struct slot *s = &r->slot[0];
	bool there;

	ask_begin(r, s, r->d->port[NEED_ANY]);
	there = await_client(r, s);
	if (there) {
		ask_send(r, s, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
		answered(r, &s->play, 3, query_after(r->d->x, NS_PER_SEC));
	}
	ask_end(r, s);
	if (!there && !query_failed(r->d->x))
		say("wait for a SYN to port %u: none has come after the "
		    "trigger: does it reach the device? -w waits longer, -v "
		    "shows what it writes",
		    s->listen);
	return there;
}

bool
link_ask(struct run *r)
{
	struct drill *d = r->d;
	char text[IP_TEXT];

	if (d->listen)
		return ask_client(r);
	if (query_next_hop(d->x, &d->dst, query_after(d->x, d->o.wait),
		&r->hop) != QUERY_PACKET) {
		if (!query_failed(d->x))
			say("resolve %s: no answer", ip_text(&d->dst, text));
		return false;
	}
	if (d->port[NEED_ANY] != 0 && !ask_server(r))
		return false;
	if (!d->o.live)
		ask_joined(r);
	return true;
}
