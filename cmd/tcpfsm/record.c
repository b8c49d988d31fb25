/*
 * record.c - the recording of a run, see run.c for what is in it.
 */
#include <errno.h>
#include <string.h>

#include "base/die.h"
#include "run.h"

/* record_end - the run goes on; what is recorded ends with a whole record */
static void
record_end(struct run *r)
{
	const char *why = strerror(errno);
	uint64_t lost = stream_out_cut(&r->record, r->record_fd);

	say("write %s: %s: the recording ends after %llu records",
	    r->record_name, why, (unsigned long long)(r->record.count - lost));
	r->record_fd = -1;
	r->record_failed = true;
}

void
run_record_flush(struct run *r)
{
	if (r->record_fd >= 0 &&
	    stage_drain(&r->stage, &r->record, r->record_fd) != 0)
		record_end(r);
}

void
run_record(struct run *r, const uint8_t *p, uint32_t n, uint32_t len)
{
	uint8_t *to;

	if (r->record_fd < 0)
		return;
	to = stream_out_reserve(&r->record, n);
	if (to == NULL) {
		run_record_flush(r);
		if (r->record_fd < 0)
			return;
		to = stream_out_reserve(&r->record, n);
	}
	if (n > 0)
		memcpy(to, p, n);
	stream_out_commit(&r->record, r->now, n, len);
}
