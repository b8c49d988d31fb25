/*
 * host.c - addresses of this host and its routers, see host.h. Linux only:
 * rtnetlink(7), getifaddrs(3).
 */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/host.h"
#include "wire/ether.h"
#include "wire/ip.h"

enum {
	BUFFER = 65536,
	/* for a tentative address; duplicate address detection takes Linux
	 * one to two seconds */
	PAUSE = 50 * 1000 * 1000, /* ns */
	PAUSES = 60,
};

typedef void found_fn(void *ctx, const struct host_addr *);

/* what a look is for, and from where */
struct host_look {
	int fd;
	const char *ifname; /* of index; the others have none, */
	unsigned index;	    /* but all have one with 0 */
	void *ctx;
	found_fn *found;
};

int
host_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

/* from_attr - an address of this family; 0 or -1 */
static int
from_attr(uint8_t family, struct rtattr *a, struct ip_addr *out)
{
	const uint8_t *b = RTA_DATA(a);

	if (family == AF_INET && RTA_PAYLOAD(a) == 4)
		ip_from_v4(out, b);
	else if (family == AF_INET6 && RTA_PAYLOAD(a) == sizeof(out->b))
		memcpy(out->b, b, sizeof(out->b));
	else
		return -1;
	return 0;
}

/* attributes - by their types, below n; at: the first, len bytes */
static void
attributes(struct rtattr *at, int len, struct rtattr **by, int n)
{
	memset(by, 0, (size_t)n * sizeof(*by));
	for (; RTA_OK(at, len); at = RTA_NEXT(at, len))
		if (at->rta_type < n)
			by[at->rta_type] = at;
}

/* tell - that it is one of the interface of that index */
static void
tell(const struct host_look *l, struct host_addr *h, unsigned index)
{
	char name[IF_NAMESIZE] = "";

	h->ifname = name;
	if (l->index == 0)
		if_indextoname(index, name);
	else if (index == l->index)
		h->ifname = l->ifname;
	l->found(l->ctx, h);
}

static void
on_addr(const struct host_look *l, struct nlmsghdr *m)
{
	struct ifaddrmsg *i = NLMSG_DATA(m);
	struct rtattr *by[IFA_MAX + 1], *own;
	struct host_addr h = {.kind = HOST_OWN};
	uint32_t flags = i->ifa_flags;

	attributes(IFA_RTA(i), (int)IFA_PAYLOAD(m), by, IFA_MAX + 1);
	own = by[IFA_LOCAL] != NULL ? by[IFA_LOCAL] : by[IFA_ADDRESS];
	if (own == NULL || from_attr(i->ifa_family, own, &h.addr) != 0)
		return;
	h.len = i->ifa_prefixlen + (i->ifa_family == AF_INET ? 96 : 0);
	if (by[IFA_FLAGS] != NULL)
		flags = *(const uint32_t *)RTA_DATA(by[IFA_FLAGS]);
	if ((flags & IFA_F_DADFAILED) != 0)
		h.state = HOST_DUPLICATE;
	else if ((flags & (IFA_F_TENTATIVE | IFA_F_OPTIMISTIC)) ==
		 IFA_F_TENTATIVE)
		h.state = HOST_TENTATIVE;
	tell(l, &h, i->ifa_index);
	h.kind = HOST_BROADCAST;
	if (by[IFA_BROADCAST] != NULL &&
	    from_attr(i->ifa_family, by[IFA_BROADCAST], &h.addr) == 0)
		tell(l, &h, i->ifa_index);
}

/* on_route - of the default ones the next hop */
static void
on_route(const struct host_look *l, struct nlmsghdr *m)
{
	struct rtmsg *r = NLMSG_DATA(m);
	struct rtattr *by[RTA_MAX + 1];
	struct host_addr h = {.kind = HOST_GATEWAY};

	attributes(RTM_RTA(r), (int)RTM_PAYLOAD(m), by, RTA_MAX + 1);
	if (r->rtm_dst_len != 0 || r->rtm_table != RT_TABLE_MAIN ||
	    r->rtm_type != RTN_UNICAST || (r->rtm_flags & RTM_F_CLONED) != 0)
		return;
	if (by[RTA_GATEWAY] != NULL && by[RTA_OIF] != NULL &&
	    from_attr(r->rtm_family, by[RTA_GATEWAY], &h.addr) == 0)
		tell(l, &h, *(const uint32_t *)RTA_DATA(by[RTA_OIF]));
}

/* look - at all of the kind that is asked for: 0, or -1 and errno */
static int
look(const struct host_look *l, uint16_t ask,
    void (*on)(const struct host_look *, struct nlmsghdr *))
{
	static union {
		struct nlmsghdr first;
		uint8_t b[BUFFER];
	} got;
	const struct {
		struct nlmsghdr h;
		struct rtgenmsg g;
	} q = {.h = {.nlmsg_len = sizeof(q),
		   .nlmsg_type = ask,
		   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
	    .g = {.rtgen_family = AF_UNSPEC}};
	struct nlmsghdr *m;
	ssize_t n;

	if (write(l->fd, &q, sizeof(q)) < 0)
		return -1;
	for (;;) {
		n = read(l->fd, &got, sizeof(got));
		if (n <= 0)
			return -1;
		for (m = &got.first; NLMSG_OK(m, n); m = NLMSG_NEXT(m, n)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR) {
				errno = -(
				    (const struct nlmsgerr *)NLMSG_DATA(m))
					     ->error;
				return -1;
			}
			on(l, m);
		}
	}
}

