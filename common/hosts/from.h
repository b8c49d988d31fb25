/*
 * from.h - where the reader of phantom-hosts(5) has its texts from: the files
 * themselves, or a bundle of all that another process has read for it.
 */
#ifndef HOSTS_FROM_H
#define HOSTS_FROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hosts_from {
	void *ctx;
	/* all bytes of a file, to be freed; NULL and errno */
	char *(*file)(void *ctx, const char *path, size_t *n);
	/* what is wrong with a file to serve, of most bytes: NULL, or a reason */
	const char *(*look)(void *ctx, const char *path, uint64_t most);
	/* a fingerprint of nmap's database: 1, 0: there is none of that name,
	   -1 and errno: the database cannot be read */
	int (*print)(void *ctx, const char *name, const char *db, char *print,
	    size_t cap);
};

/* the files themselves */
extern const struct hosts_from hosts_from_files;

/* texts in a row, each with its kind and name */
struct bundle {
	uint8_t *p;
	size_t n, cap;
	bool full; /* there was no memory for all */
};

enum bundle_kind {
	BUNDLE_FILE,
	BUNDLE_PRINT,
	BUNDLE_COMMAND, /* of tables before, in the order of their numbers */
	BUNDLE_QUIRK,
	BUNDLE_SALT,
	BUNDLE_ERROR,
};

void bundle_put(struct bundle *, enum bundle_kind, const char *name,
    const void *data, size_t n);

/* a text of the bundle */
struct bundle_text {
	enum bundle_kind kind;
	const char *name, *data; /* data has a zero byte behind it */
	size_t n;
};

/* bundle_next - the text at *at, which goes behind it; false: none is left */
bool bundle_next(const struct bundle *, size_t *at, struct bundle_text *);

/* bundle_writes, bundle_reads - the files, and they are put into the bundle;
   the texts of the bundle alone */
struct hosts_from bundle_writes(struct bundle *);
struct hosts_from bundle_reads(struct bundle *);

#endif
