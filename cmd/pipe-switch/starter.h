/*
 * starter.h - a process that starts the command of a port again, for the
 * switch, which may start none once it is locked in. It reads the number of a
 * port, runs the command that was given for it at the start, and hands over
 * both of its pipes; it never reads a frame.
 */
#ifndef PIPE_SWITCH_STARTER_H
#define PIPE_SWITCH_STARTER_H

#include "pipe/child.h"

#include "options.h"

/*
 * starter_start - before any command: a socket to ask by, or -1 and errno.
 * The process ends with the switch.
 */
int starter_start(
    const struct options *, const struct child_group *, const char *argv0);

/* starter_want - this port's command, again; 0, or -1 and errno */
int starter_want(int sock, unsigned port);

/*
 * starter_take - when the socket is readable: 0, the port and its new pipes;
 * -1 and errno: it could not be started (*port), or (-1) the process is gone
 */
int starter_take(int sock, int *port, struct child *);

#endif
