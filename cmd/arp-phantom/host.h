/*
 * host.h - which addresses this host and its routers have.
 */
#ifndef HOST_H
#define HOST_H

struct ip_addr;

/*
 * host_addresses - calls found() for every address of this host, for the
 * broadcast addresses of the interface, and for the default gateways, each
 * with what it is. 0, or -1 and errno.
 */
int host_addresses(const char *ifname, void *ctx,
    void (*found)(void *ctx, const struct ip_addr *, const char *what));

#endif
