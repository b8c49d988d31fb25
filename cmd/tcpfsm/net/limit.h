/*
 * limit.h - "limit N/source", "N/port" and "N/host" of phantom-hosts(5):
 * connections at once. Of what is for all sources one has three quarters, the
 * next one three quarters of the rest, and so on.
 */
#ifndef TCPFSM_NET_LIMIT_H
#define TCPFSM_NET_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct hosts_rule;
struct limits;
struct tcb;

/* limits_new - NULL: no memory; end it by free() */
struct limits *limits_new(const uint64_t key[2]);

/* limits_enter - the rule allows one more; counted until limits_leave() */
bool limits_enter(struct limits *, const struct hosts_rule *, struct tcb *);
void limits_leave(struct limits *, const struct hosts_rule *, struct tcb *);

#endif
