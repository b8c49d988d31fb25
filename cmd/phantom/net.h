/*
 * net.h - the file of --hosts is read again, here first: where it has a mistake
 * no program gets it, and all stay with the table that they have.
 */
#ifndef PHANTOM_NET_H
#define PHANTOM_NET_H

#include <stdbool.h>

struct again;
struct options;
struct plan;

/* net_start - if there is such a file: it can be read again, and the programs
   of the plan get the table; dies when it cannot */
void net_start(struct again *, const struct options *, struct plan *);

/* net_hang_up - SIGHUP: true, and it is being read again; false: there is no
   file, or the terminal, if we had one, is gone */
bool net_hang_up(struct again *, const struct options *, bool terminal);

/* net_has_table - there is news: true, a new table is there for the programs;
   false: it has a mistake, and a message names it, or all of them have it */
bool net_has_table(struct again *);

#endif
