/*
 * opt.h - the command line by a table: from one table per program come the
 * parsing, the wording of each error, --help, and what completion knows.
 *
 * A table ends with an entry without a letter, a name and a heading. Every
 * program has -h, --help, -V and --version without an entry.
 */
#ifndef OPT_OPT_H
#define OPT_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct opt;

/*
 * opt_take - store the value of an option below base, the structure that the
 * table is about. arg is NULL where the option has no value. NULL, or what is
 * wrong with the value, as words that follow "-p 0: ".
 */
typedef const char *opt_take(void *base, const struct opt *, const char *arg);

struct opt {
	char letter;	  /* 0: none */
	const char *name; /* the long form; NULL: none */
	const char
	    *arg; /* the value's word in --help; NULL: no value; "[TIME]":
			      it may be left out */
	const char *text; /* for --help; without letter and name: a heading */
	opt_take *take;
	size_t at, size;   /* of the field, by AT() of rows.h */
	size_t given;	   /* of a bool that the option sets, by GIVEN() */
	uint64_t min, max; /* for numbers and times; max 0: no limit */
	const char *words; /* for opt_word() and completion: "auto always" */
};

/* ways to take a value, by the type of the field */
opt_take opt_flag;  /* bool: becomes true */
opt_take opt_clear; /* bool: becomes false */
opt_take opt_more;  /* int: one more */
opt_take opt_less;  /* int: one less */
opt_take opt_text;  /* const char * */
opt_take opt_num;   /* an unsigned integer of 1, 2, 4 or 8 bytes */
opt_take opt_time;  /* uint64_t, ns */
opt_take opt_host;  /* struct ip_addr that a host can have */
opt_take opt_mac;   /* struct mac, unicast and not zero */
opt_take opt_ports; /* uint64_t[OPT_PORTS], a bit for each: "80,8000-8100" */
opt_take opt_word;  /* unsigned: which of words */

enum { OPT_TABLES = 6, OPT_PORTS = 65536 / 64 };

/* opt_port_is - the bit of it is set */
static inline bool
opt_port_is(const uint64_t ports[OPT_PORTS], uint16_t port)
{
	return (ports[port / 64] >> port % 64 & 1) != 0;
}

/* the command line of a program */
struct opt_program {
	const char *const *usage; /* what follows the name, a line each; NULL */
	const char *about;	  /* lines below the usage */
	const char *more;	  /* lines below the options; NULL: none */
	bool first_word_ends;	  /* options stand before the first word only */
	struct {
		const struct opt *opt;
		void *base;
	} table[OPT_TABLES]; /* those of the program, then shared ones */
};

/*
 * opt_parse - take all options; what is wrong with one ends the program with
 * a usage error, -h and -V end it, too. Returns the index of the first word
 * of argv that is not an option.
 */
int opt_parse(const struct opt_program *, int argc, char **argv);

/* opt_no_more - a usage error when argv has a word at index i */
void opt_no_more(int i, int argc, char **argv);

#endif
