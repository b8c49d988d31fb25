/*
 * pktsock.c - a socket of packet(7), opened as planned; see pktsock.h.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/pktsock.h"

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

/* fail - in this step, by errno; pktsock_why() has the rest */
static int
fail(struct pktsock *cs, const char *step)
{
	cs->step = step;
	cs->why = errno;
	close(cs->fd);
	cs->fd = -1;
	return -1;
}

static int refuse(struct pktsock *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int
refuse(struct pktsock *cs, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cs->error, sizeof(cs->error), fmt, ap);
	va_end(ap);
	cs->status = 2;
	if (cs->fd >= 0)
		close(cs->fd);
	cs->fd = -1;
	return -1;
}

static const char no_socket[] = "";

const char *
pktsock_why(struct pktsock *cs)
{
	if (cs->step == no_socket && (cs->why == EPERM || cs->why == EACCES))
		refuse(cs, "no privilege: a packet socket needs "
			   "CAP_NET_RAW: run as root, or setcap "
			   "cap_net_raw+ep");
	else if (cs->step == no_socket)
		refuse(cs, "%s", strerror(cs->why));
	else if (cs->step == pktsock_joins && cs->why == EINVAL)
		refuse(cs,
		    "%s: its other members were opened with other "
		    "options",
		    cs->step);
	else if (cs->step != NULL)
		refuse(cs, "%s: %s", cs->step, strerror(cs->why));
	return cs->error;
}

int
pktsock_look(struct pktsock *cs, const char *ifname)
{
	struct ifreq ifr;

	memset(cs, 0, sizeof(*cs));
	memset(&ifr, 0, sizeof(ifr));
	cs->fd = -1;
	if (strlen(ifname) < IFNAMSIZ)
		cs->ifindex = (int)if_nametoindex(ifname);
	if (cs->ifindex == 0)
		return refuse(cs, "no such interface");
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	cs->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (cs->fd < 0 || ioctl(cs->fd, SIOCGIFHWADDR, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	/* the loopback interface carries Ethernet headers as well */
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER &&
	    ifr.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return refuse(cs, "not an Ethernet interface (type %d)",
		    ifr.ifr_hwaddr.sa_family);
	memcpy(cs->mac, ifr.ifr_hwaddr.sa_data, sizeof(cs->mac));
	if (ioctl(cs->fd, SIOCGIFMTU, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	cs->mtu = (uint32_t)ifr.ifr_mtu;
	if (ioctl(cs->fd, SIOCGIFFLAGS, &ifr) < 0)
		return refuse(cs, "%s", strerror(errno));
	if (!(ifr.ifr_flags & IFF_UP))
		return refuse(cs,
		    "the interface is down: "
		    "ip link set %s up",
		    ifname);
	close(cs->fd);
	cs->fd = -1;
	return 0;
}

int
pktsock_program(
    struct pktsock *cs, enum pktsock_program what, const struct sock_fprog *p)
{
	const int level = what == PKTSOCK_FILTER ? SOL_SOCKET : SOL_PACKET;

	return setsockopt(cs->fd, level, (int)what, p, sizeof(*p));
}

/* take_step - true: it is done */
static bool
take_step(
    struct pktsock *cs, const struct pktsock_step *s, const uint8_t *values)
{
	const void *value = values + s->at;

	return s->what == PKTSOCK_BINDS
		   ? bind(cs->fd, value, s->len) == 0
		   : setsockopt(cs->fd, s->level, s->what, value, s->len) == 0;
}

int
pktsock_open(struct pktsock *cs, const struct pktsock_plan *plan)
{
	const struct pktsock_step *s;
	unsigned can = 0;

	cs->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (cs->fd < 0)
		return fail(cs, no_socket);
	for (s = plan->step; s < plan->step + plan->n; s++) {
		if (take_step(cs, s, plan->values))
			can |= s->can;
		else if (s->must != NULL)
			return fail(cs, s->must);
	}
	cs->vnet = can & PKTSOCK_VNET;
	cs->plan = plan;
	if (can & PKTSOCK_RINGED)
		cs->ring = mmap(NULL, plan->ring, PROT_READ | PROT_WRITE,
		    MAP_SHARED, cs->fd, 0);
	return cs->ring != MAP_FAILED ? 0 : fail(cs, "map the ring");
}

SANDBOX_NEEDS_FOR(OVERHEAR, setsockopt);

void
pktsock_overhear(struct pktsock *cs, bool on)
{
	const int off = !on;

	setsockopt(
	    cs->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &off, sizeof(off));
}

SANDBOX_NEEDS_FOR(HEAR, getsockopt);

uint64_t
pktsock_dropped(struct pktsock *cs)
{
	struct tpacket_stats st = {0, 0};
	socklen_t n = sizeof(st);

	if (cs->fd >= 0) /* errno is another's */
		getsockopt(cs->fd, SOL_PACKET, PACKET_STATISTICS, &st, &n);
	n = cs->unread;
	cs->unread = 0;
	return st.tp_drops + n;
}

SANDBOX_NEEDS_FOR(HEAR, getsockname);

/* a socket loses the index of an interface that is unregistered (packet(7)) */
bool
pktsock_gone(const struct pktsock *cs)
{
	struct sockaddr_ll sll = {.sll_ifindex = 0};
	socklen_t n = sizeof(sll);

	return getsockname(cs->fd, (struct sockaddr *)&sll, &n) == 0 &&
	       sll.sll_ifindex != cs->ifindex;
}
