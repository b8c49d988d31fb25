/*
 * path.h - what is remembered of the path to each destination; see path.c.
 */
#ifndef TCP_PATH_H
#define TCP_PATH_H

#include <stdbool.h>
#include <stdint.h>

struct tcb;
struct tcp;

bool tcp_path_init(struct tcp *);
void tcp_path_free(struct tcp *);
/* tcp_path_begin - until there is a sample, rttvar holds a fourth of the
   time-out */
void tcp_path_begin(struct tcb *, uint64_t now);
/* tcp_path_threshold - from where on the first slow start is careful;
   UINT32_MAX: nothing is known */
uint32_t tcp_path_threshold(const struct tcb *, uint64_t now);
/* tcp_path_mtu - for a connection that begins; that of the link at most */
uint32_t tcp_path_mtu(const struct tcb *, uint64_t now);
/* tcp_path_opened - its handshake is over */
void tcp_path_opened(struct tcb *, uint64_t now);
/* tcp_path_narrow - the path MTU to the peer of this connection */
void tcp_path_narrow(const struct tcb *, uint32_t mtu, uint64_t now);
/* tcp_path_ended - the connection ends, its state is still what it was */
void tcp_path_ended(const struct tcb *, uint64_t now);

#endif
