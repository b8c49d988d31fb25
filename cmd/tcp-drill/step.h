/*
 * step.h - one step of a case, read from its line.
 */
#ifndef DRILL_STEP_H
#define DRILL_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "script/seg.h"

#include "vars.h"

enum step_kind {
	STEP_SEND,    /* < SEGMENT */
	STEP_ICMP,    /* < icmp WORDS */
	STEP_PIECE,   /* < piece WORDS of SEGMENT */
	STEP_RAW,     /* < raw WORDS: bytes */
	STEP_EXPECT,  /* > SEGMENT: the next that comes */
	STEP_WITHIN,  /* within TIME > SEGMENT: one of those that come */
	STEP_NEVER,   /* never for TIME > SEGMENT */
	STEP_LEAST,   /* at least N within TIME > SEGMENT */
	STEP_RECEIVE, /* receive N|fin within TIME: acknowledge all */
	STEP_WAIT,    /* wait TIME */
	STEP_EITHER,  /* either within TIME { */
	STEP_FOR,     /* for NAME in VALUES { */
	STEP_REPEAT,  /* repeat N { */
	STEP_UNTIL,   /* repeat until EXPRESSION { */
	STEP_IF,      /* if EXPRESSION { */
	STEP_NEXT,    /* } or {, } else { */
	STEP_END,     /* } */
	STEP_LET,     /* let NAME = EXPRESSION */
	STEP_CHECK,   /* check EXPRESSION : TEXT */
	STEP_SKIP,    /* skip if EXPRESSION : TEXT */
	STEP_ISN,     /* isn EXPRESSION: ours, of the next connection */
	STEP_NEW,     /* new: the next is another connection */
	STEP_BATCH,   /* batch {: no more than its steps, here */
	STEP_ENGINE,  /* a command to the engine's application, in tests/pkt */
	STEP_NOTHING, /* a check of the engine's state: not seen here */
};

enum { STEP_TEXT = 1000, STEP_PAYLOAD = 2000 };

struct step {
	enum step_kind kind;
	bool timed;
	struct when when;
	uint64_t time;	/* ns: of within, never, wait */
	int64_t number; /* N, the value of an expression; -1: receive fin */
	char name[VARS_NAME];
	struct seg_text seg;
	bool request; /* its payload is the request */
	bool icmp;    /* expected: a message as text has it, not seg */
	size_t npayload;
	uint8_t payload[STEP_PAYLOAD];
	char text[STEP_TEXT]; /* expanded; of check and skip: why; of for: the
				 values; of icmp, piece, raw: the words */
	const char *why, *at; /* what is wrong, and where in the line */
};

/* step_read - false, why and at */
bool step_read(const char *line, const struct vars *, struct step *);

#endif
