/*
 * invariant.h - what holds in the engine between any two calls, and the
 * little more that a test has to know of its inside.
 */
#ifndef INVARIANT_H
#define INVARIANT_H

#include <stdbool.h>
#include <stdint.h>

struct tcb;
struct tcp;

/* invariant_broken - NULL, or what does not hold, until the next call;
   quiet: tcp_flush() has just ended with nothing left to say */
const char *invariant_broken(struct tcp *, uint64_t now, bool quiet);

/* invariant_pair - what holds for the two ends of a connection that nobody
   interferes with: NULL, or what does not */
const char *invariant_pair(const struct tcb *client, const struct tcb *server);

/* invariant_records - so many records of what is in flight, at most */
void invariant_records(struct tcp *, uint32_t most);

/* invariant_early - opened, and the handshake is not over: RFC 7413 */
bool invariant_early(const struct tcb *);
/* invariant_next - SND.NXT */
uint32_t invariant_next(const struct tcb *);
/* invariant_numbers - the initial sequence numbers, ours and the peer's */
void invariant_numbers(const struct tcb *, uint32_t *iss, uint32_t *irs);

#endif
