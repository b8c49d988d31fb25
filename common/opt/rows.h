/*
 * rows.h - rows for the tables of opt.h that several programs have: one letter,
 * one meaning, one wording. S is the structure that the table is about.
 */
#ifndef OPT_ROWS_H
#define OPT_ROWS_H

#include "opt/opt.h"

/* const char * */
#define OPT_ROW_LOG(S, field)                                                  \
	{                                                                      \
		.letter = 'l', .arg = "log", .take = opt_text,                 \
		OPT_AT(S, field),                                              \
		.text = "append the event log to this file (default: stderr)"  \
	}

#define OPT_ROW_OS_DB(S, field)                                                \
	{                                                                      \
		.name = "os-db", .arg = "file", .take = opt_text,              \
		OPT_AT(S, field),                                              \
		.text = "nmap's database, for the systems that the file of "   \
			"--hosts names (/usr/share/nmap/nmap-os-db)"           \
	}

/* bool, as those below */
#define OPT_ROW_JSON(S, field)                                                 \
	{                                                                      \
		.letter = 'J', .take = opt_flag, OPT_AT(S, field),             \
		.text = "log as JSON lines"                                    \
	}

#define OPT_ROW_QUIET(S, field)                                                \
	{                                                                      \
		.letter = 'q', .take = opt_flag, OPT_AT(S, field),             \
		.text = "no summary line"                                      \
	}

#define OPT_ROW_STAMPS(S, field)                                               \
	{                                                                      \
		.letter = 'T', .take = opt_flag, OPT_AT(S, field),             \
		.text = "take the time from the packets' timestamps"           \
	}

/* uint64_t, and a bool that it was given */
#define OPT_ROW_SEED(S, field, was)                                            \
	{                                                                      \
		.letter = 'S', .arg = "seed", .take = opt_num,                 \
		OPT_AT(S, field), OPT_GIVEN(S, was),                           \
		.text = "seed for all random numbers (repeatable runs)"        \
	}

#endif
