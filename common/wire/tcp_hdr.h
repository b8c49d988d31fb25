/*
 * tcp_hdr.h - the TCP header, RFC 9293 3.1, and its options.
 */
#ifndef WIRE_TCP_HDR_H
#define WIRE_TCP_HDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TH_FIN = 0x01,
	TH_SYN = 0x02,
	TH_RST = 0x04,
	TH_PSH = 0x08,
	TH_ACK = 0x10,
	TH_URG = 0x20,
	TH_ECE = 0x40,
	TH_CWR = 0x80,
	TH_AE = 0x100, /* RFC 9768 3.1.1 */
	TH_ECN = TH_AE | TH_CWR | TH_ECE,
};

enum {
	TCP_HLEN = 20,
	TCP_MAXHLEN = 60,
	TCP_MAXSACK = 4,
	TCP_MAXWSCALE = 14, /* RFC 7323 2.3 */
	TCP_MAXCOOKIE = 16, /* RFC 7413 4.1.1 */
};

struct sack_block {
	uint32_t start, end; /* end is the first byte after the block */
};

/*
 * an AccECN option, RFC 9768 3.2.3: the first n of three counters, modulo
 * 2^24; order 0 is EE0B, ECEB, EE1B, order 1 EE1B, ECEB, EE0B
 */
struct accecn_opt {
	bool have;
	uint8_t order, n;
	uint32_t field[3];
};

/* options, in host order */
struct tcp_opts {
	bool have_mss, have_wscale, sack_ok, have_ts;
	bool have_cookie; /* Fast Open, RFC 7413; len 0: asks for one */
	bool bad; /* a length that cannot be: what follows was not read */
	uint16_t mss;
	uint8_t wscale;
	uint8_t nsack;
	uint32_t tsval, tsecr;
	struct sack_block sack[TCP_MAXSACK];
	struct accecn_opt acc;
	bool no_echo;	    /* encode: what is echoed is 0 */
	const char *layout; /* encode: the first four in this order, face.h;
			       NULL: as ever */
	uint8_t cookie_len;
	uint8_t cookie[TCP_MAXCOOKIE];
};

/* a header, in host order */
struct tcp_hdr {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t wnd, urp;
	uint16_t flags;
	uint8_t hlen; /* bytes up to the data */
	struct tcp_opts opt;
};

/*
 * tcp_hdr_decode - read the header of a segment of len bytes. Returns 0, or
 * -1 when the lengths contradict each other. A damaged option ends the
 * option list (opt.bad) but not the segment: RFC 9293 3.1 MUST-7.
 */
int tcp_hdr_decode(const uint8_t *p, size_t len, struct tcp_hdr *out);

/*
 * tcp_hdr_encode - write h, its options included, and zero the checksum.
 * Returns the header's bytes, at most TCP_MAXHLEN. What finds no room is left
 * out: SACK blocks first, then a cookie, then an AccECN option.
 */
size_t tcp_hdr_encode(uint8_t *p, const struct tcp_hdr *h);

#endif
