/*
 * options.h - the command line of tcp-show. Include ip.h and show.h first.
 */
#ifndef TCP_SHOW_OPTIONS_H
#define TCP_SHOW_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "show.h"

struct options {
	struct selection sel;
	const char *output; /* -o, or NULL */
	uint64_t limit;	    /* -c */
	uint64_t wait;	    /* -w, ns; TIME_NEVER: none */
	bool has_limit, continued, quiet, verbose, decap;
};

/* options_read - or die, saying what is wrong */
void options_read(struct options *, int argc, char **argv);

#endif
