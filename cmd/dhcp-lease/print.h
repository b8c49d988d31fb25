/*
 * print.h - a lease as shell assignments. Needs ether.h, ip.h, dhcp.h and
 * lease.h.
 */
#ifndef DHCP_LEASE_PRINT_H
#define DHCP_LEASE_PRINT_H

#include <stdio.h>

#include "lease.h"
#include "wire/ether.h"

/* print_lease - every variable, also one without a value; flushed */
void print_lease(const struct lease *, const struct mac *, FILE *);

#endif
