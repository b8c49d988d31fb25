/*
 * options.h - the command line. Needs ether.h, ip.h, responder.h.
 */
#ifndef ICMP_PHANTOM_OPTIONS_H
#define ICMP_PHANTOM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "responder.h"
#include "wire/ether.h"
#include "wire/ip.h"

struct options {
	const char *log_path, *hosts, *os_db, *table;
	const char *user;  /* of commands; NULL: nobody if we are root */
	const char *guard; /* folder that they may not write in; or NULL */
	uint32_t commands; /* at once; 0: as many as usual */
	struct responder_config cf;
	struct ip_addr addr; /* for cf */
	struct mac mac;	     /* for cf */
	bool has_echo_rate, has_error_rate;
	bool json, has_open, verbose, quiet, stamps, seeded, has_addr, has_mac;
	uint64_t seed;
};

/* options_read - the whole command line, or die */
void options_read(struct options *, int argc, char **argv);

#endif
