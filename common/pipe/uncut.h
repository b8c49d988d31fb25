/*
 * uncut.h - the two ends of a pipe agree on frames that segmentation offload
 * has still to cut: longer than the MTU, and with the sum of the pseudo-header
 * in the place of TCP's checksum. They do so by locks (fcntl(2)) on bytes of
 * the pipe, which end with their process. With anything between the two there
 * is no lock, and none of these frames.
 */
#ifndef PIPE_UNCUT_H
#define PIPE_UNCUT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * uncut_take - show the writer of the pipe fd that such frames are cut here,
 * to this MTU. Before sandbox_enter().
 */
void uncut_take(int fd, uint32_t mtu);

/* uncut_mtu - what the reader of the pipe fd has shown; 0: it does not cut */
uint32_t uncut_mtu(int fd);

/*
 * uncut_vouch - show the reader of the pipe fd that what comes with no checksum
 * is right; false: it is no pipe, or another writer does. uncut_vouched - has
 * a writer shown it?
 */
bool uncut_vouch(int fd);
bool uncut_vouched(int fd);

#endif
