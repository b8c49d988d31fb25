/*
 * tap.h - a TAP of this host. Consecutive segments of a flow leave as one
 * super-frame: each write() takes the kernel as long as a frame does.
 */
#ifndef PIPE_PLUG_TAP_H
#define PIPE_PLUG_TAP_H

#include "link.h"

/* tap_open - or die; l->tap stays NULL where the kernel has no virtio headers
   for it, then a frame is one write() */
void tap_open(struct link *, const char *name);

/* tap_put - a frame, which stays where it is until tap_done() */
void tap_put(struct link *, uint8_t *frame, size_t n);
void tap_done(struct link *);

#endif
