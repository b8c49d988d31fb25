/*
 * input.c - the TCP segments of a packet stream or capture, as rows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "ladder.h"
#include "stream.h"

static struct row *
row_new(struct ladder *l)
{
	struct row *grown;

	if (l->rows == ROWS_MAX) {
		l->beyond++;
		return NULL;
	}
	if (l->rows == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		grown = realloc(l->row, l->room * sizeof(*grown));
		if (grown == NULL)
			die(EXIT_NO, "keep packets: %s", strerror(errno));
		l->row = grown;
	}
	memset(&l->row[l->rows], 0, sizeof(*l->row));
	return &l->row[l->rows];
}

static bool
wanted(const struct ladder *l, const struct segment *s)
{
	if (l->have_addr && !ip_equal(&l->addr, &s->src.addr) &&
	    !ip_equal(&l->addr, &s->dst.addr))
		return false;
	return l->port == 0 || l->port == s->src.port || l->port == s->dst.port;
}

static void
take(struct ladder *l, const struct stream_rec *rec)
{
	struct row *r = row_new(l);

	if (r == NULL)
		return;
	if (segment_decode(rec, &r->seg) != 0 || !wanted(l, &r->seg))
		return;
	r->wnd = r->seg.wnd;
	r->no = l->rows++;
}

int
input_read(struct ladder *l, int fd, const char *name)
{
	struct stream_rec rec;
	struct stream_in in;
	int more, status = 0;
	ssize_t n;

	if (stream_in_init(&in) != 0)
		die(EXIT_NO, "read %s: %s", name, strerror(errno));
	do {
		n = stream_in_read(&in, fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(EXIT_NO, "read %s: %s", name, strerror(errno));
		while ((more = stream_in_next(&in, &rec)) > 0)
			take(l, &rec);
	} while (n != 0 && more == 0);
	if (more < 0 || stream_in_end(&in) != 0) {
		say("read %s: %s", name, in.error);
		status = in.status;
	}
	stream_in_free(&in);
	return status;
}
