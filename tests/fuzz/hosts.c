/*
 * hosts.c - the reader of phantom-hosts(5) over any bytes: it gives a table
 * whose hosts are found, or says where the mistake is.
 */
#include <string.h>

#include "fuzz.h"
#include "hosts/hosts.h"
#include "wire/ip.h"

static void
check_rules(const struct hosts *h, const struct hosts_entry *e)
{
	static const uint8_t proto[] = {PROTO_TCP, PROTO_UDP};
	const struct hosts_rule *r;
	uint32_t port, files, commands;
	int i;

	hosts_files(h, &files);
	hosts_commands(h, &commands);
	for (i = 0; i < 2; i++)
		for (port = 0; port < 65536; port += 97) {
			r = hosts_rule(h, e, proto[i], (uint16_t)port);
			must(r->proto == proto[i] && r->first <= port &&
			     port <= r->last);
			must(r->service != SERVICE_FILE || r->text < files);
			must(r->service != SERVICE_COMMAND ||
			     r->text < commands);
		}
}

static void
check_table(const struct hosts *h)
{
	const struct hosts_entry *e, *found;
	struct mac mac;
	size_t i, n;

	e = hosts_entries(h, &n);
	must(n > 0);
	for (i = 0; i < n && i < 64; i++) {
		check_rules(h, &e[i]);
		found = hosts_find(h, &e[i].at.addr);
		if (found == NULL)
			continue; /* a network's own address */
		must(found->at.len >= e[i].at.len);
		mac = hosts_mac(h, found, &e[i].at.addr);
		must(hosts_may_be_at(h, &mac));
		must(hosts_is_at(h, &mac, &e[i].at.addr));
	}
}

/* check_nets - the way to each ends on the link, and its router is not in it */
static void
check_nets(const struct hosts *h)
{
	const struct hosts_net *net;
	unsigned hops;
	size_t i, n;
	int32_t up;

	net = hosts_nets(h, &n);
	for (i = 0; i < n; i++) {
		for (hops = 0, up = (int32_t)i; up >= 0; hops++) {
			must(net[up].up < up);
			up = net[up].up;
		}
		must(hops == net[i].hops);
		must(hosts_net(h, &net[i].at.addr)->at.len >= net[i].at.len);
		must(!prefix_holds(&net[i].at, &net[i].router));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char error[HOSTS_ERROR] = "";
	struct hosts *h = hosts_text("f", (const char *)p, n, error);

	if (h != NULL) {
		check_table(h);
		check_nets(h);
	} else {
		must(error[0] != '\0' && memchr(error, '\0', HOSTS_ERROR));
	}
	hosts_free(h);
	return 0;
}
