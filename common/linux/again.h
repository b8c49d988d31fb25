/*
 * again.h - the file of phantom-hosts(5), for programs that may open nothing
 * once they have begun: another process, the reader, reads it again, looks for
 * mistakes, and hands over the table, which all that have it share.
 *
 * A program alone has a reader of its own. Those that phantom runs have one
 * together: they join it by sockets that it has given them (again_join), get
 * the table that it has at the start, and take a new one when all of them can,
 * or none does.
 */
#ifndef LINUX_AGAIN_H
#define LINUX_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "hosts/hosts.h"

enum { AGAIN_OTHERS = 6 };

/* a program that joins: our ends of its sockets */
struct again_other {
	int sock;      /* it asks here */
	int told;      /* its new commands go here; -1: it has none */
	uint8_t proto; /* of the lines whose files it wants; 0: none */
};

struct again_config {
	const char *path;
	struct hosts_use use;
	uint8_t proto; /* of the lines whose files are handed over */
	bool commands; /* it runs those of the file */
	const struct again_other *other;
	unsigned others;
};

/* the process that asks */
struct again {
	int sock;	/* to ask by; -1: it is not read again */
	int told;	/* by which new commands come; -1: none do */
	bool asked;	/* it is being read, */
	bool once_more; /* and is to be read again then, */
	bool votes;	/* or the others are being asked */
};

/*
 * again_load - the table: of the file, or of the reader of others, by the
 * sockets in joined ("/dev/fd/5,/dev/fd/6"; NULL: there is none). What is wrong
 * with the file is printed, and ends the program.
 */
struct hosts *again_load(
    struct again *, const struct again_config *, const char *joined);

/*
 * again_start - before sandbox_enter(), which then needs SANDBOX_REOPEN,
 * SANDBOX_MAP and room for two files: there is a reader from now on; now: the
 * table as it is, of which only the texts are left here if others join. A
 * failure ends the program.
 */
void again_start(
    struct again *, const struct again_config *, struct hosts *now);

/* again_share - the table as a file in memory that does not change any more: a
   descriptor, or -1 and errno */
int again_share(const struct hosts *);

/* again_hangup - SIGHUP has come: have it read */
void again_hangup(struct again *);

/* again_socket - readable when there is news; -1: nothing to wait for */
int again_socket(const struct again *);

enum again_news {
	AGAIN_NOTHING, /* or a mistake, which has been printed */
	AGAIN_TABLE,   /* get ready for it, and vote */
	AGAIN_TAKE,    /* all are ready: it counts from now on */
	AGAIN_DROP,    /* one is not: it goes */
};

/* again_news - what it is; *h is the new table */
enum again_news again_news(struct again *, struct hosts **h);

/* again_vote - are we ready for the new table? */
void again_vote(struct again *, bool ready);

/* again_trim - the old table has been freed: give its memory back */
void again_trim(void);

/* again_stays - print that the new table is not taken, and why */
void again_stays(const char *why);

/* again_file - of the new table's files, one after the other, those that lines
   of the protocol name. A descriptor, or -1 and errno */
int again_file(struct again *);

#endif
