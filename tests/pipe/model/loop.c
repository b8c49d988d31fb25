/*
 * loop.c - common/pipe's, with its two flags: each of two stages in one process
 * needs its own.
 */
#include "pipe/loop.c"

#include "model.h"

void
flags_set(int stop, int summary)
{
	got_stop = stop;
	got_summary = summary;
}

void
flags_get(int *stop, int *summary)
{
	*stop = got_stop;
	*summary = got_summary;
}
