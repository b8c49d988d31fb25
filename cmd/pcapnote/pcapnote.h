/*
 * pcapnote.h - packets with what the event log knows about them.
 *
 * pcapnote.c merges the streams, log.c reads the event log as far as the
 * packets have come, notes.c finds each event its packet and makes the
 * comment, pcapng.c writes.
 */
#ifndef PCAPNOTE_PCAPNOTE_H
#define PCAPNOTE_PCAPNOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/capin.h"
#include "capture/seglist.h"
#include "log/eventline.h"
#include "pipe/stream.h"

enum {
	INPUTS = 64,
	COMMENT_MAX = 4096, /* bytes of a comment, and NUL */
	LINE_MAX_BYTES = 8192,
};

/* ---- log.c ---- */

struct log_in {
	int fd;
	bool grows; /* a file: what is added later is read later */
	bool ended;
	bool too_long; /* the line that is skipped */
	char buf[LINE_MAX_BYTES];
	size_t start, end;
};

/* log_in_init - the log that is open at fd; -1: there is none */
void log_in_init(struct log_in *, int fd);
/*
 * log_in_next - the next whole line, without its newline, valid until the
 * next call; NULL: there is none yet, or no more
 */
char *log_in_next(struct log_in *);

/* ---- marks.c ---- */

struct marks {
	struct capin *in; /* the files once more */
	uint32_t *mark;	  /* of each segment, one file after the other */
	uint32_t *next;	  /* of each file */
	uint32_t *end;
	int files;
	bool clocks_only;	 /* no marks are wanted */
	struct leftout unmarked; /* packets that are no segments */
};

/* marks_can - are all of them files that can be read twice? */
bool marks_can(int files, char **name);
/* marks_open - before the sandbox; prints what is wrong and exits */
void marks_open(struct marks *, int files, char **name);
/* marks_read - log: there is one, too. It says where clocks differ */
void marks_read(struct marks *, bool decap, bool log);
/* marks_next - of the next TCP segment of this file: enum row_mark, or-ed */
uint32_t marks_next(struct marks *, int file);
void marks_free(struct marks *);

/* ---- notes.c ---- */

struct notes;

/* notes_new - NULL when there is no memory */
struct notes *notes_new(struct log_in *);
void notes_free(struct notes *);
/*
 * notes_on - the comment on a packet into text (COMMENT_MAX bytes), empty
 * when the log knows nothing. no: its number in its stream; *numbered is
 * kept with the stream: the log counts the same packets. false: no TCP segment
 */
bool notes_on(struct notes *, const struct stream_rec *, uint64_t no,
    bool *numbered, char *text);
/* notes_add - to the comment, behind a semicolon */
void notes_add(char *text, const char *key, const char *value);
/* notes_left - events that found no packet; call at the end */
uint64_t notes_left(struct notes *);
/* notes_decap - also on packets in tunnels */
void notes_decap(struct notes *);

/* ---- pcapng.c: on stdout; false when that failed (errno) ---- */

bool pcapng_begin(void);
bool pcapng_interface(const char *name);
/* pcapng_packet - with the comments that it had in a file, and this one */
bool pcapng_packet(unsigned interface, const struct stream_rec *,
    const struct pcapng *file, const char *comment);

#endif
