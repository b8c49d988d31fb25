/*
 * capfiles.h - what programs that draw captures share: which segments, of which
 * files, with which event log.
 *
 * Only main programs call these: they print what is wrong and exit.
 */
#ifndef CAPTURE_CAPFILES_H
#define CAPTURE_CAPFILES_H

#include <stdbool.h>
#include <stdio.h>

#include "capture/capin.h"
#include "capture/seglist.h"
#include "opt/opt.h"

struct capfiles {
	struct tcpseg_list segs;
	struct ip_addr addr; /* what segs.addr points to */
	bool has_addr;
	const char *log_name;
	FILE *log; /* NULL: none was given */
	struct capin *in;
	int files;
};

/* the options that they share, tables about struct capfiles */
extern const struct opt capfiles_opt[];	    /* -a, -p: which connections */
extern const struct opt capfiles_opt_log[]; /* -l */
extern const struct opt capfiles_opt_decap[];

/*
 * capfiles_open - the files named, or stdin when there is none, and the log;
 * then all rights are given up
 */
void capfiles_open(struct capfiles *, int files, char **name);

/*
 * capfiles_read - all their segments, by time. 0, or the exit status, after a
 * message; what was read before an error is there all the same
 */
int capfiles_read(struct capfiles *);

void capfiles_close(struct capfiles *);

#endif
