/*
 * options.h - the command line of tcpfsm.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "ether.h"
#include "event.h"
#include "ip.h"
#include "run.h"
#include "sandbox.h"

struct options {
	struct run run;
	struct ip_addr addr;
	struct mac mac;
	const char *file, *log, *output, *recording;
	bool json, have_seed;
	char args[EVENT_LINE_MAX / 4]; /* escaping makes three of one */
	char rights[SANDBOX_TEXT];
};

/* options_parse - fill in what the arguments say; dies where they are wrong */
void options_parse(struct options *, int argc, char **argv);

#endif
