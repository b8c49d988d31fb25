/*
 * net.h - the file of --hosts: the table, and the files that its udp lines
 * name. Needs options.h.
 */
#ifndef ICMP_PHANTOM_NET_H
#define ICMP_PHANTOM_NET_H

#include <stdint.h>

#include "linux/again.h"
#include "options.h"
#include "responder.h"

struct reading {
	struct hosts *hosts; /* NULL: there is none */
	struct datagram *file;
	uint32_t files;
};

struct net {
	struct reading is, next; /* next: when all programs are ready for it */
	struct again again;
};

/* net_open - if there is a file, for the configuration; dies of mistakes. New
   commands come at the descriptor that is returned, or -1 */
int net_open(struct net *, struct options *);

/* net_take - there is news of the file that is read again */
void net_take(struct net *, struct responder *);

#endif
