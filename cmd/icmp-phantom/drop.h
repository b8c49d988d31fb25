/*
 * drop.h - why a packet is not answered.
 */
#ifndef ICMP_PHANTOM_DROP_H
#define ICMP_PHANTOM_DROP_H

#include "wire/ip.h"
#include "wire/ipfrag.h"

/* the last are those of ip.h and ipfrag.h */
enum drop {
	DROP_SOURCE,
	DROP_ICMP_SHORT,
	DROP_ICMP_CKSUM,
	DROP_MTU,
	DROP_UDP,
	DROP_CKSUM,
	DROP_RATE,
	DROP_DHCP,
	DROP_SILENT,
	DROP_AMPLIFY,
	DROP_BUSY,
	DROP_IP,
	DROP_FRAG = DROP_IP + IP_OPTION + 1,
	DROPS = DROP_FRAG + IPFRAG_FULL + 1,
};

/* drop_name - the word for the log */
const char *drop_name(enum drop);

#endif