/* look_at_all - a kernel without routes has no gateway */
static int
look_at_all(const struct host_look *l)
{
	if (look(l, RTM_GETADDR, on_addr) != 0)
		return -1;
	(void)look(l, RTM_GETROUTE, on_route);
	return 0;
}

int
host_again(
    int fd, const char *ifname, unsigned index, void *ctx, found_fn *found)
{
	const struct host_look l = {fd, ifname, index, ctx, found};

	return look_at_all(&l);
}

int
host_addresses(void *ctx, found_fn *found)
{
	const struct host_look l = {
	    .fd = host_open(), .ctx = ctx, .found = found};
	int r;

	if (l.fd < 0)
		return -1;
	r = look_at_all(&l);
	close(l.fd);
	return r;
}

/* ---- the way to another ---- */

struct way_look {
	const char *ifname;
	const struct ip_addr *src, *dst;
	struct host_way *way;
	int best;   /* rank of the source so far */
	int coming; /* of the tentative ones */
};

/* how well an own address serves as source for dst; 0: not at all */
static int
rank(const struct way_look *l, const struct host_addr *h)
{
	if (l->dst == NULL || ip_is_v4(l->dst) != ip_is_v4(&h->addr))
		return 0;
	if (ip_equal(l->dst, &h->addr) || ip_match(l->dst, &h->addr, h->len))
		return 3;
	/* multicast of v6 has a scope as well: ff02 is the link's */
	if (ip_is_local6(&h->addr) !=
	    (ip_is_local6(l->dst) ||
		(ip_is_multicast(l->dst) && (l->dst->b[1] & 15) == 2)))
		return 1;
	return 2;
}

static void
look_at(void *ctx, const struct host_addr *h)
{
	struct way_look *l = ctx;
	struct host_way *w = l->way;
	bool here = strcmp(h->ifname, l->ifname) == 0;
	int r;

	/* the kernel answers ARP for an address on all interfaces, NS not */
	if (h->kind == HOST_OWN && h->state != HOST_DUPLICATE &&
	    l->src != NULL && ip_equal(l->src, &h->addr) &&
	    (here || ip_is_v4(l->src))) {
		w->own = true;
		l->coming = h->state == HOST_TENTATIVE;
	}
	if (!here || h->kind == HOST_BROADCAST)
		return;
	if (h->kind == HOST_GATEWAY) {
		if (!w->has_hop && l->dst != NULL &&
		    ip_is_v4(l->dst) == ip_is_v4(&h->addr)) {
			w->has_hop = true;
			w->hop = h->addr;
		}
		return;
	}
	r = rank(l, h);
	w->has_net = w->has_net || (r > 0 && !ip_is_local6(&h->addr));
	w->on_link = w->on_link || r == 3;
	if (l->src != NULL || h->state == HOST_DUPLICATE)
		return;
	if (h->state == HOST_TENTATIVE) {
		l->coming = r > l->coming ? r : l->coming;
	} else if (r > l->best) {
		l->best = r;
		w->own = w->has_src = true;
		w->src = h->addr;
	}
}

/* the MAC stands in the list of addresses, as one of AF_PACKET */
static int
find_mac(const char *ifname, struct mac *out)
{
	struct ifaddrs *all, *i;
	struct sockaddr_ll ll;
	int r = -1;

	if (getifaddrs(&all) == -1)
		return -1;
	errno = ENODEV;
	for (i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL ||
		    i->ifa_addr->sa_family != AF_PACKET ||
		    strcmp(i->ifa_name, ifname) != 0)
			continue;
		memcpy(&ll, i->ifa_addr, sizeof ll);
		memcpy(out->b, ll.sll_addr, sizeof out->b);
		r = 0;
	}
	freeifaddrs(all);
	return r;
}

int
host_way(struct host_way *way, const char *ifname, const struct ip_addr *src,
    const struct ip_addr *dst)
{
	const struct timespec pause = {.tv_nsec = PAUSE};
	struct way_look l;
	int i, r;

	for (i = 0;; i++) {
		l = (struct way_look){
		    .ifname = ifname, .src = src, .dst = dst, .way = way};
		memset(way, 0, sizeof *way);
		if (src != NULL) {
			way->has_src = true;
			way->src = *src;
		}
		if (find_mac(ifname, &way->mac) == -1)
			return -1;
		r = host_addresses(&l, look_at);
		if (r != 0 || l.coming <= l.best || i == PAUSES)
			return r;
		nanosleep(&pause, NULL);
	}
}
