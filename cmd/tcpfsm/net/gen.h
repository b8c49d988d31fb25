/*
 * gen.h - the file of --hosts as it was read once, and the bytes of the files
 * that it names. A connection stays with the reading by which it began.
 */
#ifndef TCPFSM_NET_GEN_H
#define TCPFSM_NET_GEN_H

#include <stdbool.h>
#include <stdint.h>

struct hosts;
struct held;
struct serve;

struct gen {
	struct hosts *hosts;
	struct serve *serve; /* of each of hosts_files() */
	struct held **held;  /* their bytes; NULL: no line of TCP's */
	uint32_t files;
	uint32_t sessions; /* that began by it and are open */
};

/* the bytes of files, each once, whichever readings name it */
struct helds {
	struct held *first;
};

/* how the n-th of the files is opened: a descriptor, or -1 and errno */
typedef int gen_open(void *ctx, const char *name);

/*
 * gen_new - of a table, which it owns then; each file is served as `like` is.
 * may_map: large files are mapped, others are read. NULL, and *bad is the file
 * that could not be read, or NULL (errno).
 */
struct gen *gen_new(struct hosts *, struct helds *, const struct serve *like,
    gen_open *open_it, void *ctx, bool may_map, const char **bad);
void gen_free(struct gen *, struct helds *);

#endif
