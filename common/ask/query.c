/*
 * query.c - a crafted question and its answers, see query.h: the ways in and
 * out. query_wire.c waits for frames, query_neigh.c has ARP and ND,
 * query_options.c the command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask/query.h"
#include "ask/query_var.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/gate.h"
#include "linux/host.h"
#include "linux/pktsock.h"
#include "linux/sandbox.h"
#include "pipe/loop.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/ipsplit.h"
#include "wire/neigh.h"

enum {
	OUT_CAP = 1024 * 1024,
	FRAG_BYTES = 1024 * 1024,
	FRAG_COUNT = 64,
	STREAM_MTU = 1500,
};

/* ---- the way in ---- */

static void
open_text(struct query *x)
{
	static char buf[BUFSIZ];
	const char *path = x->o->out;
	int fd = x->o->live ? STDOUT_FILENO : STDERR_FILENO, how;

	if (path != NULL) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0)
			die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	}
	x->text_fd = fd;
	/* not every fdopen() looks whether there is such a descriptor, and one
	   that is written: a closed stdout is none, see die.c */
	how = fcntl(fd, F_GETFL);
	errno = EBADF;
	x->text = how < 0 || (how & O_ACCMODE) == O_RDONLY ? NULL
							   : fdopen(fd, "w");
	if (x->text == NULL)
		die(EXIT_WRONG, "write the answer: %s", strerror(errno));
	/* a buffer of our own: later stdio could not ask for one */
	setvbuf(x->text, buf, _IOLBF, sizeof(buf));
}

static void
open_stream(struct query *x)
{
	struct stat sb;

	stage_refuse_tty();
	if (stream_in_init(&x->in) < 0 || stream_out_init(&x->out, OUT_CAP) < 0)
		die(EXIT_NO, "start: out of memory");
	stream_pipe_size(STDIN_FILENO);
	stream_copies(STDIN_FILENO);
	stream_pipe_size(STDOUT_FILENO);
	if (fstat(STDOUT_FILENO, &sb) == 0 &&
	    (S_ISFIFO(sb.st_mode) || S_ISSOCK(sb.st_mode))) {
		x->out_flags = fcntl(STDOUT_FILENO, F_GETFL);
		fcntl(STDOUT_FILENO, F_SETFL, x->out_flags | O_NONBLOCK);
	}
	x->has_src = x->o->has_src;
	x->src = x->o->src;
	x->mtu = STREAM_MTU;
	if (!x->has_src && !x->o->no_source)
		die_usage("a packet stream has no source address: give one "
			  "with -s");
}

/* pick_mac - -m, or the phantom's; one without an address has any */
static void
pick_mac(struct query *x)
{
	if (x->o->has_mac) {
		x->mac = x->o->mac;
	} else if (x->has_src) {
		mac_of_phantom(&x->src, &x->mac);
	} else {
		x->mac = (struct mac){{0x02, 0x50}};
		put_be32(x->mac.b + 2, (uint32_t)chance_u64(&x->chance));
	}
}

static void
look_up(struct query *x, struct host_way *way)
{
	const struct query_options *o = x->o;
	const struct ip_addr *dst = o->dst;
	char text[IP_TEXT];

	if (host_way(way, o->ifname,
		o->has_src || o->no_source ? &o->src : NULL, dst) < 0)
		die(EXIT_WRONG, "look at %s: %s", o->ifname,
		    errno == ENODEV ? "no such interface" : strerror(errno));
	if (o->no_source && !o->has_src)
		return;
	if (!way->has_src)
		die(EXIT_WRONG,
		    "%s has no IPv%c address: give a source address with -s",
		    o->ifname, dst != NULL && !ip_is_v4(dst) ? '6' : '4');
	if (dst != NULL && ip_equal(&way->src, dst))
		die(EXIT_WRONG,
		    "ask %s: it is this host's own address, and no host on "
		    "the wire answers: give another source with -s",
		    ip_text(dst, text));
	x->has_src = true;
	x->src = way->src;
	x->own = way->own;
	x->has_hop = way->has_hop && way->has_net && !way->on_link;
	x->hop = way->hop;
}

