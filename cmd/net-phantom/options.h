/*
 * options.h - the command line of net-phantom.
 */
#ifndef NET_PHANTOM_OPTIONS_H
#define NET_PHANTOM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *hosts; /* the file */
	const char *table, *os_db;
	const char *errors; /* NULL: about all */
	uint64_t error_rate, mtu, seed;
	bool seeded, quiet;
	char *const *command; /* behind the options, NULL at its end */
};

/* options_read - the whole command line, or die */
void options_read(struct options *, int argc, char **argv);

#endif
