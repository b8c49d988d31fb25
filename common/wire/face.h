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

enum { FACE_LAYOUT = 28, FACE_IDS_APART = 16384, FACE_TEXT = 12 };
#define FACE_NO_CLOCK UINT64_MAX

/* a SYN-ACK: its options in their order, a letter each: M maximum segment
   size, N no operation, W window scale, S SACK permitted, T timestamps, L end
   of the list */
struct face_syn {
	char layout[FACE_LAYOUT];
	uint8_t wscale;
	uint16_t wnd;
	uint16_t mss; /* 0: that of the link, FACE_MSS_BACK, or this one */
	bool no_echo; /* the timestamp that it echoes is 0 */
};

enum { FACE_MSS_BACK = UINT16_MAX }; /* no more than the SYN offers */

/* which SYN it answers. Without a layout: as FACE_SYN_ALL */
enum {
	FACE_SYN_ALL,	    /* with all of these options */
	FACE_SYN_SHORTER,   /* and an MSS below that of Ethernet, */
	FACE_SYN_SHORT,	    /* or not above 536, */
	FACE_SYN_NO_MSS,    /* or none */
	FACE_SYN_NO_SACK,   /* without SACK permitted, */
	FACE_SYN_NO_WSCALE, /* without a window scale, */
	FACE_SYN_NO_TS,	    /* without timestamps */
	FACE_SYN_ODD,	    /* with a FIN: FACE_T3 */
	FACE_SYNS,
};

/* initial sequence numbers */
enum face_isn {
	FACE_ISN_OWN,	/* they cannot be predicted */
	FACE_ISN_SAME,	/* always one */
	FACE_ISN_STEP,	/* a step more for each connection */
	FACE_ISN_CLOCK, /* by the time, more or less */
};

#define FACE_ISN_RANDOM UINT32_MAX

/* an answer to a segment that is of no connection */
struct face_answer {
	bool sends; /* at all */
	bool df;
	bool urgent; /* an urgent pointer without the flag */
	uint8_t ttl; /* 0: as of a connection */
	uint16_t wnd;
	char seq;      /* 0: zero, A: their acknowledgment number, +: the
			  next, O: any */
	char ack;      /* 0, S: their sequence number, +: what acknowledges
			  them, O: any */
	uint8_t flags; /* TH_... */
	uint8_t len;   /* of a text in it, RFC 9293 3.5.3 */
	char text[FACE_TEXT];
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
	bool df;	/* of the segments of a connection */
	bool ecn;	/* agrees to RFC 3168 */
	bool labels;	/* IPv6: each flow has one that is not 0 */
	bool reset_tos; /* a reset has the DSCP of what it is about */
	/* ns until the SYN-ACK is retransmitted first, then twice as long each
	   time; and for how long in all. 0: as without a face */
	uint64_t syn_wait, syn_limit;
	bool one_clock; /* one timestamp clock for all that a host asks */
	uint64_t tick;	/* of that clock, ns; 0: a millisecond, FACE_NO_CLOCK:
			   it stands at zero */
	enum face_isn isn;
	/* of FACE_ISN_OWN: between two connections of the same ends they grow
	   by one in so many ns; 0: in 4000, as RFC 6528 has it,
	   FACE_ISN_RANDOM: by any number */
	uint32_t isn_tick;
	uint32_t isn_step; /* they are multiples of it; 0: of 1 */
	double isn_rate;   /* more in a second */
	double isn_noise;  /* less than this is added at random */
	bool ids_apart;	   /* ICMP counts its identifications elsewhere */
	enum face_id syn_id, reset_id, icmp_id;
	struct face_syn syn[FACE_SYNS];
	struct face_answer lone[FACE_LONE];
	/* ICMP: echo replies, port unreachable */
	enum face_df echo_df;
	bool echo_code;	 /* the request's code, not 0 */
	bool echo_plain; /* a request of another code than 0 gets none */
	bool refuses;	 /* says so when a UDP port is closed */
	bool refuse_df;
	uint16_t refuse_len;	/* bytes of that IPv4 packet at most */
	uint32_t refuse_unused; /* in the field that has no use */
	/* the packet that it repeats: checksums of IPv4, then of UDP; */
	bool repeat_no_sum, repeat_bad_sum, repeat_no_udp_sum;
	/* identification and length, the low byte first; or none; or more */
	bool repeat_id_low, repeat_no_id, repeat_len_low;
	int8_t repeat_more;
};

/* face_quote - bytes of a packet that an ICMP error of IPv4 repeats at most:
   its header and eight more at least */
static inline uint16_t
face_quote(const struct face *f)
{
	return (uint16_t)(f->refuse_len > 36 ? f->refuse_len - 28 : 28);
}

#endif