static void
open_live(struct query *x)
{
	const struct query_options *o = x->o;
	struct sock_fprog filter;
	struct host_way way;
	char text[IP_TEXT];
	int flags = 0;

	look_up(x, &way);
	if (x->own) {
		if (o->has_mac && !mac_equal(&o->mac, &way.mac))
			die_usage("use -m: %s is this host's own address",
			    ip_text(&x->src, text));
		x->mac = way.mac;
	} else {
		pick_mac(x);
	}
	if (!mac_equal(&x->mac, &way.mac))
		flags |= PKTSOCK_PROMISC;
	query_filter(x, &filter);
	if (gate_open(&x->gate, o->ifname, flags, &filter) < 0)
		die(x->gate.status, "open %s: %s", o->ifname, x->gate.error);
	x->mtu = x->gate.mtu;
}

/* check_families - all of IPv4, or all of IPv6 */
static void
check_families(const struct query_options *o)
{
	char text[IP_TEXT];

	if (o->dst == NULL)
		return;
	if (o->has_src && ip_is_v4(&o->src) != ip_is_v4(o->dst))
		die_usage("use -s %s: not of the family of the address that "
			  "is asked",
		    ip_text(&o->src, text));
	if (o->has_hop && ip_is_v4(&o->hop) != ip_is_v4(o->dst))
		die_usage("use -g %s: not of the family of the address that "
			  "is asked",
		    ip_text(&o->hop, text));
	if (o->has_src && ip_equal(&o->src, o->dst))
		die_usage("use -s %s: it is the address that is asked",
		    ip_text(&o->src, text));
}

struct query *
query_open(const struct query_options *o)
{
	static struct query one; /* a program has no use for two */
	struct query *x = &one;
	uint64_t seed = o->seed;

	check_families(o);
	x->o = o;
	x->out_flags = -1;
	if (!o->has_seed && chance_from_kernel(&seed) != 0)
		die(EXIT_WRONG, "get a seed: %s: give -S", strerror(errno));
	chance_seed(&x->chance, seed);
	clock_start_sleeps(&x->clock);
	open_text(x); /* before the socket: stdout may be closed */
	if (o->live) {
		open_live(x);
	} else {
		open_stream(x);
		pick_mac(x);
	}
	stage_signals();
	return x;
}

/* first_time - by the stamps, time begins with the first record */
static void
first_time(struct query *x)
{
	const uint8_t *frame;
	size_t len;
	uint64_t ts;

	if (query_frame(x, TIME_NEVER, &frame, &len, &ts) == QUERY_PACKET)
		x->pending = true; /* it is still to be looked at */
	else if (x->end == END_INPUT)
		x->end = END_NONE;
	x->started = true;
}

void
query_start(struct query *x)
{
	struct sandbox_rights rights;
	char text[SANDBOX_TEXT];

	if (sandbox_enter(0, SANDBOX_LIBC, &rights) < 0)
		die(EXIT_WRONG, "give up privileges: %s", strerror(errno));
	if (x->o->level > 1)
		say("rights left: %s", sandbox_text(&rights, text));
	if (x->o->stamps)
		first_time(x);
	if (x->o->live && x->has_src && !x->own && !x->o->unasked &&
	    query_check(x) == QUERY_OVER)
		exit(query_close(x, EXIT_NO));
}

/* ---- what there is ---- */

const struct ip_addr *
query_source(const struct query *x)
{
	return x->has_src ? &x->src : NULL;
}

const struct mac *
query_mac(const struct query *x)
{
	return &x->mac;
}

uint32_t
query_mtu(const struct query *x)
{
	return x->mtu;
}

struct chance *
query_chance(struct query *x)
{
	return &x->chance;
}

