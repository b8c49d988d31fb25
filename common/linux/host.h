/*
 * host.h - which addresses this host and its routers have, and by which way
 * it would reach another. As they are now; nothing is kept.
 */
#ifndef LINUX_HOST_H
#define LINUX_HOST_H

#include <stdbool.h>

#include "wire/ether.h"
#include "wire/ip.h"

enum host_kind {
	HOST_OWN,	/* an address of this host */
	HOST_BROADCAST, /* the broadcast address of an interface */
	HOST_GATEWAY,	/* of a default route */
};

/* duplicate address detection (RFC 4862 5.4) of an own one */
enum host_state {
	HOST_VALID,
	HOST_TENTATIVE, /* goes on */
	HOST_DUPLICATE, /* another station has it */
};

struct host_addr {
	enum host_kind kind;
	enum host_state state;
	const char *ifname;
	struct ip_addr addr;
	unsigned len; /* HOST_OWN: of the network's prefix, of 128 bits */
};

/* host_addresses - calls found() for every one; 0, or -1 and errno */
int host_addresses(
    void *ctx, void (*found)(void *ctx, const struct host_addr *));

/*
 * host_again - the same within the sandbox, by a socket of host_open() (-1 and
 * errno): reads and writes alone. Only the interface of that index has a name
 */
int host_open(void);
int host_again(int fd, const char *ifname, unsigned index, void *ctx,
    void (*found)(void *ctx, const struct host_addr *));

/* how to reach dst by the interface */
struct host_way {
	bool own;     /* src is an address of this host, on any interface */
	bool has_src; /* src: as it was, or the host's best for dst */
	bool on_link; /* dst is on a network of the interface */
	bool has_net; /* the interface has an address of dst's family */
	bool has_hop; /* hop: the default gateway by this interface */
	struct ip_addr src, hop;
	struct mac mac; /* of the interface */
};

/*
 * host_way - fill in *way; dst may be NULL, and so may src: then the host's
 * own is looked for. No answer reaches a tentative source: host_way waits for
 * it for up to three seconds. 0, or -1 and errno (ENODEV: no such interface)
 */
int host_way(struct host_way *way, const char *ifname,
    const struct ip_addr *src, const struct ip_addr *dst);

#endif
