/*
 * cong.h - what a congestion control is.
 *
 * It decides how many bytes may be in flight (cwnd) outside of recovery and
 * to what to come down to after a loss (ssthresh). It may keep its state in
 * tcb->cong[]. Recovery itself (what to retransmit, PRR) is not its business.
 * A new one is a file in cong/ with these functions, a line in cong/list.c
 * and one in tcp.h. CUBIC belongs to the engine: it is what a connection has
 * by default, or when there is no memory for another one's model.
 *
 * One that goes by a model of the path instead of losses has ack() in place
 * of acked(): it is asked at every ACK, in recovery too, sets cwnd and, when
 * what is sent is to be paced, tcb->pacing_rate. PRR then stands back.
 */
#ifndef TCP_CONG_H
#define TCP_CONG_H

#include <stdbool.h>
#include <stdint.h>

enum { CWND_MAX = 1 << 29 }; /* half of the sequence number space */

struct ack_info;
struct sent;
struct tcb;

struct tcp_cong {
	const char *name;
	void (*init)(struct tcb *, uint64_t now);
	/* new data acknowledged while nothing is lost; grow cwnd */
	void (*acked)(struct tcb *, const struct ack_info *);
	/* a loss was found, once per window: the new ssthresh, bytes; with
	   ack(): only for a router's mark, RFC 3168 */
	uint32_t (*ssthresh)(struct tcb *, uint64_t now);

	/* and these may be NULL */

	/* a router's mark, once per window: the new ssthresh; NULL: as for a
	   loss */
	uint32_t (*marked)(struct tcb *, uint64_t now);
	/* every ACK, after it is entered; info->rate is a rate sample */
	void (*ack)(struct tcb *, const struct ack_info *);
	/* a record is lost; its ACK, if one shows it, is not yet all entered */
	void (*lost)(struct tcb *, const struct sent *);
	/* data goes out after a time in which there was none */
	void (*restart)(struct tcb *, uint64_t now);
	/* the connection is gone: free tcb->cong_mem */
	void (*done)(struct tcb *);
};

/* tcp_initial_window - RFC 6928 2, bytes */
uint32_t tcp_initial_window(const struct tcb *);
/*
 * tcp_window_used - may cwnd grow? Not when the application or the peer's
 * window keeps the flight small: such a window proves nothing (RFC 7661). It
 * may when a flight of this round trip has filled cwnd; in slow start, which
 * may double the flight in a round trip, more than half of cwnd will do.
 */
bool tcp_window_used(const struct tcb *);
/*
 * tcp_slow_start - cwnd grows by what was acknowledged, up to ssthresh; the
 * first slow start ends by HyStart++ as well, RFC 9406. Bytes that are left for
 * congestion avoidance.
 */
uint32_t tcp_slow_start(struct tcb *, const struct ack_info *);
/* tcp_note_use - data has gone out, or waits for cwnd */
void tcp_note_use(struct tcb *);
/*
 * tcp_used_window - FlightSize of RFC 5681 3.1 as it was when the last output
 * ended. While a batch of acknowledgments is taken in, each makes the flight
 * smaller, and what it lets go comes only after the last: a loss that the
 * batch acknowledges was met with all of it. What limited transmit sent beyond
 * cwnd does not count: 3.2 step 2.
 */
uint32_t tcp_used_window(const struct tcb *);

#endif
