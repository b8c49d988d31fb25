/*
 * drill.h - the program: its options, the results, and which file runs what.
 */
#ifndef DRILL_DRILL_H
#define DRILL_DRILL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ask/query.h"

#include "cases.h"
#include "play.h"

/* runs that agree, where packets are lost */
enum {
	REPORT_ENOUGH = 2, /* passes of a case that has failed, too */
	REPORT_SURE = 4,   /* passes although a failure is listed; skips */
};

enum { ONLY_MAX = 32, REQUEST_MAX = 2000 };

enum outcome {
	OUT_NONE, /* not run yet */
	OUT_PASS,
	OUT_FAIL,
	OUT_SKIP,
	OUT_UNSTABLE,  /* failed, and passed when it was run again */
	OUT_DEVIATION, /* failed as its profile expects */
	OUTCOMES,
};
extern const char *const outcome_names[OUTCOMES];

struct result {
	enum outcome outcome;
	unsigned tries; /* runs, and of them those that */
	unsigned passed, skipped;
	bool told;	    /* it has been written */
	unsigned spoiled;   /* runs that failed, and a packet was lost */
	unsigned repeats;   /* a SYN without any answer: begun again */
	unsigned stale;	    /* runs that met an older connection */
	const char *reason; /* of a deviation; NULL: none is listed */
	char *why, *ladder; /* of a failure, or a skip */
	uint64_t took;
};

struct drill {
	struct query_options o;
	struct query *x;
	struct ip_addr dst;
	unsigned need;	      /* what listens at dst's port, an enum need */
	bool any;	      /* by its port: --service not given */
	uint16_t port[NEEDS]; /* 0: the device has none */
	bool listen;	      /* the device is the client */
	const char *trigger;  /* makes it connect */
	uint32_t jobs;
	uint32_t tries; /* runs of a case that fails */
	bool lossy;	/* the path loses packets */
	bool first;	/* end with the first failure */
	uint64_t slack;
	bool list, print;
	const char *only[ONLY_MAX];
	unsigned nonly;
	unsigned levels; /* a bit each; 0: all */
	const char *profile, *pcap, *request_file, *junit, *html, *text;
	FILE *junit_file, *html_file, *text_file;
	struct stream_out *record;
	int record_fd;
	bool unwritten; /* a file lacks something, which was said */
	uint8_t request[REQUEST_MAX];
	size_t nrequest;
	struct cases cases;
	bool built_in;	       /* they are those of the catalogue */
	struct result *result; /* of each case */
	unsigned *chosen, nchosen;
};

/* options.c */
void drill_options(struct drill *, int argc, char **argv);
/* profile.c - reasons for the results that it lists; ends the program */
void profile_load(struct drill *);
/* run.c - all that was chosen; false: stopped, or the device cannot be asked */
bool drill_run(struct drill *);
/* report.c */
char *ladder_of(const struct play *);
void report_list(const struct drill *);
void report_print(const struct drill *);
/* report_next - results in the order of the plan, those that there are */
void report_plan(struct drill *);
/* report_note - a remark, before what follows */
void report_note(struct drill *, const char *text);
void report_next(struct drill *);
/* report_in_doubt - a pass although the profile lists a failure, or where
   packets are lost a skip, and not often enough */
bool report_in_doubt(const struct drill *, const struct result *);
void report_end(struct drill *);
unsigned report_count(const struct drill *, enum outcome);
/* report_close - a file is complete, or else says what it lacks */
void report_close(struct drill *, FILE *, const char *name);
/* put_xml - text, as XML and HTML have it */
void put_xml(FILE *, const char *text);
/* table.c - the results by RFC, as text and HTML, where they are wanted */
void table_put(struct drill *);

/* of the program's own scripts: made from catalogue/ */
extern const struct lines_file catalogue[];
extern const unsigned ncatalogue;

#endif
