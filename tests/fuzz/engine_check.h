/*
 * engine_check.h - what holds in the engine between any two calls.
 */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

struct tcp;

/* engine_check - abort when it does not; quiet: tcp_flush() has just ended
   with nothing left to say */
void engine_check(struct tcp *, uint64_t now, bool quiet);

#endif
