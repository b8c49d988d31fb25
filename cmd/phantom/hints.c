/*
 * hints.c - see hints.h.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "hints.h"
#include "options.h"
#include "watch.h"

static bool speaks_http;

void
hints_look(const struct options *o)
{
	char start[5];
	int fd;

	if (o->file == NULL)
		return;
	fd = open(o->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	speaks_http = read(fd, start, sizeof(start)) == sizeof(start) &&
		      memcmp(start, "HTTP/", sizeof(start)) == 0;
	close(fd);
}

static void
address_hints(struct watch *w, const struct options *o, const char *addr)
{
	bool v6 = strchr(addr, ':') != NULL;
	const char *port = o->port != NULL ? o->port : "80";
	bool other = strcmp(port, "80") != 0;

	watch_say(w, "    ping %s", addr);
	if (o->file == NULL && o->command == NULL)
		return;
	if (speaks_http)
		watch_say(w, "    curl -o got %s%s%s%s%s/%s",
		    v6 ? "'http://[" : "http://", addr, v6 ? "]" : "",
		    other ? ":" : "", other ? port : "", v6 ? "'" : "");
	else
		watch_say(w, "    nc %s %s", addr, port);
}

void
hints(struct watch *w, const struct options *o)
{
	struct ip_addr addr;
	struct mac mac;
	char text[MAC_TEXT], plain[IP_TEXT];
	unsigned len;
	int i;

	for (i = 0; i < o->addrs; i++) {
		if (parse_prefix(o->addr[i], &addr, &len) != 0)
			continue;
		if (len < 128) {
			watch_say(w,
			    !o->at_once
				? "%s: answering for all unused addresses"
				: "%s: answering for every address",
			    o->addr[i]);
			continue;
		}
		mac_of_phantom(&addr, &mac);
		ip_text(&addr, plain);
		watch_say(w, "%s answers, at %s; from another host, try", plain,
		    o->mac != NULL ? o->mac : mac_text(&mac, text));
		address_hints(w, o, plain);
	}
	watch_say(w, w->terminal ? "Ctrl-C ends it." : "SIGTERM ends it.");
}
