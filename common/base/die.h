/*
 * die.h - messages of a program, and how it ends.
 *
 * One line on stderr: "tool: verb object: reason". Only mains call these.
 */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#ifndef VERSION
#define VERSION "0.1"
#endif

enum {
	EXIT_DONE = 0,	/* the job is done */
	EXIT_NO = 1,	/* a negative result, or a failure at work */
	EXIT_WRONG = 2, /* wrong usage or set-up */
};

/* die_name - the name that starts each line; call first, with argv[0]: it also
   sees to it that no file gets the number of a standard one that is closed, and
   ignores SIGXFSZ: a program that executes others sets it to the default */
void die_name(const char *argv0);

/*
 * die_start - die_name(), and close all descriptors that were not named: a
 * shell's "9>>log" is not ours. Named are 0 to 2, those in an argument as
 * /dev/fd/N or /proc/self/fd/N, and the one in DIE_KEEP. Not for a program
 * that runs the user's command in its place.
 */
void die_start(char **argv);
#define DIE_KEEP "TCPHANTOM_KEEP_FD"

/* die - print why and exit with status */
_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* die_usage - print what is wrong with the call, point to --help, exit 2 */
_Noreturn void die_usage(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/*
 * say - one line to the user, and go on; say_own - the same, in words that no
 * file and no packet has chosen: less code, where a raw socket is open
 */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_own(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * die_flush - write out stdout: returns status, or EXIT_NO when that fails; a
 * message says so unless the reader has gone
 */
int die_flush(int status);

/* die_version - print "NAME (tcphantom) VERSION" on stdout and exit 0 */
_Noreturn void die_version(void);

/* die_help - print the text on stdout and exit 0 */
_Noreturn void die_help(const char *text);

#endif
