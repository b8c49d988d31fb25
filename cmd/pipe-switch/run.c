/*
 * run.c - see run.h.
 *
 * One loop: read what each port has sent, decide, write what waits for each.
 * Frames are written to their port from where they were read; what the port
 * does not take at once is copied into its queue. The ports that fill the
 * queue of a slow port wait for a moment; if that was in vain, the slow port
 * loses frames, and the others do not wait any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "base/die.h"
#include "pipe/loop.h"
#include "wire/ether.h"

#include "again.h"
#include "frame.h"
#include "idle.h"
#include "run.h"

enum { SIGNAL_ROUNDS = 16, ADDRS = 12, TAG = 4, LARGE = 16 * 1024 };
#define WAIT   (5 * NS_PER_MS) /* for a port with a full queue */
#define LEAVE  NS_PER_SEC      /* for commands to end */
#define REMIND (10 * NS_PER_SEC)

/* ---- frames */

static void
on_send(void *ctx, unsigned to, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m, bool only)
{
	struct run *r = ctx;
	struct port *port = &r->port[to], *from = &r->port[r->from];
	const struct pass_to pipe = {
	    &port->out, port->child.out, &port->full, &port->pipes};
	unsigned i;

	if (port->child.out < 0)
		return;
	idle_wake(r, to);
	/* the second piece begins with the EtherType */
	if (port->words->types != 0 &&
	    (frame_is(q, m) & port->words->types) == 0)
		return;
	/* a recording needs the frame, too */
	only = only && r->o.pcaps == 0;
	if (r->o.lockstep || port->file ||
	    !pass_put(&r->pass, &pipe, now, p, n, q, m, only)) {
		if (stream_out_room(&port->out) < n + m)
			(void)port_write(port);
		stream_out_put(&port->out, now, p, n, q, m);
	}
	if (port_busy(port) && !port->stalled) {
		from->wait = now + WAIT;
		from->wait_for = to;
	}
	for (i = 0; i < r->o.pcaps; i++)
		if (r->record[i].port == (int)to)
			record_put(&r->record[i], now, p, n, q, m);
}

/* record_tagged - a frame of an access port as it would be on a trunk */
static void
record_tagged(struct record *to, uint64_t now, const uint8_t *frame, size_t n,
    unsigned vid)
{
	uint8_t head[ADDRS + TAG];
	size_t skip = ADDRS;

	/* its own tag, or one of priority alone */
	if (get_be16(frame + ADDRS) == ETHER_VLAN && n >= ADDRS + TAG + 2) {
		vid |= get_be16(frame + ADDRS + 2) & ~(VLANS - 1u);
		skip += TAG;
	}
	memcpy(head, frame, ADDRS);
	put_be16(head + ADDRS, ETHER_VLAN);
	put_be16(head + ADDRS + 2, (uint16_t)vid);
	record_put(to, now, head, sizeof(head), frame + skip, n - skip);
}

/* record_input - vid: as on a trunk, or -1: as it came */
static void
record_input(
    struct run *r, uint64_t now, const uint8_t *frame, size_t n, int vid)
{
	const struct bridge_port *p = &r->vlan[r->from];
	unsigned i;

	for (i = 0; i < r->o.pcaps; i++) {
		if (r->record[i].port == (int)r->from ||
		    (r->record[i].port < 0 &&
			(p->trunk || vid == VLAN_NATIVE))) {
			record_put(&r->record[i], now, frame, n, NULL, 0);
		} else if (r->record[i].port < 0 && vid > 0) {
			record_tagged(
			    &r->record[i], now, frame, n, (unsigned)vid);
		}
	}
}

void
run_frame(struct run *r, uint64_t now, const uint8_t *frame, size_t n)
{
	int vid = bridge_input(r->bridge, now, r->from, frame, n);

	if (r->o.pcaps > 0 && vid > 0)
		record_input(r, now, frame, n, vid);
}

static void
take(struct run *r, uint64_t now, const struct stream_rec *rec)
{
	if (rec->caplen == 0 && rec->len == 0)
		return;
	if (rec->caplen < rec->len)
		r->port[r->from].cut++;
	else
		run_frame(r, now, rec->data, rec->caplen);
}

/* ---- ports */

static void
begin_end(struct run *r, uint64_t now)
{
	if (r->state != RUN_ON)
		return;
	r->state = RUN_ENDING;
	r->give_up = now + LEAVE;
	for (unsigned i = 0; i < r->o.ports; i++)
		idle_wake(r, i);
}

/* check_port - what follows when one of its pipes has ended */
static void
check_port(struct run *r, unsigned i, uint64_t now)
{
	struct port *p = &r->port[i];

	if (p->child.out < 0 && r->vlan[i].up)
		bridge_down(r->bridge, i);
	if (p->child.out < 0)
		again_ended(r, p, now);
	if (p->own && (!p->open || p->child.out < 0))
		begin_end(r, now);
	if (r->o.together && !p->own && r->state == RUN_ON &&
	    (r->o.direct ? p->child.out < 0 : !p->open))
		r->o.until = (int)i;
	if ((int)i == r->o.until && (!p->open || r->o.direct))
		begin_end(r, now);
	for (i = 0; i < r->o.ports; i++)
		if (r->port[i].open || r->port[i].again)
			break;
	if (i == r->o.ports) /* nothing more can come */
		begin_end(r, now);
}

