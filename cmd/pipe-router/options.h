/*
 * options.h - the command line of pipe-router.
 */
#ifndef PIPE_ROUTER_OPTIONS_H
#define PIPE_ROUTER_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "route/route.h"

struct options {
	bool quiet, seeded, stamps;
	struct route_config cf;
	bool has_nat;
	uint16_t nat_vid;
};

void options_read(struct options *, int argc, char **argv);

#endif