FILE *
query_text(struct query *x)
{
	struct pollfd p = {.fd = x->text_fd, .events = POLLOUT};

	while (!stage_stopped() && loop_wait(&p, 1, TIME_NEVER) < 0)
		;
	if (stage_stopped() && poll(&p, 1, 0) != 1)
		(void)fcntl(x->text_fd, F_SETFL, O_WRONLY | O_NONBLOCK);
	return x->text;
}

bool
query_stopped(const struct query *x)
{
	return x->end == END_SIGNAL;
}

bool
query_failed(const struct query *x)
{
	return x->end == END_LOST || x->end == END_FAILED ||
	       x->end == END_READER;
}

bool
query_ended(const struct query *x)
{
	return x->end != END_NONE ||
	       (x->eof && !x->pending && x->in.start == x->in.end);
}

void
query_counts(struct query *x, struct query_counts *out)
{
	uint64_t dropped = 0, unsent = 0;

	if (x->o->live)
		gate_counts(&x->gate, &dropped, &unsent);
	*out = x->counts;
	out->dropped += dropped;
	out->sent -= unsent;
	out->unsent += unsent;
}

/* ---- packets ---- */

struct outgoing {
	struct query *x;
	size_t hlen;
};

static void
put_packet(void *ctx, const uint8_t *packet, size_t len)
{
	struct outgoing *out = ctx;

	query_send(out->x, out->x->made, out->hlen + len);
}

int
query_send_ip(struct query *x, const struct mac *to, struct ip_hdr *ip,
    const uint8_t *data, size_t n)
{
	struct outgoing out = {x, ETHER_HLEN};
	uint32_t mtu = x->mtu;

	if (mtu > sizeof(x->made) - ETHER_HLEN)
		mtu = sizeof(x->made) - ETHER_HLEN;
	memcpy(x->made, to->b, 6);
	memcpy(x->made + 6, x->mac.b, 6);
	put_be16(x->made + 12, ip_is_v4(&ip->src) ? ETHER_IP4 : ETHER_IP6);
	if (ip_split(
		ip, data, n, mtu, x->made + ETHER_HLEN, &out, put_packet) == 0)
		return 0;
	errno = EMSGSIZE;
	return -1;
}

/* is_to_us - by its destinations: the station, and the address */
static bool
is_to_us(
    const struct query *x, const struct ether_hdr *e, const struct ip_hdr *ip)
{
	static const struct mac all = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
	bool unicast = mac_equal(&e->dst, &x->mac);

	if (!unicast && !(x->o->broadcast && mac_equal(&e->dst, &all)))
		return false;
	if (ip == NULL)
		return unicast;
	if (!x->has_src || query_is_source(x, &ip->dst))
		return true;
	return x->o->broadcast && ip_is_v4(&ip->dst) &&
	       get_be32(ip->dst.b + 12) == UINT32_MAX;
}

static bool
is_wanted(const struct query *x, const struct ip_hdr *ip)
{
	return ip->proto == (ip->v6 ? PROTO_ICMP6 : PROTO_ICMP) ||
	       (ip->proto == PROTO_UDP && x->o->udp) ||
	       (ip->proto == PROTO_TCP && x->o->tcp);
}

/* put_together - true when this was the last fragment: then p is the whole */
static bool
put_together(struct query *x, struct query_packet *p, uint64_t now)
{
	enum ipfrag_result r;
	const uint8_t *whole;
	uint64_t key[2];
	size_t len;

	if (x->frag == NULL) {
		key[0] = chance_u64(&x->chance);
		key[1] = chance_u64(&x->chance);
		x->frag = ipfrag_new(FRAG_BYTES, FRAG_COUNT, key);
	}
	if (x->frag == NULL)
		return false;
	r = ipfrag_put(
	    x->frag, now, &p->ip, p->frame + ETHER_HLEN, &whole, &len);
	if (r != IPFRAG_WHOLE) {
		x->counts.damaged += r != IPFRAG_WAIT;
		return false;
	}
	memcpy(x->whole, p->frame, ETHER_HLEN);
	memcpy(x->whole + ETHER_HLEN, whole, len);
	p->frame = x->whole;
	p->len = ETHER_HLEN + len;
	return ip_decode(whole, len, &p->ip) == IP_OK;
}

