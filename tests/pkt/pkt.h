/*
 * pkt.h - the parts of the script runner: see pkt.c for what a script is.
 */
#ifndef PKT_H
#define PKT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MAX_OPTS = 40,
	MAX_FRAME = 70000,
	MAX_FLOWS = 64,
	MAX_QUEUE = 4096,
	MAX_TEXT = 600,
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
	F_AE = 256 /* RFC 9768 3.1.1 */
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
struct opt {
	int kind;
	uint32_t v[8]; /* MSS; shift; TSval, TSecr; start, end, ...; counters */
	bool any[3];   /* TS, cookie, AccECN: "*" */
	unsigned n;    /* numbers in v, bytes in raw */
	uint8_t raw[40];
};

/* a segment as a script writes it: numbers relative to the initial ones */
struct segment {
	uint16_t lport, rport; /* ours, the peer's */
	unsigned flags;
	uint32_t seq, ack, len;
	bool has_win, urp_set;
	uint16_t win, urp;
	enum { OPTS_OMITTED, OPTS_ANY, OPTS_LIST } opts;
	unsigned nopts;
	struct opt opt[MAX_OPTS];
	/* what only an injected one can have */
	bool badsum, badipsum, frag, ipopt, to_group;
	uint8_t tos;			   /* of the IP header; any segment's */
	int doff, trunc, pad, vlan, iplen; /* -1: as it should be */
	char src[48], dst[48];		   /* other addresses, "" none */
};

/* when: ns relative to the script's last event, or to its start */
struct when {
	bool relative, any;
	uint64_t lo, hi;
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
	bool edge_known, peer_ws;
	bool peer_ws_next; /* of a SYN that is not answered by one yet */
	bool bent;	   /* by a quirk: then less of it holds */
	uint32_t edge;	   /* right edge of our receive window */
	unsigned wscale;
	uint16_t peer_mss, last_win;
};

struct captured {
	uint64_t time;
	struct segment s;
};

struct run;

/* notation.c, text.c */
/* parse_segment - 0, or -1 and *why; s has its defaults */
int parse_segment(const char *text, struct segment *s, const char **why);
void format_segment(const struct segment *s, char *buf, size_t cap);
int parse_when(const char **text, struct when *w);
uint32_t parse_u32(const char **text, int *bad);
/* same_segment - does got agree with what was expected? */
bool same_segment(const struct segment *want, const struct segment *got);
void segment_init(struct segment *s);

/* frame.c */
size_t build_frame(
    const struct segment *s, const struct flow *f, bool v6, uint8_t *out);
/* read_frame - NULL, or what is wrong with an emitted frame */
const char *read_frame(
    const uint8_t *p, size_t n, bool v6, struct flow *flows, struct segment *s);
struct flow *flow_of(struct flow *flows, uint16_t lport, uint16_t rport);
uint8_t pattern(uint32_t off);

/* run.c: the engine under a script */
struct run *run_new(bool verbose);
void run_free(struct run *);
const char *run_error(const struct run *);
bool fail(struct run *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* run_set - a "set" line, before anything happens */
bool run_set(struct run *, const char *name, const char *value);
bool run_on(struct run *, const char *event, const char *command);
bool run_inject(
    struct run *, const struct when *, const struct segment *, bool flush);
bool run_raw(struct run *, const struct when *, const char *hex);
bool run_expect(struct run *, const struct when *, const struct segment *,
    const char *text);
/* run_command - an application's command, or a check of the state */
bool run_command(struct run *, const struct when *, const char *text);
bool run_flush(struct run *);
bool run_finish(struct run *);

/* icmp.c: frames that are no segments */
bool run_icmp(struct run *, const struct when *, const char *text, bool flush);
bool run_piece(struct run *, const struct when *, const char *text, bool flush);

/* script.c */
/* play - run one file: true, or false and the reason printed as comments */
bool play(const char *path, bool verbose);

#endif
