/*
 * limit.h - "limit N/source", "N/port" and "N/host" of phantom-hosts(5):
 * connections at once. Of what is for all sources one has three quarters, the
 * next one three quarters of the rest, and so on; and one that has less takes a
 * place from the one that has most, see base/part.h.
 */
#ifndef TCPFSM_NET_LIMIT_H
#define TCPFSM_NET_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct hosts_rule;
struct limits;
struct sessions;
struct tcb;

/* limits_new - NULL: no memory; end it by free() */
struct limits *limits_new(const uint64_t key[2]);

/* limits_enter - the rule allows one more; counted until limits_leave(). took:
   that of limits_displaced() has ended */
bool limits_enter(
    struct limits *, const struct hosts_rule *, struct tcb *, bool took);
/*
 * limits_displaced - the connection that is to end so that the rule allows this
 * one, which it has not allowed: of the source that has most. NULL: none. All
 * sessions are looked at, so it is seldom done.
 */
struct tcb *limits_displaced(struct limits *, const struct sessions *,
    const struct hosts_rule *, struct tcb *, uint64_t now);
void limits_leave(struct limits *, const struct hosts_rule *, struct tcb *);

#endif
