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
/* tcp_path_learn - to the peer of this connection */
void tcp_path_learn(const struct tcb *, uint32_t mtu, uint64_t now);
/* tcp_path_mtu - for a connection that begins; that of the link at most */
uint32_t tcp_path_mtu(const struct tcb *, uint64_t now);

#endif
