/*
 * story.h - the reasons in tcpfsm's event log: why a segment was
 * retransmitted, why one was not taken, how the connection ended.
 */
#ifndef CAPTURE_STORY_H
#define CAPTURE_STORY_H

#include <stdio.h>

#include "capture/analysis.h"
#include "log/eventline.h"

/* a line of the log about a connection; mine: the side that has written it */
typedef void story_line(void *context, const struct conn *, enum conn_side mine,
    const struct event_line *);

/*
 * story_read - the whole log: rows and connections get their reasons, and
 * line, unless it is NULL, gets each line. Other lines are skipped. It says on
 * stderr where most retransmissions of the log have no packet.
 */
void story_read(struct conns *, FILE *, story_line *line, void *context);

#endif
