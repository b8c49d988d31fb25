/*
 * port.h - a port of the switch: a command, and what waits for it.
 */
#ifndef PIPE_SWITCH_PORT_H
#define PIPE_SWITCH_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "pipe/child.h"
#include "pipe/slots.h"
#include "pipe/stream.h"

#include "options.h"

struct port {
	const struct port_words *words;
	struct child child; /* pid 0: our own streams */
	bool own;
	bool file;	   /* and stdout is one: all is written at once, */
	int failed;	   /* or not: errno, and the file has been cut */
	bool open;	   /* its input has not ended */
	bool full;	   /* what it reads takes no more at present */
	bool stalled;	   /* we waited for it, and it took nothing */
	uint64_t wait;	   /* its input is not read until then, or */
	unsigned wait_for; /* until this port has room */
	bool idle;	   /* it is not looked at in each round, after */
	unsigned quiet;	   /* this many without anything */
	uint64_t storms, warned; /* frames of storms reported, and when */
	/* its command is started again when it has ended: at this time (0: it
	   runs), after this long; when it was started; how often */
	bool again;
	uint64_t at, delay, since, restarts;
	uint64_t cut; /* records that hold less than the frame had */
	/* in lockstep: the step that it has answered, and its frames in it,
	   each behind four bytes of length */
	uint64_t answered;
	uint8_t *held;
	size_t nheld, cap;
	bool much; /* the last read brought much: it may pay to lend that */
	struct slots slots;
	unsigned pipes; /* that out has had before this one */
	struct stream_in in;
	struct stream_out out;
};

/* port_command - starts it, with impair around it; 0, or -1 and errno */
int port_command(struct child *, const struct child_group *,
    const struct options *, unsigned i, const char *argv0);

/* port_start - its command runs; dies when it cannot be started */
void port_start(struct port *, const struct child_group *,
    const struct options *, unsigned i, const char *argv0);

/* port_again - the pipes of its command, which has been started again */
void port_again(struct port *, const struct child *);

/* port_close_out - what it reads ends here */
void port_close_out(struct port *);
void port_close_in(struct port *);

/* port_write - what waits, as far as the reader takes it; -1: the reader is
   gone */
int port_write(struct port *);

/* port_hold - a frame of this step; false: there is no room */
bool port_hold(struct port *, const uint8_t *frame, uint32_t n);

/* port_busy - more than half of what may wait for it does */
bool port_busy(const struct port *);

#endif
