/*
 * clocks.h - captures of two machines whose clocks differ.
 *
 * A packet that is in two captures was seen there at two times. What went one
 * way shows that the second clock is ahead by so much at most, what went the
 * other way that it is by so much at least: the packet cannot arrive before it
 * was sent. Where 0 is not between the two the clocks differ. Packets of one
 * way alone prove nothing, but hardly one is on its way for a second.
 */
#ifndef CAPTURE_CLOCKS_H
#define CAPTURE_CLOCKS_H

#include <stdint.h>

struct tcpseg_list;

enum { CLOCKS_MAX = 16 }; /* so many captures are compared */

/*
 * clocks_ahead - ns that the clock of the segments from that one on, those of
 * one capture, is ahead of the clock of all before; 0: it agrees, or nothing
 * shows that it does not
 */
int64_t clocks_ahead(const struct tcpseg_list *, uint32_t from);

/*
 * clocks_align - moves the times of that capture by it, and says so, or that
 * they seem wrong and are not moved; name: its file. Only for mains
 */
void clocks_align(struct tcpseg_list *, uint32_t from, const char *name);

#endif
