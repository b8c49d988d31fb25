/* tcp_hdr_test.c - RFC 9293 3.1: the header and its options */
#include <stdlib.h>

#include "base/bytes.h"
#include "base/chance.h"
#include "tap.h"
#include "wire/tcp_hdr.h"

/* decode - a header with these option bytes */
static int
decode(const char *opts, size_t n, struct tcp_hdr *h)
{
	uint8_t p[TCP_MAXHLEN] = {0};

	p[12] = (uint8_t)((20 + n + 3) / 4 << 4);
	memcpy(p + 20, opts, n);
	return tcp_hdr_decode(p, (20 + n + 3) / 4 * 4, h);
}

static void
lengths(void)
{
	uint8_t p[TCP_MAXHLEN] = {0};
	struct tcp_hdr h;

	p[12] = 0x50;
	check(tcp_hdr_decode(p, 20, &h) == 0 && h.hlen == 20, "20 bytes");
	check(tcp_hdr_decode(p, 19, &h) == -1, "19 bytes");
	check(tcp_hdr_decode(p, 0, &h) == -1, "none");
	p[12] = 0x40;
	check(tcp_hdr_decode(p, 60, &h) == -1, "data offset 4");
	p[12] = 0xf0;
	check(tcp_hdr_decode(p, 60, &h) == 0 && h.hlen == 60, "offset 15");
	check(tcp_hdr_decode(p, 59, &h) == -1, "offset 15 in 59 bytes");
}

