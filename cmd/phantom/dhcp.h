/*
 * dhcp.h - phantom iface dhcp: at the address that a DHCP server gives.
 */
#ifndef PHANTOM_DHCP_H
#define PHANTOM_DHCP_H

struct options;

/*
 * dhcp_run - get a lease by dhcp-lease, be a phantom at its address by running
 * phantom once more, keep the lease meanwhile and release it at the end;
 * begin again where the server gives another address. The exit status.
 */
int dhcp_run(const struct options *, int argc, char **argv);

#endif
