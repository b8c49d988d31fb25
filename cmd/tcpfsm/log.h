/*
 * log.h - the engine's events as lines of the event log, tcpfsm-events(5).
 */
#ifndef LOG_H
#define LOG_H

struct event_log;
struct tcp_event;

/* how much is said: -q lowers it, -v raises it */
enum {
	LOG_NOTHING = -2,
	LOG_CLOSES = -1,
	LOG_EVENTS = 0,
	LOG_SEGMENTS = 1,
};

/* digests: of what was sent and received, for a CLOSE; NULL: none are kept */
void log_event(struct event_log *, int level, const struct tcp_event *,
    const char *const digests[2]);

#endif
