/*
 * reader.h - between the files that read phantom-hosts(5): the line that is
 * looked at, and the table so far.
 */
#ifndef HOSTS_READER_H
#define HOSTS_READER_H

#include "hosts/hosts_var.h"

enum { READER_WORDS = 64, READER_LINE = 4096, READER_ANY_PORT = 65535 };

/* the words of a line, and where they begin, from 1 */
struct line {
	char text[READER_LINE];
	char *word[READER_WORDS];
	unsigned column[READER_WORDS], n;
};

/* where things stand in the files, in their order in the table */
struct places {
	struct place {
		uint32_t source, line, column;
	} * at;
	size_t n, cap;
};

/* the mistakes so far */
struct faults {
	char *text; /* HOSTS_ERROR bytes, a line each */
	size_t len;
	unsigned n;
	bool end;   /* there is no sense in reading on */
	bool lost;  /* of a host: what refers to it is no mistake itself */
	bool no_db; /* the database cannot be read: one line is enough */
	struct places hosts, nets; /* what may stand there only once */
};

struct reader {
	struct hosts *h;
	const char *name;	    /* of the file, for messages; */
	const struct reader *outer; /* of the file that includes it, or NULL */
	unsigned no;		    /* its line, */
	uint32_t source;	    /* its number, */
	const char *dir;	    /* its folder: dir_len bytes; NULL: none */
	size_t dir_len;
	int depth;
	const struct hosts_use *use;
	struct line line;
	unsigned at;	   /* the word that is looked at */
	uint32_t standard; /* the manner of the default line */
	bool own;	   /* the last manner is that of one host alone */
	bool any_host;
	struct faults *faults;
};

/* faults.c */

/* reader_wrong - report what, at the present word; false */
__attribute__((format(printf, 2, 3))) bool reader_wrong(
    struct reader *, const char *format, ...);
/* reader_ends - the same of the whole file; nothing more is read. false */
__attribute__((format(printf, 2, 3))) bool reader_ends(
    struct reader *, const char *format, ...);
bool reader_no_memory(struct reader *);
/* reader_mark - the present word is the next of these; false without memory */
bool reader_mark(struct reader *, struct places *);
/* reader_twice - report that the present word is that of place i, too. false */
bool reader_twice(
    struct reader *, const char *what, const struct places *, size_t i);
/* reader_sum - those that found no room are counted in a last line */
void reader_sum(struct reader *);

/* words.c */

/* reader_split - line.text into its words; # begins a comment */
bool reader_split(struct reader *);
/* reader_next - the word to look at, or NULL behind the last */
const char *reader_next(const struct reader *);
/* reader_is - this is the word: step behind it */
bool reader_is(struct reader *, const char *word);

/* ports.c */

/* reader_manner - that of the last host, which it has alone from now on, or of
   the default line; NULL without memory */
struct manner *reader_manner(struct reader *);
/* reader_keep - a text of these, once: its number in *no */
bool reader_keep(struct reader *, struct texts *, uint32_t most,
    const char *text, uint32_t *no);
/* settings.c */

/* reader_settings - the words of a host, or of the default line */
bool reader_settings(struct reader *r);
/* reader_whole - what is behind "what" is a prefix whose host part is zero, or
   a single address, not a host's address with the length of its network */
bool reader_whole(struct reader *, const char *what, const struct prefix *);

/* nets.c */

/* reader_net - behind "net": a prefix, its router, and the line to it */
bool reader_net(struct reader *);
/* reader_routers - routers are hosts, also those that no line has */
bool reader_routers(struct reader *);

/* reader_ports - behind "tcp" or "udp"; alone: in a line of its own */
bool reader_ports(struct reader *, uint8_t proto, bool alone);
/* reader_port_line - the same, and nothing else is in the line */
bool reader_port_line(struct reader *, uint8_t proto);

#endif
