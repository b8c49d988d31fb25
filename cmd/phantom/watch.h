/*
 * watch.h - read the programs' stderr, and keep what it means.
 */
#ifndef PHANTOM_WATCH_H
#define PHANTOM_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/types.h>

#include "held.h"

struct options;
struct prog;

enum {
	LOG_PIECE = 4096, /* bytes of a write to the log, whole lines */
	SAID_MAX = 4,
};

/* what has happened so far */
struct totals {
	uint64_t connections, sent, received, retransmits, echoes;
};

struct watch {
	const struct options *o;
	int log;	   /* -1: none */
	bool log_failed;   /* and a message was printed */
	uint64_t log_lost; /* lines */
	bool terminal;	   /* stdout is one, */
	pid_t self, group; /* our process, and its group */
	bool failed; /* it is over, and the reason was printed: nothing more */
	struct held held;
	bool drawn;	/* the last line there is the status */
	bool unread[2]; /* stdout, stderr: nobody read at the last write */
	struct totals now, shown;
	int metrics;			     /* a file, or -1 */
	bool metrics_failed;		     /* and a message was printed */
	uint64_t closed, scans, unreachable; /* in that file alone */
	int claims;			     /* of arp-phantom */
	unsigned lines;	  /* of connections, in this second */
	uint64_t unshown; /* connections without a line */
	char piece[LOG_PIECE];
	size_t n, begun; /* begun: bytes of the first line that are written */
	char said[SAID_MAX][256]; /* the last messages, without their names */
	unsigned nsaid, nsaid_before; /* a second without any forgets them */
};

/* watch_start - the log is opened by others */
void watch_start(struct watch *, const struct options *);

/* watch_new_log - events go to this file from now on */
void watch_new_log(struct watch *, int fd);

/* watch_log_end - the last lines; false: some are lost, and a message said
   so */
bool watch_log_end(struct watch *);

/*
 * watch_read - read a program's stderr; false when all has been read and it is
 * closed
 */
bool watch_read(struct watch *, struct prog *);

/* watch_second - once a second: the status, as far as it is new */
void watch_second(struct watch *);

/* watch_wants - is there anything to be done each second? */
bool watch_wants(const struct watch *);

/* watch_asks - are the programs to be asked for their totals? */
bool watch_asks(const struct watch *);

/* watch_totals - at the end */
void watch_totals(struct watch *);

/* watch_say - a line to stdout, and not into the status */
void watch_say(struct watch *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* watch_event - one of a program's: it is counted, and shown */
void watch_event(struct watch *, struct prog *, const char *line);

/*
 * watch_may_show - a line about what strangers cause, where -q has not been
 * given more often than least says: so many in a second
 */
bool watch_may_show(struct watch *, int least);

/* watch_in_front - what is typed at the terminal is for us */
bool watch_in_front(const struct watch *);

/* watch_clear - the status is taken away, before others write */
void watch_clear(struct watch *);

#endif
