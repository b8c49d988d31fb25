/*
 * options.h - the command line. Needs claim.h and ether.h.
 */
#ifndef ARP_PHANTOM_OPTIONS_H
#define ARP_PHANTOM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "claim.h"
#include "wire/ether.h"

struct ip_addr;
struct prefix;

/* addresses, each with what it is to people */
struct list {
	struct prefix *p;
	const char **what;
	size_t n, cap;
};

struct options {
	const char *ifname, *log_path, *hosts, *table;
	struct list want, except;
	struct claim_config cf;
	struct mac mac; /* for cf */
	bool live;	/* an interface, else the packet stream */
	bool json, verbose, quiet, stamps, seeded, has_mac;
	uint64_t seed;
	unsigned defend; /* which word, or UINT_MAX */
};

/* options_read - the whole command line, or die */
void options_read(struct options *, int argc, char **argv);

/* options_add - one prefix more; what: the words for a message, kept */
void options_add(
    struct list *, const struct ip_addr *, unsigned len, const char *what);

#endif
