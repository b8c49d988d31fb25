/*
 * options.h - the words of dhcp-lease's command line. Needs ether.h, ip.h
 * and query.h.
 */
#ifndef DHCP_LEASE_OPTIONS_H
#define DHCP_LEASE_OPTIONS_H

#include <stdbool.h>

#include "ask/query.h"
#include "wire/ip.h"

struct options {
	struct query_options ex;
	bool has_addr;
	struct ip_addr addr; /* -a: wished for */
	const char *host;    /* -H; NULL: none */
	bool keep;
};

/* options_read - or die with what is wrong */
void options_read(struct options *, int argc, char **argv);

#endif
