/*
 * clocks.h - captures of two machines whose clocks differ.
 *
 * A packet that is in two captures was seen there at two times. What went one
 * way shows that the second clock is ahead by so much at most, what went the
 * other way that it is by so much at least: the packet cannot arrive before it
 * was sent. Where 0 is not between the two the clocks differ. Packets of one
 * way alone prove nothing, but hardly one is on its way for a second.
 *
 * Two captures may also be merged into one file.
 */
#ifndef CAPTURE_CLOCKS_H
#define CAPTURE_CLOCKS_H

#include <stdbool.h>
#include <stdint.h>

struct tcpseg_list;

enum { CLOCKS_MAX = 16 }; /* so many captures are compared */

/*
 * clocks_move - the segments from that one on are those of one capture: their
 * times are moved by the ns that its clock is ahead of the clock of all before.
 * Returns these; 0: it agrees, or nothing shows that it does not
 */
int64_t clocks_move(struct tcpseg_list *, uint32_t from);

/*
 * clocks_align - the same, and says so, or that they seem wrong and are not
 * moved; name: its file. Only for mains
 */
void clocks_align(struct tcpseg_list *, uint32_t from, const char *name);

/*
 * clocks_split - the segments from that one on are those of one file. If it has
 * two captures, and the clock of one is ahead, its times are moved. Returns the
 * ns; 0: nothing shows that. *moved: the packets tell which of them are of
 * which capture. clocks_unmix - the same, and says so; only for mains
 */
int64_t clocks_split(struct tcpseg_list *, uint32_t from, bool *moved);
void clocks_unmix(struct tcpseg_list *, uint32_t from, const char *name);

/* clocks_back - so much earlier */
struct tcpseg;
void clocks_back(struct tcpseg *, int64_t ns);

#endif