static void
options(void)
{
	struct tcp_hdr h;

	check(decode("\2\4\5\xb4\4\2\1\3\3\7", 10, &h) == 0 && h.opt.have_mss &&
		  h.opt.mss == 1460 && h.opt.sack_ok && h.opt.have_wscale &&
		  h.opt.wscale == 7 && !h.opt.bad,
	    "MSS, SACK-permitted, window scale");
	check(decode("\1\1\x8\xa\0\0\0\1\xff\0\0\2", 12, &h) == 0 &&
		  h.opt.have_ts && h.opt.tsval == 1 &&
		  h.opt.tsecr == 0xff000002,
	    "timestamps");
	check(
	    decode("\1\1\5\x12\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 20, &h) == 0 &&
		h.opt.nsack == 2 && h.opt.sack[1].start == 3 &&
		h.opt.sack[1].end == 4,
	    "two SACK blocks");
	check(decode("\0\2\4\5\xb4", 5, &h) == 0 && !h.opt.have_mss,
	    "nothing behind EOL counts");
	check(decode("\xfe\4ab\2\4\5\xb4", 8, &h) == 0 && h.opt.mss == 1460,
	    "MUST-6: an unknown option is skipped");
	check(decode("\2\4\5\xb4\x8\0\1\1", 8, &h) == 0 && h.opt.bad &&
		  h.opt.have_mss && !h.opt.have_ts,
	    "MUST-7: length 0 ends the list");
	check(decode("\xfe\1\2\4\5\xb4", 6, &h) == 0 && h.opt.bad &&
		  !h.opt.have_mss,
	    "MUST-7: length 1 too");
	check(decode("\2\5\5\xb4", 4, &h) == 0 && h.opt.bad && !h.opt.have_mss,
	    "and one beyond the header");
	check(decode("\1\1\1\2", 4, &h) == 0 && h.opt.bad,
	    "and a kind without a length");
	check(decode("\2\3\5\1\3\4\1\1\4\3\1\1", 12, &h) == 0 &&
		  !h.opt.have_mss && !h.opt.have_wscale && !h.opt.sack_ok,
	    "wrong lengths of known options");
	check(decode("\5\xb\0\0\0\1\0\0\0\2\0\0", 12, &h) == 0 &&
		  h.opt.nsack == 0,
	    "a SACK option of 9 bytes");
}

static void
round_trip(void)
{
	struct tcp_hdr h = {.sport = 80,
			   .dport = 40000,
			   .seq = 0xfffffff0,
			   .ack = 1,
			   .wnd = 65535,
			   .flags = TH_SYN | TH_ACK},
		       g;
	uint8_t p[TCP_MAXHLEN];
	size_t n;

	h.opt = (struct tcp_opts){.have_mss = true,
	    .mss = 1460,
	    .sack_ok = true,
	    .have_wscale = true,
	    .wscale = 5,
	    .have_ts = true,
	    .tsval = 7,
	    .tsecr = 8};
	n = tcp_hdr_encode(p, &h);
	check(n == 40 && tcp_hdr_decode(p, n, &g) == 0 && g.sport == 80 &&
		  g.dport == 40000 && g.seq == h.seq && g.ack == 1 &&
		  g.wnd == 65535 && g.flags == h.flags && g.hlen == 40,
	    "what is written is read");
	check(g.opt.mss == 1460 && g.opt.sack_ok && g.opt.wscale == 5 &&
		  g.opt.tsval == 7 && g.opt.tsecr == 8 && !g.opt.bad,
	    "its options, too");
	h.opt = (struct tcp_opts){.have_ts = true, .nsack = 4};
	n = tcp_hdr_encode(p, &h);
	check(n <= TCP_MAXHLEN && tcp_hdr_decode(p, n, &g) == 0 &&
		  g.opt.nsack == 3,
	    "with timestamps three SACK blocks fit");
	h.opt = (struct tcp_opts){.nsack = 4};
	n = tcp_hdr_encode(p, &h);
	check(n == 56 && tcp_hdr_decode(p, n, &g) == 0 && g.opt.nsack == 4,
	    "without them four");
	h.opt = (struct tcp_opts){.have_ts = false};
	check(tcp_hdr_encode(p, &h) == 20, "no options, 20 bytes");
}

/* read_accecn - RFC 9768 3.2.3: whole counters count, the rest is padding */
static void
read_accecn(void)
{
	uint8_t p[40] = {[12] = 0x81, [13] = TH_ACK | TH_CWR, [20] = 174};
	static const uint8_t n_of[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3};
	struct tcp_hdr h;
	size_t i;

	for (i = 0; i < sizeof(n_of); i++) {
		memset(p + 21, 0, 19);
		p[21] = (uint8_t)(2 + i);
		p[24] = 7;
		if (tcp_hdr_decode(p, 32, &h) != 0 || !h.opt.acc.have ||
		    h.opt.acc.order != 1 || h.opt.acc.n != n_of[i] ||
		    h.opt.acc.field[0] != (i >= 3 ? 7 : 0))
			break;
	}
	check(i == 10 || i == sizeof(n_of), "AccECN options of any length");
	check(
	    h.flags == (TH_AE | TH_CWR | TH_ACK), "AE is read: 0x%x", h.flags);
}

static void
write_accecn(void)
{
	struct tcp_hdr h = {.flags = TH_AE | TH_ACK}, g;
	uint8_t p[TCP_MAXHLEN];
	size_t n;

	h.opt = (struct tcp_opts){.have_ts = true,
	    .nsack = 2,
	    .acc = {.have = true, .n = 2, .field = {1, 0xfffffe}}};
	n = tcp_hdr_encode(p, &h);
	check(n == 60 && tcp_hdr_decode(p, n, &g) == 0 && g.opt.nsack == 2 &&
		  g.opt.acc.n == 2 && g.opt.acc.order == 0 &&
		  g.opt.acc.field[1] == 0xfffffe && g.flags == h.flags,
	    "two counters beside timestamps and two blocks");
	h.opt.acc.n = 3;
	n = tcp_hdr_encode(p, &h);
	check(n <= 60 && tcp_hdr_decode(p, n, &g) == 0 && g.opt.nsack == 1 &&
		  g.opt.acc.n == 3,
	    "three leave room for one");
}

/* cookies - RFC 7413 4.1.1: even, none or 4 to 16 bytes */
static void
cookies(void)
{
	uint8_t p[40] = {[12] = 0xa0, [13] = TH_SYN, [20] = 34};
	struct tcp_hdr h = {.flags = TH_SYN}, g;
	uint8_t out[TCP_MAXHLEN];
	size_t i, n;
	bool right = true;

	for (i = 0; i <= 18; i++) {
		memset(p + 21, 0, 19);
		p[21] = (uint8_t)(2 + i);
		right &= tcp_hdr_decode(p, 40, &h) == 0 &&
			 h.opt.have_cookie == (i % 2 == 0 && i != 2 && i <= 16);
	}
	check(right, "a cookie's length");
	h.opt = (struct tcp_opts){.have_mss = true,
	    .have_cookie = true,
	    .cookie_len = 8,
	    .cookie = "abcdefg"};
	n = tcp_hdr_encode(out, &h);
	check(n == 36 && tcp_hdr_decode(out, n, &g) == 0 &&
		  g.opt.cookie_len == 8 &&
		  memcmp(g.opt.cookie, "abcdefg", 8) == 0,
	    "what is written is read");
	h.opt = (struct tcp_opts){.have_mss = true,
	    .have_ts = true,
	    .have_wscale = true,
	    .have_cookie = true,
	    .cookie_len = 16,
	    .acc = {.have = true, .n = 3}};
	n = tcp_hdr_encode(out, &h);
	check(n <= 60 && tcp_hdr_decode(out, n, &g) == 0 &&
		  !g.opt.have_cookie && g.opt.acc.have,
	    "a cookie that finds no room is left out");
}

static void
chaos(void)
{
	struct chance c;
	struct tcp_hdr h;
	uint8_t *p;
	size_t n, i, j;
	bool sane = true;

	chance_seed(&c, 3);
	for (i = 0; i < 300000; i++) {
		n = chance_below(&c, 80);
		p = malloc(n + 1);
		for (j = 0; j < n; j++)
			p[j] = (uint8_t)(chance_below(&c, 2)
					     ? chance_u64(&c)
					     : chance_below(&c, 12));
		if (tcp_hdr_decode(p, n, &h) == 0 &&
		    (h.hlen > n || h.hlen < 20 || h.opt.nsack > TCP_MAXSACK))
			sane = false;
		free(p);
	}
	check(sane, "random bytes: nothing leaves its bounds");
}

int
main(void)
{
	lengths();
	options();
	round_trip();
	read_accecn();
	write_accecn();
	cookies();
	chaos();
	return done();
}
