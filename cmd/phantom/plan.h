/*
 * plan.h - the programs that make up a phantom, joined to lines by pipes.
 */
#ifndef PHANTOM_PLAN_H
#define PHANTOM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct options;

enum job {
	JOB_ARP,
	JOB_ICMP,
	JOB_TCP,
	JOB_SOCKET, /* rawcap, rawinject */
	/* those that do not report that they are ready */
	JOB_FILM, /* writes when its input ends, so it gets no signal to end */
	JOB_OTHER,
};

enum { PROGS_MAX = 21, LINE_PROGS = 6, LINES_MAX = 8, TEXT_MAX = 4096 };

/* the descriptors by which a program gets the table of --hosts, see
   linux/again.h: those of its routers, its own, and where its commands come */
enum { TABLE_NET, TABLE_ASK, TABLE_TOLD, TABLES, TABLE_FROM = 4 };

/* a program, from its command line to its end */
struct prog {
	enum job job;
	const char *path; /* where it is */
	char **argv;	  /* ends with NULL; argv[0] is its name */
	int argc;
	pid_t pid;	   /* 0: does not run */
	int err;	   /* we read its stderr here; -1: all is read */
	int table[TABLES]; /* it has them as TABLE_FROM and so on; -1: none */
	bool ready;
	bool over;	     /* has ended */
	bool asked;	     /* we have sent it the signal */
	int status;	     /* of waitpid() */
	char text[TEXT_MAX]; /* of stderr, not yet a line */
	size_t len;
};

/* programs joined by pipes; the first reads nothing, the last writes to a
   file or nothing */
struct line {
	struct prog *prog[LINE_PROGS];
	int n;
	const char *file; /* stdout of the last; NULL: none */
	int fd;		  /* that file, when it is open */
	bool viewer;	  /* its end ends nothing else */
};

struct plan {
	struct prog prog[PROGS_MAX];
	int n;
	struct line line[LINES_MAX]; /* the last one is arp-phantom's */
	int lines;
	struct prog *tcp, *icmp, *arp; /* tcp may be NULL */
	struct prog *recorder;	       /* of --pcap, or NULL */
	struct prog *show;	       /* of --film-live, or NULL */
	bool records;		       /* a rawcap looks on */
};

/* plan_make - from the options; a program that is not there is fatal */
void plan_make(struct plan *, const struct options *, const char *argv0);

/* plan_is_viewer - its end ends nothing else */
bool plan_is_viewer(const struct plan *, const struct prog *);

/* plan_stream - of a phantom on a stream: become the switch that runs it */
_Noreturn void plan_stream(
    struct plan *, const struct options *, const char *argv0);

/* plan_direct - on a stream, and nothing is done to what leaves, but at its
   source: the programs write to stdout themselves */
bool plan_direct(const struct options *);

/*
 * plan_add - one more program, which does this job, its first word its name;
 * plan_word, plan_num - one more word, and two, the second a number
 */
struct prog *plan_add(struct plan *, const struct options *, const char *name,
    enum job, const char *argv0);
void plan_word(struct prog *, const char *);
void plan_num(struct prog *, const char *option, uint64_t n);

/* plan_print - to stdout, for sh */
void plan_print(const struct plan *, const struct options *);

#endif
