/*
 * input.c - packets from a file into the output's buffer, as many as one read
 * brings.
 *
 * An error ends the input and not the program: what came before it is still
 * written.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "capture/look.h"
#include "rawcap.h"

static int
give_up(struct rawcap *rc, int status, const char *why)
{
	snprintf(rc->error, sizeof(rc->error), "%s", why);
	rc->status = status;
	return 0;
}

static int
file_failed(struct rawcap *rc)
{
	return give_up(rc, rc->in.status, rc->in.error);
}

static int
end_of_file(struct rawcap *rc)
{
	return capin_end(&rc->in) < 0 ? file_failed(rc) : 0;
}

/* unwrap - what stands around the innermost packet goes, if there is one */
static void
unwrap(struct stream_rec *rec)
{
	struct look l;

	if (look_at(rec, true, &l) == LEFT_NOTHING)
		look_unwrap(rec, &l);
}

static void
put_record(struct rawcap *rc, const struct stream_rec *rec)
{
	uint32_t keep = rec->caplen;
	uint8_t *p;

	if (rc->filter.f != NULL)
		keep = bpf_run(&rc->filter, rec->data, rec->caplen, rec->len);
	if (rc->filter.f != NULL && keep == 0)
		return;
	if (keep > rec->caplen)
		keep = rec->caplen;
	/* the buffer holds what one read brings: there is always room */
	p = stream_out_reserve(&rc->out, keep);
	if (p == NULL)
		return;
	memcpy(p, rec->data, keep);
	stream_out_commit(&rc->out, rec->ts, keep, rec->len);
}

int
input_file(void *ctx, uint64_t now)
{
	struct rawcap *rc = ctx;
	struct stream_rec rec;
	char why[160];
	ssize_t n;
	int r;

	n = capin_read(&rc->in);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0) {
		snprintf(why, sizeof(why), "read: %s", strerror(errno));
		return give_up(rc, 1, why);
	}
	if (n == 0)
		return end_of_file(rc);
	while ((r = capin_next(&rc->in, &rec)) > 0) {
		if (rc->decap)
			unwrap(&rec);
		put_record(rc, &rec);
		if (rc->out.count == rc->limit)
			return 0;
	}
	return r < 0 ? file_failed(rc) : 1;
}
