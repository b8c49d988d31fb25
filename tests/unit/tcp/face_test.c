/*
 * face_test.c - the engine with places and a face: SYN-ACKs as its layout says,
 * answers to segments of no connection, and a connection that still works.
 */
#include <string.h>

#include "base/bytes.h"
#include "tap.h"
#include "tcp/face.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/face.h"
#include "wire/parse.h"
#include "wire/tcp_seq.h"

#define START UINT64_C(1763640000000000000)

static struct ip_addr ours, theirs;
static uint8_t last[256];
static size_t last_len, data_len;
static unsigned sent, opened;
static uint16_t id, from = 40000;

static const struct face printer = {
    .ttl = 60,

    .syn_id = FACE_ID_COUNT,
    .reset_id = FACE_ID_ZERO,
    .syn = {[FACE_SYN_ALL] = {.layout = "MNWNNT",
		.wscale = 1,
		.wnd = 8688,
		.mss = FACE_MSS_BACK},
	[FACE_SYN_NO_MSS] = {.layout = "MNWNNT", .wnd = 8111, .no_echo = true},
	[FACE_SYN_NO_SACK] = {.layout = "MNWNNT", .wscale = 1, .wnd = 8688},
	[FACE_SYN_NO_WSCALE] = {.layout = "MNNT", .wnd = 8000},
	[FACE_SYN_NO_TS] = {.layout = "MNW", .wscale = 1, .wnd = 9000}},
    .lone =
	{
	    [FACE_T2] = {.sends = true,
		.df = true,
		.wnd = 7,
		.ack = 'S',
		.flags = TH_RST | TH_ACK},
	    [FACE_T4] = {.sends = true,
		.seq = 'A',
		.flags = TH_RST,
		.urgent = true,
		.ttl = 32,
		.len = 6,
		.text = "No TCP"},
	    [FACE_T5] = {.sends = true, .ack = '+', .flags = TH_RST | TH_ACK},
	},
};

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	sent++;
	data_len = dlen;
	last_len = hlen < sizeof(last) ? hlen : sizeof(last);
	memcpy(last, head, last_len);
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	opened++;
}

static bool
is_at(void *ctx, const struct mac *mac, const struct ip_addr *a)
{
	return ip_equal(a, &ours);
}

static bool
may_be_at(void *ctx, const struct mac *mac)
{
	return true;
}

static enum tcp_port
port_at(void *ctx, const struct ip_addr *a, uint16_t port)
{
	return port == 80   ? TCP_PORT_OPEN
	       : port == 81 ? TCP_PORT_SILENT
			    : TCP_PORT_CLOSED;
}

static uint8_t
ttl_at(void *ctx, const struct ip_addr *a)
{
	return 0;
}

/* an old system: a clock of 2 Hz, numbers in steps, small windows for small
   segments */
static const struct face old = {
    .ttl = 128,
    .tick = NS_S / 2,
    .isn = FACE_ISN_STEP,
    .isn_step = 64000,
    .syn_id = FACE_ID_COUNT,
    .syn = {[FACE_SYN_ALL] = {.layout = "MNWNNT", .wnd = 8760},
	[FACE_SYN_SHORTER] = {.layout = "MNWNNT", .wnd = 8400},
	[FACE_SYN_SHORT] = {.layout = "MNWNNT", .wnd = 8576}},
};

static const struct face linux_face = {.reset_tos = true,
    .syn = {[FACE_SYN_ALL] = {.layout = "MSTNW", .wnd = 65160},
	[FACE_SYN_NO_TS] = {.layout = "MNNSNW", .wnd = 64240}},
    .lone = {
	[FACE_T5] = {
	    .sends = true, .df = true, .ack = '+', .flags = TH_RST | TH_ACK}}};

static const struct face *shown = &printer;
static size_t data; /* bytes in a segment that is given */
static uint8_t asked_tos;
static uint64_t up, now = START;

static const struct face *
face_at(void *ctx, const struct ip_addr *a)
{
	return shown;
}

static uint64_t
uptime_at(void *ctx, const struct ip_addr *a)
{
	return up;
}

static uint16_t
first_id_at(void *ctx, const struct ip_addr *a)
{
	return 5000;
}

static const struct tcp_places places = {.is_at = is_at,
    .may_be_at = may_be_at,
    .port = port_at,
    .ttl = ttl_at,
    .face = face_at,
    .uptime = uptime_at,
    .first_id = first_id_at};

/* give - a segment of these flags and options to our port */
static void
give(struct tcp *t, uint16_t port, uint16_t flags, uint32_t seq, uint32_t ack,
    const struct tcp_opts *o)
{
	struct tcp_hdr h = {.sport = from,
	    .dport = port,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 1000};
	uint8_t f[200] = {0};
	size_t n;

	if (o != NULL)
		h.opt = *o;
	sent = 0;
	last_len = 0;
	n = frame_tcp(f, &theirs, &ours, &h, data);
	f[15] = asked_tos;
	tcp_input(t, now, f, n, now, 1);
	tcp_flush(t, now, SIZE_MAX);
	id = get_be16(last + 18);
}