void
run_ended(struct run *r, struct port *p, ssize_t n)
{
	if (n < 0)
		say("port %s: read: %s", p->words->name, strerror(errno));
	else if (stream_in_end(&p->in) != 0 && (p->in.header || p->own))
		say("port %s: %s", p->words->name, p->in.error);
	else
		n = 1;
	if (n <= 0)
		r->status = EXIT_NO;
	port_close_in(p);
}

/* hop - how much is read at once: behind part of a super-frame more, so that
   what is moved before each read is less of it */
static size_t
hop(const struct stream_in *in)
{
	return in->end - in->start < LARGE ? STREAM_HOP : 3 * STREAM_HOP;
}

static void
read_port(struct run *r, unsigned i, uint64_t now)
{
	struct port *p = &r->port[i];
	struct stream_rec rec;
	ssize_t n;
	int got;

	slots_turn(&p->slots, &p->in, p->much);
	n = stream_in_read_some(&p->in, p->child.in,
	    p->slots.tail != NULL ? SLOT_HOP : hop(&p->in));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	p->much = n >= STREAM_HOP / 2;
	r->from = i;
	r->pass.slots = p->much ? &p->slots : NULL;
	while ((got = stream_in_next(&p->in, &rec)) > 0)
		take(r, now, &rec);
	pass_end(&r->pass);
	if (got < 0) {
		say("port %s: %s", p->words->name, p->in.error);
		r->status = p->in.status;
		port_close_in(p);
		port_close_out(p);
	} else if (n <= 0) {
		run_ended(r, p, n);
	}
	check_port(r, i, now);
}

/* write_failed - of a command: it has ended, and says why */
static void
write_failed(struct run *r, const struct port *p)
{
	if (errno == EPIPE)
		return;
	if (p->own)
		say("write stdout: %s", strerror(errno));
	else
		say("port %s: write: %s", p->words->name, strerror(errno));
	r->status = EXIT_NO;
}

static void
write_port(struct run *r, unsigned i, uint64_t now)
{
	struct port *p = &r->port[i];

	if (port_write(p) != 0) {
		write_failed(r, p);
		port_close_out(p);
		check_port(r, i, now);
	}
	if (r->state == RUN_ENDING && !p->own && p->child.out >= 0 &&
	    stream_out_waiting(&p->out) == 0)
		port_close_out(p);
}

/* may_read - it need not wait for a port that is slow */
static bool
may_read(struct run *r, struct port *p, uint64_t now)
{
	struct port *slow = &r->port[p->wait_for];

	if (!p->open || p->wait == 0)
		return p->open;
	if (port_busy(slow) && !slow->stalled && now < p->wait)
		return false;
	if (port_busy(slow))
		slow->stalled = true;
	p->wait = 0;
	return true;
}

/*
 * ---- the loop: two places in the poll set for a port that is not idle, and
 * behind them one for the process that restarts commands, and for news of the
 * others
 */

static void
sooner(uint64_t *timeout, uint64_t now, uint64_t at)
{
	uint64_t left = at > now ? at - now : 0;

	if (left < *timeout)
		*timeout = left;
}

enum { P_IN, P_OUT, P_EACH };

/* the two places behind those of the ports */
static struct pollfd *
others(const struct run *r, struct pollfd *set)
{
	return set + P_EACH * (size_t)r->polled;
}

enum { P_STARTER, P_NEWS, P_OTHERS };

/* prepare - the set, and for how long it is waited for; how many are in it */
static size_t
prepare(struct run *r, struct pollfd *set, uint64_t now, uint64_t *timeout)
{
	struct pollfd *at = set;
	struct port *p;
	unsigned i;

	*timeout = again_next(r, now);
	r->polled = r->actives;
	for (i = 0; i < r->polled; i++, at += P_EACH) {
		p = &r->port[r->active[i]];
		at[P_IN] = (struct pollfd){.fd = -1, .events = POLLIN};
		if (may_read(r, p, now))
			at[P_IN].fd = p->child.in;
		else if (p->open)
			sooner(timeout, now, p->wait);
		at[P_OUT] = (struct pollfd){
		    .fd = p->child.out, .events = p->full ? POLLOUT : 0};
	}
	at[P_STARTER] = (struct pollfd){
	    .fd = r->asked ? r->starter : -1, .events = POLLIN};
	at[P_NEWS] = (struct pollfd){.fd = r->news, .events = POLLIN};
	if (r->state == RUN_ENDING)
		sooner(timeout, now, r->give_up);
	for (i = 0; i < r->o.pcaps; i++)
		if (record_waits(&r->record[i]))
			sooner(timeout, now, now + WAIT);
	return (size_t)(at - set) + P_OTHERS;
}

