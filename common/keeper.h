/*
 * keeper.h - a process that keeps a packet socket, and does little else, for
 * the one that has forked it. Linux only.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <sys/types.h>

enum { KEEPER_WIRE = 0, KEEPER_PARENT = 1 }; /* its descriptors */

/*
 * keeper_begin - in the child of parent: takes the two descriptors, closes
 * all others, lets no signal in, and is killed with its parent; then no right
 * is left and the list of sandbox_list() holds. 0, or -1 and errno.
 */
int keeper_begin(int wire, int to_parent, pid_t parent);

#endif
