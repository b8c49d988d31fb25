/*
 * super_test.c - segments that leave in one frame, cut again, are byte for byte
 * those that leave without; and there are none where cutting would give others.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "quiet.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "wire/gso.h"
#include "wire/parse.h"
#include "wire/phantom.h"

enum { ALL = 400000, MTU = 1500, WIRE = 2 << 20 };
#define START UINT64_C(1763640000000000000)

/* a path without loss, of 1 ms */
static struct {
	struct tcp *t[2];
	struct {
		size_t at, len;
	} frame[4096];
	unsigned frames, taken;
	int to[4096];
	uint8_t wire[WIRE]; /* all frames, cut */
	size_t end;
	unsigned supers, lose; /* every so many frames with data */
	uint32_t got;
	uint8_t data[ALL];
	bool wrong;
} w;

static void
put(int to, const uint8_t *p, size_t n)
{
	if (w.frames == 4096 || w.end + n > WIRE)
		exit(1);
	memcpy(w.wire + w.end, p, n);
	w.to[w.frames] = to;
	w.frame[w.frames].at = w.end;
	w.frame[w.frames++].len = n;
	w.end += n;
}

static void
cut(int to, uint8_t *frame, size_t n)
{
	static uint8_t piece[MTU + 14];
	struct segment s;
	uint32_t size, at;
	uint16_t i;

	if (segment_decode(frame, n, &s) != 0 || !segment_unfilled(&s))
		exit(1);
	size = (uint32_t)(MTU - (s.hlen - s.l3));
	w.supers++;
	w.wrong |= s.payload % size != 0 || segment_verify(&s);
	for (at = 0, i = 0; at < s.payload; at += size, i++)
		put(to, piece, segment_cut(&s, at, size, i, piece));
}

static void
emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	static uint8_t frame[70000];
	int to = ctx == &w.t[0];

	memcpy(frame, head, hlen);
	if (dlen > 0)
		memcpy(frame + hlen, data, dlen);
	if (hlen + dlen > MTU + 14)
		cut(to, frame, hlen + dlen);
	else
		put(to, frame, hlen + dlen);
}

static const uint8_t *
on_data(void *ctx, struct tcb *tcb, uint64_t off, uint32_t len)
{
	return w.data + off;
}

static void
on_received(
    void *ctx, struct tcb *tcb, const uint8_t *p, size_t n, uint64_t now)
{
	if (w.got + n <= ALL && memcmp(p, w.data + w.got, n) == 0)
		w.got += (uint32_t)n;
}

static const struct tcp_host host = {.emit = emit};
static const struct tcp_app app = {
    .received = on_received, .data = on_data, .want_data = true};

/* deliver - what has come to the end of the path by now */
static void
deliver(uint64_t now, unsigned n)
{
	unsigned i;

	for (i = w.taken; i < n; i++) {
		if (w.lose > 0 && w.frame[i].len > 1000 &&
		    (i * 7919) % w.lose == 0)
			continue;
		tcp_input(w.t[w.to[i]], now, w.wire + w.frame[i].at,
		    w.frame[i].len, now, i);
	}
	w.taken = n;
}

/* run - all of the data; super: the MTU that frames may exceed */
static void
run(const struct tcp_config *base, bool v6, uint32_t super)
{
	struct tcp_config cfg = *base;
	struct ip_addr from, to;
	uint64_t now = START;
	struct tcb *tcb;
	struct mac gw;
	int i;

	w.frames = w.taken = w.supers = w.got = 0;
	w.end = 0;
	w.wrong = false;
	for (i = 0; i < 2; i++) {
		cfg.no_listen = i == 0;
		w.t[i] = tcp_new(&cfg, &host, &w.t[i], &app, &w.t[i], now);
	}
	tcp_super(w.t[0], super);
	parse_addr(v6 ? "fd00::9" : "10.0.0.9", &from);
	parse_addr(v6 ? "fd00::5" : "10.0.0.5", &to);
	mac_of_phantom(&to, &gw);
	tcb = tcp_connect(w.t[0], now, &from, 1000, &to, 80, &gw);
	tcp_offer(tcb, ALL);
	tcp_shutdown(tcb);
	for (; w.got < ALL && now < START + 60 * NS_S; now += NS_MS) {
		deliver(now, w.frames);
		quiet_step(w.t[0], now);
		quiet_step(w.t[1], now);
	}
	for (i = 0; i < 2; i++)
		tcp_free(w.t[i]);
}

/* some - long frames, and every byte, where some are lost */
static void
some(const char *what, const struct tcp_config *cfg, bool v6)
{
	w.lose = 50;
	run(cfg, v6, MTU);
	check(w.got == ALL && w.supers > 5 && !w.wrong,
	    "%s: every byte arrives where some are lost, %u long frames", what,
	    w.supers);
}

static void
same(const char *what, const struct tcp_config *cfg, bool v6)
{
	static uint8_t wire[WIRE];
	size_t end;

	w.lose = 0;
	run(cfg, v6, 0);
	check(w.got == ALL && w.supers == 0, "%s: without", what);
	memcpy(wire, w.wire, w.end);
	end = w.end;
	run(cfg, v6, MTU);
	check(w.got == ALL && w.supers > 5 && !w.wrong,
	    "%s: %u long frames, of full segments", what, w.supers);
	check(w.end == end && memcmp(wire, w.wire, end) == 0,
	    "%s: what they are cut into is the same", what);
	some(what, cfg, v6);
}

/* none - frames stay as short as they are */
static void
none(const char *what, const struct tcp_config *cfg, uint32_t super)
{
	w.lose = 0;
	run(cfg, false, super);
	check(w.got == ALL && w.supers == 0, "%s: none", what);
}

int
main(void)
{
	struct tcp_config cfg, other;
	uint32_t i;

	for (i = 0; i < ALL; i++)
		w.data[i] = (uint8_t)(i * 2654435761u >> 24);
	tcp_defaults(&cfg);
	same("IPv4", &cfg, false);
	same("IPv6", &cfg, true);
	other = cfg;
	other.no_timestamps = true;
	same("no timestamps", &other, false);
	other = cfg;
	other.cong = &tcp_bbr;
	some("bbr, whose pace is rounded for each frame", &other, false);
	other = cfg;
	other.ask_ecn = true;
	other.no_accecn = true;
	same("ECN", &other, false);
	other = cfg;
	other.ask_accecn = true;
	none("Accurate ECN, whose option is not in each", &other, MTU);
	other = cfg;
	other.segments = true;
	none("each segment is logged", &other, MTU);
	other = cfg;
	other.mss = 1400;
	none("segments that do not fill the MTU", &other, MTU);
	none("another MTU", &cfg, MTU + 1);
	return done();
}
