/*
 * eventstart.c - how every event log begins, see event.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "log/event.h"

void
event_open(struct event_log *l, const char *path, bool json)
{
	int fd = STDERR_FILENO;

	if (path != NULL)
		fd = open(path, EVENT_LOG_FLAGS, 0600);
	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	if (event_init(l, fd, json) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	l->name = path;
}

void
event_args(char args[EVENT_ARGS], int argc, char **argv)
{
	size_t n = 0, len;
	int i;

	for (i = 1; i < argc; i++) {
		len = strlen(argv[i]);
		if (n + len + 2 > EVENT_ARGS)
			break;
		if (i > 1)
			args[n++] = ' ';
		memcpy(args + n, argv[i], len);
		n += len;
	}
	args[n] = '\0';
}

void
event_start(struct event_log *l, uint64_t ts, const char *args,
    const uint64_t *seed, const char *rights)
{
	event_begin(l, ts, NULL, 0, NULL, 0, "start");
	event_text(l, "version", VERSION);
	event_text(l, "args", args);
	if (seed != NULL)
		event_num(l, "seed", *seed);
	event_text(l, "rights", rights);
	event_end(l);
}
