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
/* choice_shows - and a segment of it came when that was chosen */
bool choice_shows(const struct choice *, const struct conn *);
/* choice_when - what came at this time is chosen */
bool choice_when(const struct choice *, uint64_t time);

/* choice_any - one is, by choice_has() or choice_shows(); else a message says
   why not: only for main programs */
typedef bool choice_is(const struct choice *, const struct conn *);
bool choice_any(const struct choice *, const struct conns *, choice_is *);

/*
 * the times alone, of programs that choose otherwise: choice_take_when() reads
 * one of an option, choice_between() is choice_when(); first: what they count
 * from, unless they are since 1970
 */
const char *choice_take_when(void *base, const struct opt *, const char *arg);
/* choice_turned - the words for it if the second one is earlier; or "" */
const char *choice_turned(uint64_t from, uint64_t to);
bool choice_between(uint64_t from, uint64_t to, uint64_t first, uint64_t time);

/* of n segments */
struct choice_range {
	uint64_t n, low, high;
};

/* choice_range - those of a connection as well */
void choice_range(struct choice_range *, const struct conn *);
/* choice_range_text - "from 0.1 to 2 s, or ..." into buf */
enum { CHOICE_RANGE_TEXT = 160 };
void choice_range_text(const struct choice_range *, uint64_t first, char *buf);

#endif
