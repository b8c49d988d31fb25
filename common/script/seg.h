/*
 * seg.h - a segment as a script writes it, in packetdrill's notation: from
 * text and back, from a frame and back, and whether one is what was expected.
 *
 * Nothing of the engine's own codecs is used here: a test that decodes with
 * the code it tests finds nothing. The notation: see notation.c.
 */
#ifndef SCRIPT_SEG_H
#define SCRIPT_SEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MAX_OPTS = 40,
	MAX_FRAME = 70000,
	MAX_FLOWS = 64,
	MAX_TEXT = 600,
	ICMP_KEPT = 128, /* bytes of a message, from its type on */
	PEER_PORT = 40000,
	OUR_PORT = 80,
};

/* flag bits as on the wire, RFC 9293 3.1 */
enum {
	F_FIN = 1,
	F_SYN = 2,
	F_RST = 4,
	F_PSH = 8,
	F_ACK = 16,
	F_URG = 32,
	F_ECE = 64,
	F_CWR = 128,
	F_AE = 256, /* RFC 9768 3.1.1 */
	F_ALL = 511
};

enum { NLETTERS = 9 };

/* the flags as letters, in the order in which they are written */
struct letter {
	char letter;
	unsigned bit;
};
extern const struct letter letters[NLETTERS];

enum {
	K_EOL = 0,
	K_NOP = 1,
	K_MSS = 2,
	K_WSCALE = 3,
	K_SACK_OK = 4,
	K_SACK = 5,
	K_TS = 8,
	K_FASTOPEN = 34,
	K_ACCECN0 = 172,
	K_ACCECN1 = 174,
	K_RAW = 256
};

/* one option; numbers are relative, as written in a script */
struct opt_text {
	int kind;
	uint32_t v[8]; /* MSS; shift; TSval, TSecr; start, end, ...; counters */
	bool any[3];   /* of v, or the cookie: "*" */
	uint32_t hi[3]; /* of an expected one: from v to hi */
	unsigned n;	/* numbers in v, bytes in raw */
	uint8_t raw[40];
};

/* what an expected number may be, from the one in the segment up to hi */
struct span {
	bool any; /* "*" */
	uint32_t hi;
};

/* words about its IP header and its frame; of one that came: all are known */
enum {
	WORD_TTL = 1,
	WORD_ID = 2,
	WORD_DF = 4,
	WORD_SMAC = 8,
	WORD_DMAC = 16,
	WORD_OPTIONS = 36 /* bytes */
};

struct ip_words {
	unsigned set;	     /* which are written, or are to be */
	uint8_t ttl, ttl_hi; /* of an expected one: up to hi */
	uint16_t id, id_hi;
	bool df;
	uint8_t smac[6], dmac[6];
	/* IPv4 options, or those of an IPv6 Destination Options header */
	unsigned noptions;
	uint8_t options[WORD_OPTIONS];
};

/* a segment as a script writes it: numbers relative to the initial ones */
struct seg_text {
	uint16_t lport, rport; /* ours, the peer's */
	unsigned flags;
	uint32_t seq, ack, len;
	bool has_ack, has_win, urp_set, has_tos;
	uint16_t win, urp;
	enum { OPTS_OMITTED, OPTS_ANY, OPTS_LIST } opts;
	bool more_opts; /* of a list: others are allowed, too */
	unsigned nopts;
	struct opt_text opt[MAX_OPTS];
	/* of an expected one only */
	unsigned any_flags; /* these may be set or not */
	struct span in_seq, in_ack, in_len, in_win;
	/* what only an injected one can have */
	bool badsum, badipsum, frag, to_group;
	struct ip_words ip;		   /* any segment's */
	uint8_t tos;			   /* of the IP header; any segment's */
	int doff, trunc, pad, vlan, iplen; /* -1: as it should be */
	char src[48], dst[48];		   /* other addresses, "" none */
	const uint8_t *payload;		   /* len bytes; NULL: pattern() */
};

/* when: ns relative to the script's last event, or to its start */
struct when {
	bool relative, any;
	uint64_t lo, hi;
};

/* what every frame of ours is held against, beside its form */
enum {
	CHECK_EDGE = 1,	   /* the window's right edge does not move back */
	CHECK_DATA = 2,	   /* the data are those of pattern() */
	CHECK_MSS = 4,	   /* no more of them than the peer's MSS */
	CHECK_HOST = 8,	   /* header and addresses are as a phantom's */
	CHECK_PHANTOM = 15 /* all of it */
};

/* a connection's initial numbers, as far as they are known */
struct flow {
	uint16_t lport, rport;
	uint32_t iss, irs, ts_base;
	bool have_iss, have_ts;
	/* the cookie that the engine has given last */
	uint8_t cookie[16];
	unsigned ncookie;
	/* what every emitted segment is held against */
	unsigned checks;
	bool edge_known, peer_ws;
	bool peer_ws_next; /* of a SYN that is not answered by one yet */
	uint32_t edge;	   /* right edge of our receive window */
	unsigned wscale;
	uint16_t peer_mss, last_win;
};

