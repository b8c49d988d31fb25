/*
 * pkt.h - the parts of the script runner: see pkt.c for what a script is.
 */
#ifndef PKT_H
#define PKT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "script/seg.h"

enum { MAX_QUEUE = 4096 };

struct captured {
	uint64_t time;
	struct seg_text s;
};

struct run;

/* run.c: the engine under a script */
struct run *run_new(bool verbose);
void run_free(struct run *);
const char *run_error(const struct run *);
bool fail(struct run *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* run_set - a "set" line, before anything happens */
bool run_set(struct run *, const char *name, const char *value);
bool run_on(struct run *, const char *event, const char *command);
bool run_inject(
    struct run *, const struct when *, const struct seg_text *, bool flush);
bool run_raw(struct run *, const struct when *, const char *hex);
bool run_expect(struct run *, const struct when *, const struct seg_text *,
    const char *text);
/* run_command - an application's command, or a check of the state */
bool run_command(struct run *, const struct when *, const char *text);
bool run_flush(struct run *);
bool run_finish(struct run *);

/* frames that are no segments */
bool run_icmp(struct run *, const struct when *, const char *text, bool flush);
bool run_piece(struct run *, const struct when *, const char *text, bool flush);

/* script.c */
/* play - run one file: true, or false and the reason printed as comments */
bool play(const char *path, bool verbose);

#endif