static const struct tcp_opts all = {.have_mss = true,
    .mss = 1400,
    .have_wscale = true,
    .wscale = 7,
    .sack_ok = true,
    .have_ts = true,
    .tsval = 99};

static struct tcp *
engine(void)
{
	static struct tcp_host host = {.emit = on_emit};
	static struct tcp_app app = {.opened = on_opened};
	struct tcp_config cfg;

	tcp_defaults(&cfg);
	cfg.trust_cksum = true;
	cfg.places = &places;
	cfg.seed = 1;
	return tcp_new(&cfg, &host, NULL, &app, NULL, START);
}

/* options_are - these bytes come first behind the header */
static bool
options_are(const uint8_t *want, size_t n)
{
	return last_len >= 54 + n && memcmp(last + 54, want, n) == 0;
}

static void
syn_acks(struct tcp *t)
{
	static const uint8_t layout[] = {
	    2, 4, 0x05, 0x78, 1, 3, 3, 1, 1, 1, 8, 10};
	struct tcp_opts o = all;
	uint32_t iss;
	uint16_t first;

	give(t, 80, TH_SYN, 100, 0, &all);
	check(sent == 1 && last[47] == (TH_SYN | TH_ACK) &&
		  options_are(layout, sizeof(layout)),
	    "a SYN-ACK in the order of its face, no SACK, the MSS given back");
	check(get_be16(last + 48) == 8688 && last[22] == 60,
	    "its window, its TTL");
	check((last[20] & 0x40) == 0, "and without DF");
	first = id;
	iss = get_be32(last + 38);
	o.have_mss = o.have_wscale = o.sack_ok = false;
	o.tsecr = get_be32(last + last_len - 8);
	give(t, 80, TH_ACK, 101, iss + 1, &o);
	check(opened == 1, "the connection opens");
	o = all;
	o.have_wscale = false;
	from++;
	give(t, 80, TH_SYN, 900, 0, &o);
	check(get_be16(last + 48) == 8000 && id != first,
	    "without a window scale: another window; identifications go on");
	o = all;
	o.have_mss = false;
	from++;
	give(t, 80, TH_SYN, 900, 0, &o);
	check(get_be16(last + 48) == 8111 && get_be16(last + 56) == 1460,
	    "without an MSS: another window, the MSS of the link");
	check(get_be32(last + last_len - 4) == 0, "which echoes no timestamp");
}

/* ecn_of - of the SYN-ACK for a SYN with these flags */
static unsigned
ecn_of(struct tcp *t, uint16_t flags)
{
	from++;
	give(t, 80, TH_SYN | flags, 100, 0, &all);
	return (unsigned)(get_be16(last + 46) & TH_ECN);
}

static void
ecn(struct tcp *t)
{
	static struct face modern;

	modern = printer;
	modern.ecn = true;
	shown = &modern;
	check(ecn_of(t, TH_ECE | TH_CWR) == TH_ECE, "ECN of RFC 3168,");
	check(ecn_of(t, TH_ECN) == TH_ECE, "also for who asks for more");
	check(ecn_of(t, TH_ECE) == 0 && ecn_of(t, TH_CWR) == 0,
	    "one flag asks for nothing");
	shown = &printer;
	check(ecn_of(t, TH_ECE | TH_CWR) == 0, "and a face without");
}

static void
lone(struct tcp *t)
{
	give(t, 80, 0, 700, 3, NULL);
	check(sent == 1 && last[47] == (TH_RST | TH_ACK) &&
		  get_be32(last + 42) == 700 && get_be16(last + 48) == 7 &&
		  (last[20] & 0x40) != 0,
	    "T2: no flags, to an open port");
	give(t, 80, TH_ACK, 700, 3, NULL);
	check(sent == 1 && last[22] == 32 && get_be16(last + 52) == 1 &&
		  last_len == 54 && data_len == 6,
	    "T4: its TTL, an urgent pointer, a text");
	give(t, 80, TH_SYN | TH_FIN, 700, 3, NULL);
	check(sent == 0, "T3: no answer, as the face has none");
	give(t, 82, TH_SYN, 700, 0, &all);
	check(sent == 1 && get_be32(last + 42) == 701 && id == 0,
	    "T5: a reset, identification 0");
	give(t, 82, TH_SYN | TH_FIN, 700, 0, &all);
	check(get_be32(last + 42) == 702 && last[15] == 0,
	    "which acknowledges a FIN, too");
	data = 5;
	asked_tos = 0x4b;
	give(t, 82, TH_SYN, 700, 0, &all);
	check(get_be32(last + 42) == 706 && last[15] == 0,
	    "and data of the SYN; its class of service is its own,");
	shown = &linux_face;
	give(t, 82, TH_SYN, 700, 0, &all);
	check(last[15] == 0x48, "a Linux has that of the segment, without ECN");
	shown = &printer;
	data = asked_tos = 0;
	give(t, 82, TH_FIN | TH_PSH | TH_URG, 700, 0, NULL);
	check(sent == 0, "T7: no answer");
	give(t, 82, TH_RST, 700, 0, NULL);
	check(sent == 0, "a reset is never answered");
	give(t, 81, TH_SYN, 700, 0, &all);
	check(sent == 0, "a silent port");
}

