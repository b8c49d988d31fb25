/*
 * rows.h - what the rows of a table of opt.h are made of, and rows that several
 * programs have: one letter, one meaning, one wording. A row is
 *
 *	{LETTER('N', "max"), NUM(most), RANGE(1, 1000), .text = "for --help"},
 *
 * The file that has the table says before it which structure it is about:
 *
 *	#define OPT_BASE struct options
 */
#ifndef OPT_ROWS_H
#define OPT_ROWS_H

#include "opt/opt.h"

/* how the option is given, and its value's word in --help; NULL: no value */
#define LETTER(a, value)     .letter = (a), .arg = (value)
#define NAME(long, value)    .name = (long), .arg = (value)
#define BOTH(a, long, value) .letter = (a), .name = (long), .arg = (value)

/* where opt.take finds the field, and the bool that it was given */
#define AT(field)                                                              \
	.at = offsetof(OPT_BASE, field), .size = sizeof(((OPT_BASE *)0)->field)
#define GIVEN(field) .given = 1 + offsetof(OPT_BASE, field)

/*
 * what kind of value it has, and the field for it; opt.h has the types. Where
 * there is one type alone, a field of another does not compile.
 */
#define TYPED(field, type)                                                     \
	.at = offsetof(OPT_BASE, field),                                       \
	.size = _Generic(&((OPT_BASE *)0)->field, type *                       \
			 : sizeof(type))
#define FLAG(field)  .take = opt_flag, TYPED(field, bool)
#define CLEAR(field) .take = opt_clear, TYPED(field, bool)
#define MORE(field)  .take = opt_more, TYPED(field, int)
#define LESS(field)  .take = opt_less, TYPED(field, int)
#define TEXT(field)  .take = opt_text, TYPED(field, const char *)
#define TIME(field)  .take = opt_time, TYPED(field, uint64_t)
#define HOST(field)  .take = opt_host, TYPED(field, struct ip_addr)
#define MAC(field)   .take = opt_mac, TYPED(field, struct mac)
#define WORD(field)  .take = opt_word, TYPED(field, unsigned)
#define PORTS(field) .take = opt_ports, AT(field)
#define NUM(field)   .take = opt_num, AT(field)

/* the least and the most of a number or a time; most 0: no limit */
#define RANGE(least, most) .min = (least), .max = (most)

/* ---- rows */

/* const char * */
#define OPT_ROW_LOG(field)                                                     \
	{                                                                      \
		LETTER('l', "log"), TEXT(field),                               \
		    .text =                                                    \
			"append the event log to this file (default: stderr)"  \
	}

#define OPT_ROW_OS_DB(field)                                                   \
	{                                                                      \
		NAME("os-db", "file"), TEXT(field),                            \
		    .text =                                                    \
			"nmap's database, for the systems that the file of "   \
			"--hosts names (/usr/share/nmap/nmap-os-db)"           \
	}

/* bool, as those below */
#define OPT_ROW_JSON(field)                                                    \
	{                                                                      \
		LETTER('J', NULL), FLAG(field), .text = "log as JSON lines"    \
	}

#define OPT_ROW_QUIET(field)                                                   \
	{                                                                      \
		LETTER('q', NULL), FLAG(field), .text = "no summary line"      \
	}

#define OPT_ROW_STAMPS(field)                                                  \
	{                                                                      \
		LETTER('T', NULL), FLAG(field),                                \
		    .text = "take the time from the packets' timestamps"       \
	}

/* uint64_t, and a bool that it was given */
#define OPT_ROW_SEED(field, was)                                               \
	{                                                                      \
		LETTER('S', "seed"), NUM(field), GIVEN(was),                   \
		    .text = "seed for all random numbers (repeatable runs)"    \
	}

#endif
