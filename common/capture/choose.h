/*
 * choose.h - which connections of a capture, and when: options that all
 * programs share that draw several of them.
 */
#ifndef CAPTURE_CHOOSE_H
#define CAPTURE_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/analysis.h"
#include "opt/opt.h"

struct choice {
	uint64_t limit; /* connections; 0: all */
	bool have_number;
	uint32_t number;
	bool have_host;
	struct ip_addr host;
	uint16_t port;	   /* 0: all */
	uint64_t from, to; /* ns: since the first segment, or since 1970 */
	uint64_t first_at; /* time of the first segment */
};

/* -n, -c, --host, --port, --from, --to: a table about struct choice */
extern const struct opt choice_opt[];

/* choice_init - all of them */
void choice_init(struct choice *);

/* choice_has - the connection is chosen, but for the limit */
bool choice_has(const struct choice *, const struct conn *);
/* choice_any - one is; else a message says why not: only for main programs */
bool choice_any(const struct choice *, const struct conns *);
/* choice_when - what came at this time is chosen */
bool choice_when(const struct choice *, uint64_t time);

#endif
