/*
 * options.h - the words of dns-query's command line. Needs ip.h, ether.h,
 * query.h, dname.h and message.h.
 */
#ifndef DNS_QUERY_OPTIONS_H
#define DNS_QUERY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/query.h"
#include "message.h"
#include "wire/ip.h"

struct options {
	struct query_options ex;
	struct ip_addr server;
	uint16_t port;
	struct dns_question question;
	const char *name; /* as it was given */
	unsigned tries;
	bool tcp;	/* +tcp: at once */
	bool norecurse; /* +norecurse */
	bool noedns;	/* +noedns */
};

/* options_read - or die with what is wrong */
void options_read(struct options *, int argc, char **argv);

#endif
