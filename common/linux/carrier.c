/*
 * carrier.c - see carrier.h. Only the kernel sends what is read here.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "linux/carrier.h"

enum { BUFFER = 32768 };
#define NAP (3 * NS_PER_SEC) /* no host has taken an address in it */

SANDBOX_NEEDS(read);

void
carrier_open(struct carrier *c, const char *ifname)
{
	const struct sockaddr_nl links = {
	    .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};

	c->off = false;
	c->asleep = clock_asleep();
	c->ifindex = if_nametoindex(ifname);
	c->fd = socket(
	    AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (c->fd < 0 || bind(c->fd, (const void *)&links, sizeof(links)) == 0)
		return;
	close(c->fd);
	c->fd = -1;
}

/* take - one message: true when the interface has a network again */
static bool
take(struct carrier *c, const struct nlmsghdr *m)
{
	const struct ifinfomsg *i = NLMSG_DATA(m);
	bool was_off = c->off;

	if (m->nlmsg_type != RTM_NEWLINK ||
	    m->nlmsg_len < NLMSG_LENGTH(sizeof(*i)) ||
	    (unsigned)i->ifi_index != c->ifindex)
		return false;
	c->off = (i->ifi_flags & IFF_UP) == 0 ||
		 (i->ifi_flags & IFF_RUNNING) == 0;
	return was_off && !c->off;
}

bool
carrier_back(struct carrier *c)
{
	static union {
		struct nlmsghdr first;
		uint8_t b[BUFFER];
	} got;
	const struct nlmsghdr *m;
	bool back = false;
	ssize_t n;

	for (;;) {
		n = read(c->fd, &got, sizeof(got));
		if (n < 0 && errno == EINTR)
			continue;
		/* more was told than there is room for: it is not known */
		if (n < 0 && errno == ENOBUFS)
			back = true;
		else if (n <= 0)
			return back && !c->off;
		for (m = &got.first; n > 0 && NLMSG_OK(m, n);
		     m = NLMSG_NEXT(m, n))
			back = take(c, m) || back;
	}
}

bool
carrier_slept(struct carrier *c)
{
	uint64_t before = c->asleep;

	c->asleep = clock_asleep();
	return c->asleep > before + NAP;
}
