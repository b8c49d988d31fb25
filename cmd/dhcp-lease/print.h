/*
 * print.h - a lease as shell assignments. Needs ether.h, ip.h, dhcp.h and
 * lease.h.
 */
#ifndef PRINT_H
#define PRINT_H

/* print_lease - every variable, also one without a value; flushed */
void print_lease(const struct lease *, const struct mac *, FILE *);

#endif
