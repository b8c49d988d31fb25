/*
 * dhcp.c - the decoder of DHCP messages over any bytes: texts are printable
 * and end, times are in order, and what a client says about it can be read
 * again.
 */
#include <string.h>

#include "wire/dhcp.h"
#include "cmd/dhcp-lease/lease.h"
#include "fuzz.h"
#include "wire/ether.h"
#include "wire/ip.h"

static void
check_text(const char s[DHCP_TEXT])
{
	must(memchr(s, '\0', DHCP_TEXT) != NULL);
	for (; *s != '\0'; s++)
		must(*s >= ' ' && *s < 0x7f);
}

static void
check_addrs(const struct dhcp_addrs *all)
{
	unsigned i;

	must(all->n <= DHCP_ADDRS);
	for (i = 0; i < all->n; i++)
		must(ip_is_host(&all->a[i]));
}

static void
check_times(const struct dhcp *d)
{
	struct lease l;

	if (lease_ack_fault(d, &d->yiaddr, &d->server) != NULL)
		return;
	must(ip_is_host(&d->yiaddr));
	lease_set(&l, d, &d->chaddr, 1000);
	must(l.t2 < l.end || l.ack.lease == UINT32_MAX);
	must(l.t1 <= l.t2 || l.ack.lease == UINT32_MAX);
}

/* again - the same message, as a client would say it */
static void
again(struct dhcp *d)
{
	uint8_t *m = malloc(DHCP_ENCODED);
	struct dhcp got;
	size_t n = dhcp_encode(d, m);

	must(n >= 300 && n <= DHCP_ENCODED);
	must(dhcp_decode(m, n, &got) == 0);
	must(got.type == d->type && got.xid == d->xid);
	must(mac_equal(&got.chaddr, &d->chaddr));
	must(ip_equal(&got.requested, &d->requested));
	must(ip_equal(&got.server, &d->server));
	free(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *m = malloc(size > 0 ? size : 1);
	struct dhcp d;

	memcpy(m, data, size);
	/* or few would be read at all; a bit of the first byte decides */
	if (size >= 240 && (data[0] & 0x80) == 0) {
		memcpy(m, "\2\1\6", 3);
		memcpy(m + 236, "\x63\x82\x53\x63", 4);
	}
	if (dhcp_decode(m, size, &d) == 0) {
		check_text(d.host);
		check_text(d.domain);
		check_text(d.message);
		check_addrs(&d.router);
		check_addrs(&d.dns);
		check_addrs(&d.ntp);
		must(dhcp_prefix(&d.mask) <= 32);
		check_times(&d);
		again(&d);
	}
	free(m);
	return 0;
}
