/*
 * filter.h - what the kernel lets through to the packet socket.
 */
#ifndef ARP_PHANTOM_FILTER_H
#define ARP_PHANTOM_FILTER_H

struct sock_fprog;

/*
 * filter_neigh - ARP, Neighbor Solicitations and Advertisements, DHCP, behind
 * up to two VLAN tags; the headers of broadcast and of some other IP packets;
 * and samples for gate.h of what else this host sends
 */
const struct sock_fprog *filter_neigh(void);

#endif
