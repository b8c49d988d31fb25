/*
 * lookon.h - what programs that draw captures share: which segments, of which
 * files, with which event log.
 *
 * Only mains call these: they say what is wrong and exit.
 */
#ifndef LOOKON_H
#define LOOKON_H

#include <stdbool.h>
#include <stdio.h>

#include "tcpseg.h"

struct lookon {
	struct tcpseg_list segs;
	struct ip_addr addr; /* what segs.addr points to */
	const char *log_name;
	FILE *log; /* NULL: none was given */
	int *fd;
	char **name;
	int files;
};

/* lookon_option - take -a, -l, -p with optarg; false: another option */
bool lookon_option(struct lookon *, int c, char *arg);

/*
 * lookon_open - the files named, or stdin when there is none, and the log;
 * then all rights are given up
 */
void lookon_open(struct lookon *, int files, char **name);

/*
 * lookon_read - all their segments, by time. 0, or the exit status, the
 * reason said: what was read before an error is there all the same
 */
int lookon_read(struct lookon *);

void lookon_close(struct lookon *);

#endif