/* tsval - of the last segment, whose options end with timestamps */
static uint32_t
tsval(void)
{
	return get_be32(last + last_len - 8);
}

static void
ages(struct tcp *t)
{
	struct tcp_opts o = all;
	uint32_t first;

	o.mss = 1460;
	from++;
	give(t, 80, TH_SYN, 100, 0, &o);
	first = get_be32(last + 38);
	check(tsval() == 40 * 86400 * 2, "up for 40 days, at 2 Hz");
	check(id == 5001, "identifications begin where they shall");
	now += NS_S * 3 / 4;
	from++;
	o.mss = 1400;
	give(t, 80, TH_SYN, 100, 0, &o);
	check(tsval() == 40 * 86400 * 2 + 1, "three quarters of a second on");
	check(get_be32(last + 38) == first + 64000, "a step further");
	check(get_be16(last + 48) == 8400, "the window of another MSS");
	o.mss = 536;
	from++;
	give(t, 80, TH_SYN, 100, 0, &o);
	check(get_be16(last + 48) == 8576, "and of the least");
}

/* six - whole segments over IPv6 are shorter: as many as fit */
static void
six(struct tcp *t)
{
	struct tcp_opts o = all;

	parse_addr("fd00::5", &ours);
	parse_addr("fd00::9", &theirs);
	shown = &linux_face;
	o.mss = 1440;
	give(t, 80, TH_SYN, 100, 0, &o);
	check(get_be16(last + 68) == 45 * 1428, "IPv6: 45 with timestamps");
	o.have_ts = false;
	from++;
	give(t, 80, TH_SYN, 100, 0, &o);
	check(get_be16(last + 68) == 45 * 1440, "and 45 without");
}

/* echoes - what comes back is of the engine's own clock again */
static void
echoes(struct tcp *t)
{
	struct tcp_opts o = all;
	struct seg seg = {.no = 1}, own;
	const struct seg *s;
	struct tcb tcb = {.tcp = t, .ts_ok = true, .ts_off = 77};

	seg.h.opt = o;
	seg.h.opt.tsecr = tcp_face_ts(t, &ours, 77, now - 3 * NS_S);
	s = tcp_face_echo(&tcb, now, &seg, &own);
	check(s == &own &&
		  seq_leq(tcp_ts_now(now) - 3000, own.h.opt.tsecr - 77) &&
		  seq_leq(own.h.opt.tsecr - 77, tcp_ts_now(now) - 2000),
	    "three seconds ago, not older than that");
	seg.h.opt.tsecr = tcp_face_ts(t, &ours, 77, now);
	s = tcp_face_echo(&tcb, now, &seg, &own);
	check(s->h.opt.tsecr - 77 == tcp_ts_now(now), "within a tick: now");
}

/* grows - the number of a second connection of the same ends, 1 ms later */
static uint32_t
grows(struct tcp *t, const struct face *f)
{
	const struct conn c = {.laddr = ours, .raddr = theirs, .lport = 80};

	shown = f;
	return tcp_isn(t, &c, now + NS_MS) - tcp_isn(t, &c, now);
}

/* numbers - hosts of one net have different clocks in them */
static void
numbers(struct tcp *t)
{
	static const struct face none, fast = {.isn_tick = 64},
				       any = {.isn_tick = FACE_ISN_RANDOM};

	check(grows(t, NULL) == 250 && grows(t, &none) == 250,
	    "as RFC 6528 has it");
	check(grows(t, &fast) == NS_MS / 64, "a faster clock");
	check(grows(t, &any) > 1000000 && grows(t, &any) < UINT32_MAX - 1000000,
	    "none: it may be any");
}

int
main(void)
{
	struct tcp *t;

	parse_addr("10.0.0.5", &ours);
	parse_addr("10.0.0.9", &theirs);
	t = engine();
	syn_acks(t);
	tcp_free(t);
	t = engine();
	ecn(t);
	tcp_free(t);
	t = engine();
	lone(t);
	tcp_free(t);
	shown = &old;
	up = 40 * 86400 * NS_S;
	t = engine();
	ages(t);
	echoes(t);
	numbers(t);
	tcp_free(t);
	t = engine();
	six(t);
	tcp_free(t);
	return done();
}
