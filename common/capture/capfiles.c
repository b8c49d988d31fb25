/*
 * capfiles.c - see capfiles.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "capture/capfiles.h"
#include "capture/clocks.h"
#include "linux/sandbox.h"
#include "opt/rows.h"

#define OPT_BASE struct capfiles

enum { LINE_HEAD = 40 }; /* bytes that show whether it is an event */

const struct opt capfiles_opt[] = {
    {LETTER('a', "addr"), HOST(addr), GIVEN(has_addr),
	.text = "only connections of this address"},
    {LETTER('p', "port"), NUM(segs.port), .min = 1,
	.text = "only connections of this port"},
    {0},
};

const struct opt capfiles_opt_log[] = {
    {LETTER('l', "log"), TEXT(log_name),
	.text = "tcpfsm's event log: why segments were retransmitted; with "
		"-v of tcpfsm also states, time-outs and cwnd"},
    {0},
};

const struct opt capfiles_opt_decap[] = {
    {NAME("decap", NULL), FLAG(segs.decap),
	.text = "look into GRE, VXLAN, Geneve, GTP-U and IP in IP"},
    {0},
};

/* is_event - a line that begins with a time, as all of the event log do */
static bool
is_event(const char *line)
{
	size_t s = strspn(line, "0123456789");

	return s > 0 && line[s] == '.' &&
	       strspn(line + s + 1, "0123456789") == 9 && line[s + 10] == ' ';
}

/* find_event - in what fd has; *first: its first byte, 0 if there is none */
static bool
find_event(int fd, char *first)
{
	char text[4096], line[LINE_HEAD + 1] = "";
	bool ended = false;
	ssize_t n, i;
	size_t len = 0;

	*first = '\0';
	while ((n = read(fd, text, sizeof(text))) > 0) {
		if (*first == '\0')
			*first = text[0];
		for (i = 0; i < n; i++) {
			if (text[i] == '\n' && is_event(line))
				return true;
			ended |= text[i] == '\n';
			if (text[i] == '\n')
				len = 0;
			else if (len < LINE_HEAD)
				line[len++] = text[i] ? text[i] : '?';
			line[len] = '\0';
		}
	}
	/* as much of the first line as was written so far */
	return is_event(line) ||
	       (!ended && len > 0 && line[strspn(line, "0123456789.")] == '\0');
}

/* check_log - is it an event log? What is no file cannot be read twice, and an
   empty one may grow */
static void
check_log(const struct capfiles *l)
{
	int fd = fileno(l->log);
	bool found;
	char first;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return;
	found = find_event(fd, &first);
	if (!found && first == '{')
		die(EXIT_WRONG,
		    "read %s: an event log in JSON: give one that was written "
		    "without -J",
		    l->log_name);
	if (!found && first != '\0')
		die(EXIT_WRONG,
		    "read %s: no line of an event log is in it: give what "
		    "tcpfsm -l has written",
		    l->log_name);
	lseek(fd, 0, SEEK_SET);
}

void
capfiles_open(struct capfiles *l, int files, char **name)
{
	struct sandbox_rights got;
	int i;

	if (l->has_addr)
		l->segs.addr = &l->addr;
	if (files == 0 && isatty(STDIN_FILENO))
		die_usage("stdin is a terminal: give a capture, or a stream");
	l->files = files == 0 ? 1 : files;
	l->in = calloc((size_t)l->files, sizeof(*l->in));
	if (l->in == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < l->files; i++)
		capin_open(&l->in[i], files == 0 ? "-" : name[i]);
	if (l->log_name != NULL && (l->log = fopen(l->log_name, "re")) == NULL)
		die(EXIT_WRONG, "open %s: %s", l->log_name, strerror(errno));
	/* left to itself stdio asks about the terminal when it is too late */
	setvbuf(stdout, NULL, _IOFBF, BUFSIZ);
	if (l->log != NULL)
		setvbuf(l->log, NULL, _IOFBF, BUFSIZ);
	if (sandbox_enter(0, SANDBOX_LIBC | SANDBOX_SORT, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (l->log != NULL)
		check_log(l);
}

int
capfiles_read(struct capfiles *l)
{
	int i, one, status = 0;
	uint32_t from;

	for (i = 0; i < l->files; i++) {
		from = l->segs.n;
		one = tcpseg_list_read(&l->segs, &l->in[i]);
		clocks_unmix(&l->segs, from, l->in[i].name);
		if (i < CLOCKS_MAX)
			clocks_align(&l->segs, from, l->in[i].name);
		capin_close(&l->in[i]);
		if (one > status)
			status = one;
	}
	tcpseg_list_sort(&l->segs);
	if (l->segs.beyond > 0)
		say("%llu segments after the first %d were left out",
		    (unsigned long long)l->segs.beyond, TCPSEG_MAX);
	leftout_say(&l->segs.left);
	tcpseg_list_say(&l->segs);
	if (l->segs.n > 0 || status != 0)
		return status;
	if (l->segs.packets == 0)
		say("there is no packet in it");
	else if (leftout_total(&l->segs.left) == l->segs.packets)
		return EXIT_NO; /* why there is none was printed */
	else if (l->segs.addr == NULL && l->segs.port == 0)
		say("no packet has a byte in it: capture whole packets");
	else
		say("no TCP segment has the address or port that was chosen");
	return EXIT_NO;
}

void
capfiles_close(struct capfiles *l)
{
	if (l->log != NULL)
		fclose(l->log);
	free(l->segs.s);
	free(l->in);
}
