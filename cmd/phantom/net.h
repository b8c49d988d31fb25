/*
 * net.h - the file of --hosts is read again, here first: where it has a mistake
 * no program gets it, and all stay with the table that they have.
 */
#ifndef PHANTOM_NET_H
#define PHANTOM_NET_H

#include <stdbool.h>

struct again;
struct options;

/* net_start - if there is such a file; dies when it cannot */
void net_start(struct again *, const struct options *);

/* net_hang_up - SIGHUP: true, and it is being read again; false: there is no
   file, or the terminal, if we had one, is gone */
bool net_hang_up(struct again *, bool terminal);

/* net_is_right - it has been read; false: it has a mistake, and a message names
   it */
bool net_is_right(struct again *);

#endif
