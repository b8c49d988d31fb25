/*
 * join.h - two connections become one: bytes, ends and resets go through.
 */
#ifndef TCP_RELAY_JOIN_H
#define TCP_RELAY_JOIN_H

enum join_end {
	JOIN_CLOSED, /* both directions have ended in order */
	JOIN_RESET,  /* one side was reset, or has gone */
};

/*
 * join_run - pass on what comes from in to sock, and what comes from sock to
 * out, until both directions have ended; in and out may be one socket. The end
 * of one direction leaves the other open. Descriptors are closed by the
 * caller.
 */
enum join_end join_run(int in, int out, int sock);

/* join_reset - close a socket so that its peer gets a reset */
void join_reset(int sock);

#endif
