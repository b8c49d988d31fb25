/*
 * link.c - what the kernel knows about an interface, see link.h: all links are
 * dumped, as the ports of a bridge are found by their master.
 */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "wire/ether.h"

enum {
	BUFFER = 32768,
	WIRELESS_NAME = 0x8b01, /* SIOCGIWNAME, whose header goes with none */
};

/* the content of one message */
struct said {
	uint32_t master;
	int port_state; /* -1: no port of a bridge */
};

typedef void attr_fn(void *ctx, const struct rtattr *);

static void
each(const void *p, size_t n, void *ctx, attr_fn *take)
{
	const struct rtattr *a = p;
	size_t len;

	while (n >= sizeof(*a) && a->rta_len >= sizeof(*a) && a->rta_len <= n) {
		take(ctx, a);
		len = RTA_ALIGN(a->rta_len);
		n -= len < n ? len : n;
		a = (const struct rtattr *)((const char *)a + len);
	}
}

static void
each_in(const struct rtattr *a, void *ctx, attr_fn *take)
{
	each((const char *)a + RTA_LENGTH(0), a->rta_len - RTA_LENGTH(0), ctx,
	    take);
}

/* value - its first n bytes; zeros where it is shorter */
static void
value(const struct rtattr *a, void *out, size_t n)
{
	size_t there = a->rta_len - RTA_LENGTH(0);

	memset(out, 0, n);
	memcpy(out, (const char *)a + RTA_LENGTH(0), there < n ? there : n);
}

struct reader {
	struct link *link;
	struct said said;
};

static void
take_port(void *ctx, const struct rtattr *a)
{
	uint8_t state;

	if (a->rta_type != IFLA_BRPORT_STATE)
		return;
	value(a, &state, sizeof(state));
	((struct reader *)ctx)->said.port_state = state;
}

static void
take_macvlan(void *ctx, const struct rtattr *a)
{
	uint32_t mode;

	if (a->rta_type != IFLA_MACVLAN_MODE)
		return;
	value(a, &mode, sizeof(mode));
	((struct reader *)ctx)->link->passthru = mode == MACVLAN_MODE_PASSTHRU;
}

/* take_info - kind comes before data, of the link and of a port alike */
static void
take_info(void *ctx, const struct rtattr *a)
{
	struct reader *r = ctx;

	switch (a->rta_type & NLA_TYPE_MASK) {
	case IFLA_INFO_KIND:
		value(a, r->link->kind, LINK_KIND - 1);
		break;
	case IFLA_INFO_DATA:
		if (strcmp(r->link->kind, "macvlan") == 0)
			each_in(a, r, take_macvlan);
		break;
	case IFLA_INFO_SLAVE_KIND:
		r->said.port_state = strncmp((const char *)a + RTA_LENGTH(0),
					 "bridge",
					 a->rta_len - RTA_LENGTH(0)) == 0
					 ? BR_STATE_DISABLED
					 : -1;
		break;
	case IFLA_INFO_SLAVE_DATA:
		if (r->said.port_state >= 0)
			each_in(a, r, take_port);
		break;
	default: /* of no interest */
		break;
	}
}

static void
take_link(void *ctx, const struct rtattr *a)
{
	struct reader *r = ctx;

	switch (a->rta_type & NLA_TYPE_MASK) {
	case IFLA_MTU:
		value(a, &r->link->mtu, sizeof(r->link->mtu));
		break;
	case IFLA_ADDRESS:
		value(a, r->link->mac.b, sizeof(r->link->mac.b));
		break;
	case IFLA_MASTER:
		value(a, &r->said.master, sizeof(r->said.master));
		break;
	case IFLA_LINKINFO:
		each_in(a, r, take_info);
		break;
	default: /* of no interest */
		break;
	}
}

static void
take_message(const struct nlmsghdr *h, unsigned index, struct link *out)
{
	struct link one = {0};
	struct reader r = {.link = &one, .said = {.port_state = -1}};
	const struct ifinfomsg *info = NLMSG_DATA(h);
	bool waiting = out->waiting;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    h->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return;
	each((const char *)info + NLMSG_ALIGN(sizeof(*info)),
	    h->nlmsg_len - NLMSG_LENGTH(sizeof(*info)), &r, take_link);
	if ((unsigned)info->ifi_index != index && r.said.master != index)
		return;
	waiting |= r.said.port_state == BR_STATE_LISTENING ||
		   r.said.port_state == BR_STATE_LEARNING;
	if ((unsigned)info->ifi_index == index)
		*out = one;
	out->waiting = waiting;
}

/* read_all - the answer to the dump; 0, or -1 and errno */
static int
read_all(int fd, unsigned index, struct link *out)
{
	_Alignas(struct nlmsghdr) char buf[BUFFER];
	const struct nlmsghdr *h;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		size_t left = (size_t)n;

		for (h = (const struct nlmsghdr *)buf; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				errno = EIO;
				return -1;
			}
			take_message(h, index, out);
		}
	}
	return -1;
}

static bool
is_wireless(int fd, const char *ifname)
{
	struct ifreq r = {0};

	memcpy(r.ifr_name, ifname, strnlen(ifname, IFNAMSIZ - 1));
	return ioctl(fd, WIRELESS_NAME, &r) == 0;
}

int
link_read(const char *ifname, struct link *out)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg info;
	} ask = {.h = {.nlmsg_len = sizeof(ask),
		     .nlmsg_type = RTM_GETLINK,
		     .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
	unsigned index = if_nametoindex(ifname);
	int fd, r;

	memset(out, 0, sizeof(*out));
	if (index == 0)
		return -1;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return -1;
	r = send(fd, &ask, sizeof(ask), 0) < 0 ? -1 : read_all(fd, index, out);
	close(fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	out->wireless = fd >= 0 && is_wireless(fd, ifname);
	if (fd >= 0)
		close(fd);
	return r;
}