/* the two ends of all flows of a script: ours is the one under test */
struct ends {
	bool v6;
	bool phantom; /* another address of ours is at another MAC */
	uint8_t us[16], peer[16];
	uint8_t us_mac[6], peer_mac[6];
	uint8_t router_mac[6]; /* ICMP comes from there */
	uint8_t router[16];    /* and from this address */
	uint16_t lport, rport; /* on the wire, for OUR_PORT and PEER_PORT */
};

/* notation.c, text.c */

/*
 * seg_parse - 0, or -1, *why and, unless at is NULL, where in the text; s
 * has its defaults
 */
int seg_parse(
    const char *text, struct seg_text *s, const char **why, const char **at);
void seg_init(struct seg_text *);
void seg_format(const struct seg_text *, char *buf, size_t cap);
/* seg_is_pattern - it can be expected, but not sent */
bool seg_is_pattern(const struct seg_text *);
int when_parse(const char **text, struct when *w);
uint32_t parse_u32(const char **text, int *bad);

enum {
	SAME_ALL = 0,
	SAME_LOOSE = 1, /* what was not written does not count: ACK, PSH,
			   TOS, options when there is no list */
};
/* seg_same - does got agree with what was expected? */
bool seg_same(const struct seg_text *want, const struct seg_text *got, int how);

/* ipwords.c */

/* ip_word - eat one of *t: 1, none of them is there: 0, it is wrong: -1 */
int ip_word(const char **t, struct ip_words *);
/* ip_format - those that are set, each behind a space */
void ip_format(const struct ip_words *, char *buf, size_t cap);
bool ip_is_pattern(const struct ip_words *);
bool ip_same(const struct ip_words *want, const struct ip_words *got);
/*
 * ip_options_size, ip_put_options - of a header for this many bytes; next: the
 * protocol of what follows, which IPv6 wants to know
 */
size_t ip_options_size(const struct ip_words *, bool v6);
void ip_put_options(const struct ip_words *, bool v6, uint8_t next, uint8_t *p);

/* frame.c, read.c */
void ends_phantom(struct ends *, bool v6);
uint16_t ends_port(const struct ends *, uint16_t rport);
size_t seg_build(const struct seg_text *, const struct flow *,
    const struct ends *, uint8_t *out);
/*
 * seg_read - NULL, or what is wrong with a frame of ours. *data, unless NULL,
 * is set to its payload
 */
const char *seg_read(const uint8_t *p, size_t n, const struct ends *,
    struct flow *flows, struct seg_text *s, const uint8_t **data);
/* flow_of - one of flows[MAX_FLOWS + 1], whose last is what a new one is */
struct flow *flow_of(struct flow *flows, uint16_t lport, uint16_t rport);
uint8_t pattern(uint32_t off);
/* seg_first - place in the stream of its first byte */
uint32_t seg_first(const struct seg_text *);
/* note_syn - what the peer's SYN promises holds for all that is emitted */
void note_syn(struct flow *, const struct seg_text *, bool v6, uint32_t mtu);
unsigned sum16(unsigned sum, const uint8_t *p, size_t n);

/* icmp.c, piece.c: frames that are no segments */

/* take_word - the next word of *t is w: eat it; _number - "w N" */
bool take_word(const char **t, const char *w);
bool take_number(const char **t, const char *w, unsigned *n);

/* icmp_build - the frame of "unreachable ... [1:100(99)]", 0: cannot read */
size_t icmp_build(const char *text, const struct ends *, struct flow *flows,
    uint8_t out[1600]);
/* piece_build - of "0:1480 WORDS of SEGMENT", into MAX_FRAME + 100 bytes */
size_t piece_build(
    const char *text, const struct ends *, struct flow *flows, uint8_t *out);
/*
 * raw_build - of "frame HEX", or "proto N [sum N] HEX": behind an IP header
 * from the peer, with a checksum at that place; into MAX_FRAME bytes
 */
size_t raw_build(const char *text, const struct ends *, uint8_t *out);
/* icmp_known - can these be read? An expected one may be "*". */
bool icmp_known(const char *text);
bool piece_known(const char *text);
bool raw_known(const char *text);

/* icmp_is_of - is a message of ours about the peer of these ends? */
bool icmp_is_of(const uint8_t *icmp, size_t n, const struct ends *);
/* icmp_same - is it what was expected? icmp_format - as text */
bool icmp_same(const char *text, const uint8_t *icmp, size_t n,
    const struct ends *, const struct flow *);
void icmp_format(const uint8_t *icmp, size_t n, const struct ends *,
    const struct flow *, char *buf, size_t cap);

#endif
