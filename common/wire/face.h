/*
 * face.h - what a TCP/IP stack can be recognized by: values that the RFCs
 * leave open, and answers to segments that no honest peer sends. Fields are
 * named after the tests of nmap(1), which looks at them: T2 to T7, U1, IE.
 */
#ifndef WIRE_FACE_H
#define WIRE_FACE_H

#include <stdbool.h>
#include <stdint.h>

/* how the IPv4 identification goes on */
enum face_id {
	FACE_ID_OWN, /* as without a face */
	FACE_ID_ZERO,
	FACE_ID_COUNT,	 /* one more each time */
	FACE_ID_SWAPPED, /* so does its other byte order */
	FACE_ID_LEAPS,	 /* at least a thousand more */
	FACE_ID_RANDOM,
};

enum { FACE_LAYOUT = 16, FACE_IDS_APART = 16384 };
#define FACE_NO_CLOCK UINT64_MAX

/* a SYN-ACK: its options in their order, a letter each: M maximum segment
   size, N no operation, W window scale, S SACK permitted, T timestamps, L end
   of the list */
struct face_syn {
	char layout[FACE_LAYOUT];
	uint8_t wscale;
	uint16_t wnd;
};

/* which SYN it answers. Without a layout: as FACE_SYN_ALL */
enum {
	FACE_SYN_ALL,	    /* with all of these options */
	FACE_SYN_SHORTER,   /* and an MSS below that of Ethernet, */
	FACE_SYN_SHORT,	    /* or not above 536 */
	FACE_SYN_NO_SACK,   /* without SACK permitted, */
	FACE_SYN_NO_WSCALE, /* without a window scale, */
	FACE_SYN_NO_TS,	    /* without timestamps */
	FACE_SYNS,
};

/* initial sequence numbers */
enum face_isn {
	FACE_ISN_OWN,	/* they cannot be predicted */
	FACE_ISN_SAME,	/* always one */
	FACE_ISN_STEP,	/* a step more for each connection */
	FACE_ISN_CLOCK, /* by the time, more or less */
};

/* an answer to a segment that is of no connection */
struct face_answer {
	bool sends; /* at all */
	bool df;
	uint16_t wnd;
	char seq;      /* 0: zero, A: their acknowledgment number, O: any */
	char ack;      /* 0, S: their sequence number, +: what acknowledges
			  them, O: any */
	uint8_t flags; /* TH_... */
};

enum {
	FACE_T2, /* open port: no flags */
	FACE_T3, /* SYN and FIN */
	FACE_T4, /* ACK */
	FACE_T5, /* closed port: SYN */
	FACE_T6, /* ACK */
	FACE_T7, /* neither */
	FACE_LONE,
};

enum face_df { FACE_DF_NEVER, FACE_DF_ALWAYS, FACE_DF_AS_ASKED };

struct face {
	/* TTL, of TCP and UDP, and of ICMP */
	uint8_t ttl, echo_ttl, refuse_ttl;
	/* IPv6: the hop limit of all, the window of a SYN-ACK; 0: as of IPv4 */
	uint8_t hops;
	uint16_t wnd6;
	bool df;       /* of the segments of a connection */
	bool ecn;      /* agrees to RFC 3168 */
	bool mss_back; /* a SYN-ACK offers no more than the SYN did */
	bool labels;   /* IPv6: each flow has one that is not 0 */
	/* ns until the SYN-ACK is retransmitted first, then twice as long each
	   time; and for how long in all. 0: as without a face */
	uint64_t syn_wait, syn_limit;
	bool one_clock; /* one timestamp clock for all that a host asks */
	uint64_t tick;	/* of that clock, ns; 0: a millisecond, FACE_NO_CLOCK:
			   it stands at zero */
	enum face_isn isn;
	uint32_t isn_step; /* they are multiples of it; 0: of 1 */
	double isn_rate;   /* more in a second */
	double isn_noise;  /* less than this is added at random */
	bool ids_apart;	   /* ICMP counts its identifications elsewhere */
	enum face_id syn_id, reset_id, icmp_id;
	struct face_syn syn[FACE_SYNS];
	struct face_answer lone[FACE_LONE];
	/* ICMP: echo replies, port unreachable */
	enum face_df echo_df;
	bool echo_code; /* the request's code, not 0 */
	bool refuses;	/* says so when a UDP port is closed */
	bool refuse_df;
	uint16_t refuse_len;	/* bytes of that IPv4 packet at most */
	uint32_t refuse_unused; /* in the field that has no use */
	/* checksums in the packet that it repeats: IPv4, then UDP */
	bool repeat_no_sum, repeat_bad_sum, repeat_no_udp_sum;
};

#endif
