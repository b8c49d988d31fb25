/*
 * rawcap.h - between the files of rawcap.
 */
#ifndef RAWCAP_RAWCAP_H
#define RAWCAP_RAWCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/filter.h>

#include "base/clock.h"
#include "capture/capin.h"
#include "linux/pktsock.h"
#include "pipe/stage.h"
#include "pipe/stream.h"

/* bpf.c: programs of the classic BSD packet filter */

enum { BPF_MAX = 4096, BPF_KEEP = 262144 };

struct bpf {
	struct sock_filter *f; /* room for BPF_MAX; NULL: no filter */
	unsigned n;
};

/*
 * bpf_check - what the kernel wants of a program: known instructions, jumps
 * forward and inside, a return at its end. NULL, or what is wrong.
 */
const char *bpf_check(const struct bpf *);

/*
 * bpf_parse - the text that tcpdump -ddd prints, n bytes, into an empty
 * program, checked. NULL, or what is wrong.
 */
const char *bpf_parse(struct bpf *, const char *text, size_t n);

/*
 * bpf_run - how many bytes of the frame to keep, 0 for none. caplen bytes
 * are there of a frame of len. The program has passed bpf_check().
 */
uint32_t bpf_run(
    const struct bpf *, const uint8_t *frame, uint32_t caplen, uint32_t len);

/* filter.c: from -a, -p, -t to a program */

enum { MATCH_MAX = 64 };

enum {
	MATCH_TCP = 1,
	MATCH_UDP = 2,
	MATCH_ICMP = 4,	  /* ICMP and ICMPv6 */
	MATCH_ARP = 8,	  /* ARP and Neighbor Discovery */
	MATCH_OTHER = 16, /* of IP, all that is none of these */
};

struct match {
	uint8_t addr[MATCH_MAX][16]; /* v4-mapped, as in ip.h */
	uint8_t len[MATCH_MAX];	     /* of the prefix, of 128 bits */
	unsigned naddr;
	bool to; /* of an IP packet only the destination counts */
	uint16_t port[MATCH_MAX];
	unsigned nport;
	bool either; /* ports of both ends count, not of the phantom's alone */
	unsigned types; /* MATCH_...; 0 for all */
	bool connected; /* TCP, but not a SYN without ACK */
};

/* match_compile - 0, or -1 when the program would be too long */
int match_compile(const struct match *, struct bpf *);

/*
 * program.c: program_make - from the file of -F (NULL: none), or as
 * match_compile(). Without any of them b->f stays NULL. Or say what is wrong,
 * and exit.
 */
void program_make(struct bpf *, const struct match *, const char *file);

/*
 * divide.c: bpf_divide - what a program (its f may be NULL: each frame) takes,
 * as two: rest takes TCP but for what opens a connection, apart the other
 * frames. 0, or -1 when that cannot be.
 */
int bpf_divide(const struct bpf *, struct bpf *rest, struct bpf *apart);

/*
 * spread.c: spread_by_source - a program for PKTSOCK_SPREAD: the number of
 * the side socket of a frame's source, by a keyed hash. Frames that this host
 * sends go to 0 unless they are wanted. The k of two instructions are to be
 * set: the key, an odd one, or 0 for no hash; and the first socket.
 */
enum { SPREAD_KEY = 0, SPREAD_FROM = 19 };
struct sock_fprog spread_by_source(bool own_wanted);

/* input.c: packets from a file to the output's buffer */

enum { RAWCAP_OUT = 2 << 20 };	/* bytes of it, and */
enum { RAWCAP_RING = 7 << 20 }; /* of live.c's, not all of them touched */

enum { SIDES = 1 + 16 }; /* sockets: for a burst, and for a flood */

struct rawcap {
	struct clock clock;
	struct stage st;
	struct stream_out out;
	const char *iface; /* NULL: none */
	int flags;	   /* PKTSOCK_... */
	bool has_group, verbose, locked;
	uint32_t group;	   /* of -G, or the group of the side sockets */
	bool ended;	   /* what is live: nothing more is taken */
	struct pktsock cs; /* the interface, or */
	/* for a flood, see live.c: its own sockets, behind one that takes
	   nothing, and what each takes */
	struct pktsock side[1 + SIDES];
	struct sock_fprog whole, rest, apart, by_source;
	bool piped;    /* stdout is a pipe */
	uint8_t *ring; /* where it is not, all that is to be written */
	size_t free;   /* of it: behind what the pipe was lent */
	int shown;     /* bytes at most that it may show of that */
	bool divisible, divided, held;
	int side_flags;
	unsigned turn;		/* of the side sockets: which is first */
	unsigned calm, busy;	/* rounds without and with much of it */
	uint32_t key;		/* of sources, odd */
	uint64_t written, mark; /* bytes; before the last of the flood's */
	struct capin in;	/* the file */
	bool decap;		/* only the innermost packet of it */
	bool small;		/* the last frame was: more such may be there */
	struct pktsock_frame frame[PKTSOCK_MANY]; /* with buffers in many */
	uint8_t many[PKTSOCK_MANY][PKTSOCK_MAXFRAME];
	struct bpf filter; /* for a file; the kernel has that of a socket */
	uint64_t limit;	   /* packets after which to end */
	uint64_t dropped;  /* by the kernel, as reported so far */
	int down;	   /* errno that ended what is live, or 0; ENETDOWN:
			      the interface was down and may be gone */
	char error[256];   /* why the input ended early; empty: it did not */
	int status;
};

/* a stage's callback, ctx a struct rawcap */
int input_file(void *ctx, uint64_t now);

/* live.c: from opening the interface to closing it; FAILED: cs.error is the
   reason, or rights are left (not locked), or a write failed (errno) */
enum stage_end live(struct rawcap *);

/* rawcap.c: a callback, ctx a struct rawcap */
void rawcap_summary(void *ctx);

#endif
