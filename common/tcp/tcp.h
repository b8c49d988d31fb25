/*
 * tcp.h - the engine as its user sees it: frames and time in, frames, bytes
 * and events out.
 *
 * The engine makes no system call, reads no clock and allocates only within
 * the limits of its configuration. The same calls give the same results: all
 * time comes as an argument (ns since 1970), all chance from the seed.
 */
#ifndef TCP_TCP_H
#define TCP_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/allocator.h"
#include "tcp/fsm.h"
#include "wire/addr.h"

#ifdef __cplusplus
extern "C" {
#endif

struct face;
struct quirk_kind;
struct tcb;
struct tcp;
struct tcp_cong;
struct tcp_hooks;

enum { TCP_MAXPORTS = 64, TCP_MAXQUIRKS = 16 };

/* from when on a quirk acts */
enum tcp_when {
	TCP_WHEN_ALWAYS,
	TCP_WHEN_OPEN,	  /* ESTABLISHED */
	TCP_WHEN_BYTES,	  /* so many bytes of data */
	TCP_WHEN_SEGMENT, /* this segment with data, counted from 1 */
	TCP_WHEN_TIME,	  /* so many ns after the connection began */
	TCP_WHEN_FIN,	  /* the peer's FIN has come */
};

/* one misbehaviour, as quirk_parse() of quirk.h makes it */
struct tcp_quirk {
	const struct quirk_kind *kind;
	enum tcp_when when;
	uint64_t at, arg;
};

enum { TCP_SECRETS = 8 }; /* keys of two words each */

/* a port, as clients see it */
enum tcp_port {
	TCP_PORT_CLOSED, /* a reset */
	TCP_PORT_OPEN,
	TCP_PORT_SILENT, /* no answer at all: a firewall drops what comes */
};

/*
 * Where the phantoms are, and how, if many are different: instead of addr,
 * mac and the ports of the configuration. ctx is given to each of these.
 */
struct tcp_places {
	void *ctx;
	/* is this address one of ours, at this MAC? */
	bool (*is_at)(void *ctx, const struct mac *, const struct ip_addr *);
	/* could this MAC be ours, of whatever address? */
	bool (*may_be_at)(void *ctx, const struct mac *);
	enum tcp_port (*port)(void *ctx, const struct ip_addr *, uint16_t port);
	/* bit n: a connection to there has quirk[n] of the configuration */
	uint32_t (*quirks)(void *ctx, const struct ip_addr *, uint16_t port);
	/* TTL or hop limit of its packets; 0: that of the configuration */
	uint8_t (*ttl)(void *ctx, const struct ip_addr *);
	/* may be NULL: what its stack looks like, wire/face.h; NULL: our own */
	const struct face *(*face)(void *ctx, const struct ip_addr *);
	/* may be NULL: ns that it was up when the engine began, which its
	   timestamps show; 0: they do not */
	uint64_t (*uptime)(void *ctx, const struct ip_addr *);
	/* may be NULL: where a face's IPv4 identifications begin */
	uint16_t (*first_id)(void *ctx, const struct ip_addr *);
};

struct tcp_config {
	const struct ip_addr *addr; /* answer for this address only, at any
				       unicast MAC; NULL: the phantom rule */
	const struct mac *mac;	    /* our MAC; NULL: 02:50 and the address */
	const struct tcp_places *places; /* NULL: addr and mac decide */
	uint16_t port[TCP_MAXPORTS];	 /* open ports; none: all are open */
	unsigned nports;
	bool no_listen;	   /* no port is open, but by tcp_listen() */
	bool layer3;	   /* packets begin with their IP header, no Ethernet */
	bool own_settings; /* connections may have their own: 32 bytes each */
	bool quiet;	   /* what has no connection is not reset: others may
			     have the same address */
	bool no_ecn;	   /* RFC 3168 is refused */
	bool ask_ecn;	   /* our own SYN asks for it */
	bool no_accecn;	   /* RFC 9768 is refused */
	bool ask_accecn;   /* our own SYN asks for it, not for RFC 3168 */
	bool fastopen;	   /* RFC 7413, as a server and as a client */
	bool ts_optional;  /* take segments without the timestamp agreed on */
	bool path_cache;   /* what a path has taught, for the next: RFC 9040 */
	/* what our SYN does not offer, nor our SYN-ACK agree to */
	bool no_sack, no_timestamps, no_wscale;
	/* what the RFCs leave open is as in a Linux whose settings nobody has
	   changed: the window and the scale of a SYN, IPv6 flow labels */
	bool like_linux;
	bool trust_cksum; /* take segments with a wrong checksum */
	bool segments;	  /* an event for every segment */
	uint64_t seed;
	bool has_secrets; /* the keys of hashes (sequence numbers, cookies) are
			     these random words; else they are of the seed */
	uint64_t secrets[TCP_SECRETS];
	bool shared; /* other engines have the same ones: cookies that they
			have sent are good here */
	const struct allocator *allocator; /* NULL: malloc() */
	const struct tcp_cong *cong;	   /* congestion control; NULL: CUBIC */
	uint32_t mtu;	       /* of the network; bytes of IP packet */
	uint16_t mss;	       /* that our SYN offers, if less than the MTU's */
	uint32_t max_conns;    /* connections at once */
	uint32_t backlog;      /* half-open ones, then SYN cookies */
	uint32_t fastopen_max; /* opened by a cookie, not confirmed */
	uint32_t rcvbuf;       /* receive window, bytes */
	size_t reass_bytes;    /* out-of-order data kept, all connections */
	size_t frag_bytes;     /* IP fragments kept */
	uint8_t dscp;	       /* in every segment: RFC 9293 3.9.1.9 */
	uint8_t ttl;	       /* or hop limit */
	uint64_t min_rto;      /* ns, above the round trip */
	uint64_t msl;	       /* ns; TIME-WAIT lasts two */
	uint64_t user_timeout; /* ns without an answer, then give up (R2) */
	uint64_t fin_wait_2;   /* ns of silence in FIN-WAIT-2 */
	uint64_t keepalive;    /* ns of silence, then probe; 0: never */
	const struct tcp_hooks *hooks; /* &tcp_quirks; NULL: behave well */
	unsigned nquirks;
	struct tcp_quirk quirk[TCP_MAXQUIRKS];
};

/* tcp_defaults - every field's default, as in the man page */
void tcp_defaults(struct tcp_config *);

/* congestion controls: RFC 9438, RFC 5681, draft-ietf-ccwg-bbr-06 */
extern const struct tcp_cong tcp_cubic, tcp_reno, tcp_bbr;

/* tcp_cong_find - by name; NULL when there is none */
const struct tcp_cong *tcp_cong_find(const char *name);

enum tcp_close {
	TCP_CLOSE_FIN,	   /* both FINs are acknowledged */
	TCP_CLOSE_RESET,   /* the peer sent a reset */
	TCP_CLOSE_TIMEOUT, /* no answer within the user timeout */
	TCP_CLOSE_ABORT,   /* given up on this side */
};

enum tcp_event_type {
	TCP_EV_STATE,
	TCP_EV_RETRANSMIT,
	TCP_EV_TIMEOUT,
	TCP_EV_DROP,
	TCP_EV_CLOSE,
	TCP_EV_SEGMENT,
	TCP_EV_ICMP,  /* an error about this connection that did not end it */
	TCP_EV_PMTU,  /* segments are smaller from now on */
	TCP_EV_QUIRK, /* misbehaviour on command */
	TCP_EV_ECN,   /* Accurate ECN: agreed on, or found not to work */
	/* a segment as scanners send them; why is its kind. Any host can
	   cause many */
	TCP_EV_PROBE,
};

/* one line of the log; what an event does not use is 0 or NULL */
struct tcp_event {
	enum tcp_event_type type;
	uint64_t time;	/* of the packet that it is about, else of the timer */
	uint64_t frame; /* record of the input, counted from 1; 0: none */
	const struct ip_addr *laddr, *raddr;
	uint16_t lport, rport;
	int state_old, state_new;     /* STATE: enum tcp_state */
	const char *why;	      /* a word: the reason */
	uint32_t seq, ack, len, wnd;  /* relative to the initial numbers */
	uint16_t flags;		      /* SEGMENT: TH_... */
	bool out;		      /* SEGMENT: sent, not received */
	uint8_t icmp_type, icmp_code; /* ICMP */
	uint32_t mtu;		      /* PMTU: bytes of IP packet */
	const char *what;	      /* QUIRK: why has done this, */
	uint32_t times;		      /* so often since the last such event */
	uint64_t rto;		      /* RETRANSMIT, TIMEOUT, CLOSE, and
					  SEGMENT that is sent: ns */
	uint32_t cwnd, flight;	      /* bytes, with tcb; cwnd 0: none yet */
	uint32_t ssthresh;	      /* bytes, with tcb; UINT32_MAX: none */
	uint64_t srtt;		      /* ns, with tcb; 0: not yet measured */
	enum tcp_close how;	      /* CLOSE, with what follows */
	bool half;		      /* its client never completed it */
	uint64_t sent, received;      /* bytes */
	uint32_t retransmits;
	bool accurate;		/* CLOSE: RFC 9768, then the packets with CE */
	uint32_t ce_in, ce_out; /* that came, and that the peer reported */
	struct tcb *tcb;	/* NULL when there is none */
};

/*
 * What the engine calls: the host sends frames and keeps the log, the
 * application has the connections. Each has a context of its own, the pointers
 * given to tcp_new(). What an application has no use for may be NULL. None of
 * these may call tcp_input(), tcp_flush() or tcp_timers().
 */
struct tcp_host {
	/* a frame goes out: head (up to the end of the TCP header), then
	   data */
	void (*emit)(void *host_ctx, uint64_t now, const uint8_t *head,
	    size_t hlen, const uint8_t *data, size_t dlen);
	/* may be NULL */
	void (*event)(void *host_ctx, const struct tcp_event *);
};

/* why a connection has ended */
struct tcp_reason {
	enum tcp_close how;
	const char *why; /* the word of the log: "refused"; NULL: by FIN */
	uint8_t icmp_type, icmp_code; /* of the error that ended it; else 0 */
};

/* what a client knows of a server, RFC 7413 4.1.3 */
struct tcp_cookie {
	uint8_t laddr[16], raddr[16]; /* as in struct ip_addr */
	uint16_t rport;
	uint16_t mss;	    /* 0: unknown */
	uint64_t off_until; /* ns: it has failed, and is not tried before */
	uint8_t len;	    /* 0: none */
	uint8_t b[16];
};

struct tcp_app {
	/* the connection is ESTABLISHED, or may be used as if it were: RFC
	   7413 */
	void (*opened)(void *app_ctx, struct tcb *, uint64_t now);
	/* n more bytes have arrived, in order */
	void (*received)(void *app_ctx, struct tcb *, const uint8_t *p,
	    size_t n, uint64_t now);
	/* the peer's FIN: nothing more will arrive */
	void (*peer_closed)(void *app_ctx, struct tcb *, uint64_t now);
	/* the time set by tcp_app_timer() has come */
	void (*timer)(void *app_ctx, struct tcb *, uint64_t now);
	/* the last word on this connection */
	void (*closed)(void *app_ctx, struct tcb *, const struct tcp_reason *,
	    uint64_t now);
	/* where bytes off to off + len of what was offered lie, until they
	   are acknowledged; NULL: not in one piece (a ring buffer), copy()
	   gives them */
	const uint8_t *(*data)(
	    void *app_ctx, struct tcb *, uint64_t off, uint32_t len);
	/* the same bytes into buf; only where data() may return NULL */
	void (*copy)(void *app_ctx, struct tcb *, uint64_t off, uint32_t len,
	    uint8_t *buf);
	/* may be NULL: the partial sum (see cksum.h) of len bytes that data()
	   has given; again: they have been sent before, without success */
	uint32_t (*sum)(
	    void *app_ctx, const uint8_t *data, uint32_t len, bool again);
	/* the peer has all bytes before off */
	void (*acked)(void *app_ctx, struct tcb *, uint64_t off, uint64_t now);
	/* may be NULL: that is what to keep, see tcp_cookie_put() */
	void (*cookie)(void *app_ctx, const struct tcp_cookie *);
	/* false: what arrives is only counted, received() gets p == NULL */
	bool want_data;
};

/*
 * tcp_new - an engine that calls host and app, which it copies. NULL: no
 * memory.
 */
struct tcp *tcp_new(const struct tcp_config *, const struct tcp_host *,
    void *host_ctx, const struct tcp_app *, void *app_ctx, uint64_t now);
void tcp_free(struct tcp *);

/*
 * tcp_input - a whole Ethernet frame has arrived. stamp is its own time, no
 * its number. The next tcp_flush() sends what is to be sent, once for
 * all frames of a batch.
 */
void tcp_input(struct tcp *, uint64_t now, const uint8_t *frame, size_t len,
    uint64_t stamp, uint64_t no);

/*
 * tcp_unsummed - whether in the frames from now on TCP's checksum has been left
 * to segmentation offload, so that there is none to verify: they come from a
 * host on the same machine
 */
void tcp_unsummed(struct tcp *, bool);

/*
 * tcp_flush - let the connections touched since the last call send, data only
 * while room bytes are not used up by frames (16 more bytes each). Returns
 * true when data waits for room: call again when there is some.
 */
bool tcp_flush(struct tcp *, uint64_t now, size_t room);

/*
 * tcp_super - from now on a frame may be longer than the network's MTU: full
 * segments of a connection, one behind the other, under the headers of the
 * first. The checksum is that of the pseudo-header, as segmentation offload
 * wants it: emit() has frames of more than mtu bytes, behind Ethernet's header,
 * cut into segments that fill it, and summed. mtu 0: no more.
 */
void tcp_super(struct tcp *, uint32_t mtu);

/*
 * tcp_listen, tcp_unlisten - a port is open, or not, from now on; connections
 * that are there stay
 */
void tcp_listen(struct tcp *, uint16_t port);
void tcp_unlisten(struct tcp *, uint16_t port);

/* tcp_deadline - when to call tcp_timers() at the latest; UINT64_MAX never */
uint64_t tcp_deadline(const struct tcp *);
/* tcp_timers - fire what is due, then tcp_flush() */
void tcp_timers(struct tcp *, uint64_t now);

/* what an application may do with a connection, within a callback or not */

/*
 * tcp_connect - active open from laddr:lport to raddr:rport by way of gw's
 * MAC (NULL on layer 3); the SYN goes out with the next tcp_flush(). NULL when
 * the pair of endpoints is in use, an address is no host's, or the table is
 * full.
 */
struct tcb *tcp_connect(struct tcp *, uint64_t now, const struct ip_addr *laddr,
    uint16_t lport, const struct ip_addr *raddr, uint16_t rport,
    const struct mac *gw);
/* tcp_cookie_put - of an earlier run; what is offered before the SYN goes out
   may go with it */
void tcp_cookie_put(struct tcp *, const struct tcp_cookie *);
/* tcp_offer - bytes before offset end may be sent; it never goes back */
void tcp_offer(struct tcb *, uint64_t end);
/* tcp_shutdown - FIN behind what has been offered */
void tcp_shutdown(struct tcb *);
/* tcp_nodelay - do not hold small segments back: RFC 9293 3.7.4 MUST-17 */
void tcp_nodelay(struct tcb *, bool on);
/*
 * With cfg.own_settings a connection may have its own of these, at any time;
 * false: not without, or not now. Times are ns.
 *
 * RFC 9293 3.9.1, RFC 5482; keep-alives: 0 is never
 */
bool tcp_set_user_timeout(struct tcb *, uint64_t ns);
bool tcp_set_keepalive(struct tcb *, uint64_t ns, uint64_t now);
/* the code point of all that it sends from now on: RFC 9293 3.9.1.9 */
bool tcp_set_dscp(struct tcb *, uint8_t dscp);
/* the window grows at once, and shrinks as the peer fills it. The window scale
   is that of our SYN: 64 KiB times it can be advertised */
bool tcp_set_rcvbuf(struct tcb *, uint32_t bytes);
/* not once our FIN is sent */
bool tcp_set_cong(struct tcb *, const struct tcp_cong *, uint64_t now);

/* how a connection stands */
struct tcp_status {
	enum tcp_state state;
	const struct tcp_cong *cong;
	uint32_t cwnd; /* bytes; 0: not yet known */
	uint32_t ssthresh;
	uint32_t unacked; /* bytes sent and not acknowledged */
	uint64_t unsent;  /* bytes offered and not sent */
	uint32_t in_flight;
	uint32_t mss; /* effective: the largest payload */
	uint32_t snd_wnd, rcv_wnd;
	uint64_t srtt, rto, min_rtt; /* ns; without a sample 0, 1 s, 0 */
	uint64_t acked, received;    /* bytes of data */
	uint32_t retransmits;
};
void tcp_status(const struct tcb *, struct tcp_status *);
/* tcp_ack_now - what has arrived is acknowledged with the next tcp_flush(), a
   delayed ACK is not waited for; false: it is acknowledged already */
bool tcp_ack_now(struct tcb *);
/* tcp_abort - reset the connection; closed() is called */
void tcp_abort(struct tcb *, uint64_t now);
/* tcp_abort_why - the same; why is for the log: a word that stays there */
void tcp_abort_why(struct tcb *, uint64_t now, const char *why);
/* tcp_app_timer - call timer() at time at; UINT64_MAX: do not */
void tcp_app_timer(struct tcb *, uint64_t at);
/* tcp_hold - n bytes that received() was given are not yet consumed: the
   receive window is smaller by as much */
void tcp_hold(struct tcb *, uint32_t n);
/* tcp_user - a word that the application keeps with the connection */
uintptr_t *tcp_user(struct tcb *);
const struct ip_addr *tcp_local(const struct tcb *, uint16_t *port);
const struct ip_addr *tcp_remote(const struct tcb *, uint16_t *port);
/* tcp_macs - of the frames: ours, and that of the sender of the peer's */
void tcp_macs(const struct tcb *, struct mac *local, struct mac *remote);

/* totals since the start */
struct tcp_stats {
	uint64_t frames, foreign, segments, dropped, opened, closed, resets_out,
	    resets_limited, cookies, sent, received, retransmits;
	uint32_t conns, time_waits;
};
const struct tcp_stats *tcp_stats(const struct tcp *);

#ifdef __cplusplus
}
#endif

#endif