bool
query_take(struct query *x, struct query_packet *p)
{
	struct ether_hdr e;
	enum ip_error err;

	if (ether_decode(p->frame, p->len, &e) < 0 || e.hlen != ETHER_HLEN ||
	    (e.type != ETHER_IP4 && e.type != ETHER_IP6))
		return false;
	err = ip_decode(p->frame + e.hlen, p->len - e.hlen, &p->ip);
	if (err == IP_OK && p->ip.v6 != (e.type == ETHER_IP6))
		err = IP_VERSION;
	if (err != IP_OK) {
		x->counts.damaged += is_to_us(x, &e, NULL);
		return false;
	}
	if (!is_to_us(x, &e, &p->ip))
		return false;
	if (mac_is_group(&e.src) || !ip_is_host(&p->ip.src)) {
		x->counts.damaged++;
		return false;
	}
	if (p->ip.frag && !put_together(x, p, query_now(x)))
		return false;
	p->from = e.src;
	p->data = p->frame + ETHER_HLEN + p->ip.hlen;
	p->n = p->ip.len - p->ip.hlen;
	return is_wanted(x, &p->ip);
}

enum query_result
query_recv(struct query *x, uint64_t deadline, struct query_packet *p)
{
	enum query_result r = QUERY_TIMEOUT;
	struct neigh m;

	while (!x->taken && (r = query_frame(x, deadline, &p->frame, &p->len,
				 &p->ts)) == QUERY_PACKET) {
		if (query_neigh(x, p->frame, p->len, &m)) {
			if (x->end != END_NONE)
				return QUERY_OVER;
		} else if (query_take(x, p)) {
			p->gso = x->o->live ? x->gate.gso : 0;
			x->counts.received++;
			return QUERY_PACKET;
		} else if (query_now(x) - NS_PER_SEC / 2 > deadline) {
			return QUERY_TIMEOUT; /* of a flood for others */
		}
	}
	return x->taken && r == QUERY_PACKET ? QUERY_TIMEOUT : r;
}

/* ---- the way out ---- */

static void
tell_end(const struct query *x, uint64_t unsent)
{
	char text[IP_TEXT], at[MAC_TEXT];

	if (x->end == END_LOST)
		say("%s is in use by %s", ip_text(&x->lost, text),
		    mac_text(&x->other, at));
	else if (x->end == END_FAILED)
		say("%s", x->error);
	if (unsent > 0 && x->end == END_NONE && x->o->level >= 0)
		say("%llu frames could not be sent",
		    (unsigned long long)unsent);
}

int
query_close(struct query *x, int status)
{
	struct query_counts c;

	x->closing = true;
	query_flush(x);
	if (x->end == END_LOST || x->end == END_FAILED)
		status = x->status;
	if (x->o->live)
		gate_close(&x->gate);
	query_counts(x, &c);
	tell_end(x, c.unsent);
	if (x->o->level > 0)
		say("%llu frames sent, %llu packets received, %llu requests "
		    "answered, %llu lies, %llu damaged, %llu dropped",
		    (unsigned long long)c.sent, (unsigned long long)c.received,
		    (unsigned long long)c.answered, (unsigned long long)c.lies,
		    (unsigned long long)c.damaged,
		    (unsigned long long)c.dropped);
	status = query_written(x, status);
	/* the next writer of a shared descriptor finds it as it was */
	if (x->out_flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, x->out_flags);
	if (x->frag != NULL)
		ipfrag_free(x->frag);
	stream_in_free(&x->in);
	stream_out_free(&x->out);
	return status;
}
