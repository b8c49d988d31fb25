/*
 * event.h - the event log: one line an event, columns for awk.
 *
 *	time local remote event key=value ...
 *
 * or the same as JSON lines. A line is whole or absent: when the reader
 * cannot keep up, lines are dropped and the next one carries lost=N. Nothing
 * here ever waits for the reader. The format is in tcpfsm-events(5).
 */
#ifndef LOG_EVENT_H
#define LOG_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr;

enum {
	EVENT_LOG_CAP = 256 * 1024,
	EVENT_LINE_MAX = 2048,
	EVENT_ARGS = EVENT_LINE_MAX / 4, /* escaping makes three of one */
	EVENT_SOURCES = 256, /* buckets; those that share one share its rate */
	EVENT_WHAT = 32,  /* as much of a reason distinguishes it from others */
	EVENT_RATE = 100, /* a second, of one source and event, */
	EVENT_BURST = 1000, /* when it has been quiet */
	EVENT_ALL = 10, /* times both: of the half-open ones of all sources */
};

struct event_log {
	int fd; /* -1: nothing is logged */
	bool json;
	bool file;   /* fd is a regular file: it takes all at once */
	bool stuck;  /* the last write failed: the disk is full, or the like */
	bool failed; /* one has, ever, and there was a message */
	const char *name; /* of the file; NULL: stderr */
	int sock;	  /* of event_reopen() */
	int (*ask)(int sock);
	unsigned hangups; /* of hangup.h, when it was last opened */
	char *buf;	  /* whole lines that wait */
	size_t len;
	size_t begun;	   /* bytes of the first one that are written */
	uint64_t lost;	   /* since the last line that could be kept */
	uint64_t lost_all; /* since the start */
	uint64_t not_told; /* since the start, by event_may() */
	struct {
		uint64_t full; /* bucket.h */
		uint32_t not_told;
	} source[EVENT_SOURCES];
	uint64_t half_open;	   /* bucket of all sources */
	uint64_t key[2];	   /* of the hash over sources */
	char line[EVENT_LINE_MAX]; /* being built */
	size_t n;
	uint32_t left_out; /* to be counted by the line that begins */
	bool cut;	   /* the line has outgrown its buffer */
};

/*
 * event_init - log to fd (2, or a file of ours); 0, or -1 and errno. Which
 * sources share a bucket cannot be known before. After event_seed() they are
 * the same in each run with the same seed.
 */
int event_init(struct event_log *, int fd, bool json);
void event_seed(struct event_log *, uint64_t seed);

/*
 * event_open - to a file, appended, mode 0600, or to stderr: NULL; ends the
 * program when it cannot
 */
void event_open(struct event_log *, const char *path, bool json);

/* how the file is opened, by open(2) */
#define EVENT_LOG_FLAGS (O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC)

/*
 * event_reopen - from now on SIGHUP has the file opened again, by ask(sock),
 * at the next event_flush(): it was renamed. sock -1: SIGHUP stays
 * what it was. The signal is blocked, for ppoll() to let in.
 */
void event_reopen(struct event_log *, int sock, int (*ask)(int sock));

/*
 * event_start - the first line: the program, its arguments (event_args() makes
 * one text of them, as far as it goes), the seed (NULL: kept secret, as
 * sequence numbers may follow from it) and the rights
 */
void event_args(char args[EVENT_ARGS], int argc, char **argv);
void event_start(struct event_log *, uint64_t ts, const char *args,
    const uint64_t *seed, const char *rights);

/*
 * event_may - for what strangers can cause at will: may remote have a line
 * more about this (an event, a reason)? Else it is counted, and event_begin()
 * reports how many there were with the next that may.
 */
bool event_may(struct event_log *, uint64_t ts, const struct ip_addr *remote,
    const char *what);

/*
 * event_may_half_open - the same, for what is logged of a connection before it
 * is established: its source may be forged, so there is a limit of all sources
 * as well. event_established() gives that back which the first line took: what
 * establishes its connections is not limited.
 */
bool event_may_half_open(
    struct event_log *, uint64_t ts, const struct ip_addr *remote);
void event_established(struct event_log *, const struct ip_addr *remote);

/*
 * event_begin - start a line. addr NULL prints "-"; port 0 prints the
 * address alone
 */
void event_begin(struct event_log *, uint64_t ts, const struct ip_addr *local,
    uint16_t lport, const struct ip_addr *remote, uint16_t rport,
    const char *event);
/* values: text is %-escaped where it holds space, newline, control or % */
void event_text(struct event_log *, const char *key, const char *value);
void event_num(struct event_log *, const char *key, uint64_t value);
/* event_time - ns since 1970, as in the first column */
void event_time(struct event_log *, const char *key, uint64_t ns);
/* event_end - the line is complete: queue it, or count it as lost */
void event_end(struct event_log *);

/*
 * event_wrote - n bytes more of these lines are written, behind *begun bytes of
 * the first one: only whole lines are removed. The length that is left.
 * event_take_back - a write has failed: *begun bytes are cut off the file,
 * unless another program has written there since. errno stays.
 */
size_t event_wrote(char *lines, size_t len, size_t n, size_t *begun);
void event_take_back(int fd, size_t *begun);

/* event_flush - write what the reader takes without waiting */
void event_flush(struct event_log *);
/*
 * event_close - at exit: as event_flush(), but waits up to a second; 0, or -1
 * when a file that could not be written lacks lines; there is a message, but
 * where it is stderr
 */
int event_close(struct event_log *);

#endif
