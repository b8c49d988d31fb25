/*
 * record.c - see record.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"

#include "record.h"

enum { RECORD_CAP = 256 * 1024, LIVE_CAP = 1 << 20 };

void
record_open(struct record *r, const char *file, int port, bool patient)
{
	struct stat sb;

	*r = (struct record){.file = file, .port = port};
	r->fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r->fd < 0)
		die(EXIT_WRONG, "open %s: %s", file, strerror(errno));
	r->live = !patient && fstat(r->fd, &sb) == 0 && S_ISFIFO(sb.st_mode) &&
		  fcntl(r->fd, F_SETFL, O_NONBLOCK) == 0;
	if (stream_out_init(&r->out, r->live ? LIVE_CAP : RECORD_CAP) != 0)
		die(EXIT_NO, "start: out of memory");
}

/* show - to a viewer; one that has gone is no failure */
static void
show(struct record *r)
{
	if (stream_out_write(&r->out, r->fd) >= 0)
		return;
	close(r->fd);
	r->fd = -1;
}

bool
record_waits(const struct record *r)
{
	return r->fd >= 0 && r->live && stream_out_waiting(&r->out) > 0;
}

void
record_flush(struct record *r)
{
	if (r->fd >= 0 && r->live) {
		show(r);
		return;
	}
	if (r->fd < 0 || stream_out_drain(&r->out, r->fd) == 0)
		return;
	say("write %s: %s: this recording ends here", r->file, strerror(errno));
	stream_out_cut(&r->out, r->fd);
	close(r->fd);
	r->fd = -1;
	r->failed = true;
}

void
record_put(struct record *r, uint64_t now, const uint8_t *p, size_t n,
    const uint8_t *q, size_t m)
{
	if (stream_out_room(&r->out) < n + m)
		record_flush(r);
	if (r->fd >= 0)
		stream_out_put(&r->out, now, p, n, q, m);
}
