/*
 * metrics.c - see metrics.h.
 *
 * The format is the text format of Prometheus. The file cannot be replaced
 * later, as nothing can be opened then: it has one length from the beginning,
 * is written by one call at one place, and ends in empty lines, which count
 * for nothing. So a reader never finds a part of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"

#include "metrics.h"
#include "options.h"
#include "watch.h"

enum { ROOM = 2048 };

int
metrics_open(const char *name)
{
	struct stat sb;
	int fd;

	if (name == NULL)
		return -1;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
	if (fd < 0 || fstat(fd, &sb) != 0)
		die(EXIT_WRONG, "open %s: %s", name, strerror(errno));
	if (!S_ISREG(sb.st_mode))
		die(EXIT_WRONG,
		    "--metrics %s: not a regular file: name one that can be "
		    "overwritten",
		    name);
	if (ftruncate(fd, 0) != 0)
		die(EXIT_NO, "truncate %s: %s", name, strerror(errno));
	return fd;
}

/* line - of a counter */
static int
line(char *to, size_t room, const char *name, const char *help, uint64_t n)
{
	return snprintf(to, room,
	    "# HELP phantom_%s %s\n# TYPE phantom_%s counter\nphantom_%s "
	    "%llu\n",
	    name, help, name, name, (unsigned long long)n);
}

SANDBOX_NEEDS(pwrite64);

void
metrics_write(struct watch *w)
{
	/* tcpfsm tells the totals now and then, what ends at once */
	uint64_t opened = w->closed > w->now.connections ? w->closed
							 : w->now.connections;
	const struct {
		const char *name, *help;
		uint64_t n;
	} all[] = {
	    {"connections_total", "Connections that clients have opened.",
		opened},
	    {"closed_total", "Connections that have ended.", w->closed},
	    {"sent_bytes_total", "Bytes that clients have acknowledged.",
		w->now.sent},
	    {"received_bytes_total", "Bytes of clients.", w->now.received},
	    {"retransmissions_total", "Segments sent again.",
		w->now.retransmits},
	    {"pings_total", "Echo and timestamp replies.", w->now.echoes},
	    {"unreachable_total", "Port unreachable.", w->unreachable},
	    {"scans_total", "Probe lines of the log.", w->scans},
	    {"lost_events_total", "Lines that found no room in the log.",
		w->log_lost},
	};
	static char text[ROOM], before[ROOM];
	size_t i, n = 0;

	if (w->metrics < 0)
		return;
	memset(text, '\n', sizeof(text));
	for (i = 0; i < sizeof(all) / sizeof(all[0]) && n < ROOM; i++)
		n += (size_t)line(
		    text + n, ROOM - n, all[i].name, all[i].help, all[i].n);
	if (n < ROOM)
		text[n] = '\n'; /* not a zero */
	if (memcmp(text, before, ROOM) == 0)
		return;
	memcpy(before, text, ROOM);
	if (pwrite(w->metrics, text, ROOM, 0) != ROOM && !w->metrics_failed) {
		watch_clear(w);
		say("write %s: %s: it stays as it is", w->o->metrics,
		    strerror(errno));
		w->metrics_failed = true;
	}
}