/* warn - of storms, now and then */
static void
warn(struct run *r, unsigned i, uint64_t now)
{
	uint64_t storms = r->vlan[i].dropped[DROP_STORM];
	struct port *p = &r->port[i];

	if (storms == p->storms || (p->warned != 0 && now < p->warned + REMIND))
		return;
	say("port %s: more than %llu frames a second for all ports: %llu "
	    "dropped: is there a loop?",
	    p->words->name, (unsigned long long)r->o.storm,
	    (unsigned long long)(storms - p->storms));
	p->storms = storms;
	p->warned = now;
}

/* look_out - has a pipe that was full room again, or has its reader gone? */
static void
look_out(struct run *r, unsigned i, short revents, uint64_t now)
{
	if (revents & POLLOUT)
		r->port[i].full = false;
	if (revents & (POLLERR | POLLHUP | POLLNVAL)) {
		port_close_out(&r->port[i]);
		check_port(r, i, now);
	}
}

static void
read_ports(struct run *r, const struct pollfd *set, uint64_t now)
{
	unsigned n = r->polled, i, k;

	r->first++;
	for (k = 0; k < n; k++) {
		i = (r->first + k) % n;
		if (set[P_EACH * i + P_IN].revents == 0 ||
		    !r->port[r->active[i]].open)
			continue;
		idle_wake(r, r->active[i]);
		read_port(r, r->active[i], now);
	}
}

static void
one_round(struct run *r, struct pollfd *set, uint64_t now)
{
	const struct pollfd *other = others(r, set);
	unsigned i;

	for (i = 0; i < r->polled; i++)
		look_out(r, r->active[i], set[P_EACH * i + P_OUT].revents, now);
	if (other[P_STARTER].revents != 0)
		again_come(r, now);
	read_ports(r, set, now);
	if (other[P_NEWS].revents != 0)
		idle_news(r);
	for (i = 0; i < r->actives; i++) {
		write_port(r, r->active[i], now);
		warn(r, r->active[i], now);
	}
	idle_sweep(r);
	for (i = 0; i < r->o.pcaps; i++)
		record_flush(&r->record[i]);
}

/* all_over - nothing more can come, nor go */
static bool
all_over(const struct run *r)
{
	const struct port *p;
	unsigned i;

	for (i = 0; i < r->o.ports; i++) {
		p = &r->port[i];
		if (p->own && r->state == RUN_ENDING
			? p->child.out >= 0 && stream_out_waiting(&p->out) > 0
			: p->open)
			return false;
		if (!p->own && p->child.out >= 0)
			return false;
	}
	return true;
}

void
run_loop(struct run *r)
{
	size_t places = P_EACH * (size_t)r->o.ports + P_OTHERS, n;
	struct pollfd *set = calloc(places, sizeof(*set));
	uint64_t now, timeout;
	unsigned rounds = 0, i;

	if (set == NULL)
		die(EXIT_NO, "start: out of memory");
	now = clock_now(&r->clock);
	for (i = 0; i < r->o.ports; i++)
		write_port(r, i, now); /* the stream's header */
	while (r->state != RUN_OVER) {
		n = prepare(r, set, now, &timeout);
		if (loop_wait(set, n, timeout) <= 0)
			for (i = 0; i < n; i++)
				set[i].revents = 0;
		if (++rounds % SIGNAL_ROUNDS == 0)
			(void)loop_wait(NULL, 0, 0);
		now = clock_now(&r->clock);
		if (stage_asked())
			run_table(r);
		if (stage_stopped())
			begin_end(r, now);
		one_round(r, set, now);
		if (all_over(r) ||
		    (r->state == RUN_ENDING && now >= r->give_up))
			r->state = RUN_OVER;
	}
	free(set);
}

void
run_init(struct run *r)
{
	struct bridge_config cf = {.hub = r->o.hub,
	    .isolate = r->o.isolate,
	    .macs = r->o.macs,
	    .age = r->o.age,
	    .storm = r->o.storm,
	    .ports = r->o.ports,
	    .ctx = r,
	    .send = on_send};
	struct chance chance;
	unsigned i;

	r->port = calloc(r->o.ports, sizeof(*r->port));
	r->vlan = calloc(r->o.ports, sizeof(*r->vlan));
	if (r->port == NULL || r->vlan == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < r->o.ports; i++)
		r->vlan[i] = r->o.port[i].vlan;
	if (!r->o.seeded && chance_from_kernel(&r->o.seed) != 0)
		die(EXIT_WRONG, "draw a seed: %s: give -S", strerror(errno));
	chance_seed(&chance, r->o.seed);
	cf.key[0] = chance_u64(&chance);
	cf.key[1] = chance_u64(&chance);
	cf.port = r->vlan;
	r->bridge = bridge_new(&cf);
	if (r->bridge == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < r->o.pcaps; i++)
		record_open(&r->record[i], r->o.pcap[i].file, r->o.pcap[i].port,
		    r->o.lockstep);
	idle_start(r);
	clock_start(&r->clock);
}
