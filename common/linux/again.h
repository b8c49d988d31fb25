/*
 * again.h - the file of phantom-hosts(5) is read again by a program that may
 * open nothing any more: an opener (linux/opener.h) reads it, looks for
 * mistakes, and hands over the texts.
 */
#ifndef LINUX_AGAIN_H
#define LINUX_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "hosts/hosts.h"

struct again_config {
	const char *path;
	struct hosts_use use;
	uint8_t proto; /* of the lines whose files are handed over */
	/* the process that runs commands gets the new ones here, a message
	   each, in the order of their numbers; -1: none */
	int commands;
};

/* the process that asks */
struct again {
	struct again_config cf;
	int sock;	/* to ask by; -1: it is not read again */
	bool asked;	/* it is being read, */
	bool once_more; /* and is to be read again then */
};

/*
 * again_start - before sandbox_enter(), which then needs SANDBOX_REOPEN and
 * room for one file; now: the table as it is. 0, or -1 and errno.
 */
int again_start(struct again *, const struct again_config *, struct hosts *now);

/* again_hangup - SIGHUP has come: have it read */
void again_hangup(struct again *);

/* again_socket - readable when it has been read; -1: nothing to wait for */
int again_socket(const struct again *);

/* again_take - the new table; NULL, after a message with the place of the
   mistake */
struct hosts *again_take(struct again *);

/* again_trim - the old table has been freed: give its memory back */
void again_trim(void);

/* again_stays - print that the new table is not taken, and why */
void again_stays(const char *why);

/* again_file - of the new table's files, one after the other, those that lines
   of the protocol name. A descriptor, or -1 and errno */
int again_file(struct again *);

#endif
