/*
 * hints.c - see hints.h.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "hints.h"
#include "options.h"
#include "watch.h"

static bool speaks_http;
/* what stands before a command that is to be tried: the lab's other host */
static const char *from = "";

void
hints_look(const struct options *o)
{
	char start[5];
	int fd;

	if (getenv("PHANTOM_LAB") != NULL && !o->here)
		from = "client ";
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

	watch_say(w, "    %sping %s", from, addr);
	/* of a capture, the port is not known here */
	if (!options_tcp(o) || (o->replay != NULL && o->port == NULL))
		return;
	if (speaks_http)
		watch_say(w, "    %scurl -o got %s%s%s%s%s/%s", from,
		    v6 ? "'http://[" : "http://", addr, v6 ? "]" : "",
		    other ? ":" : "", other ? port : "", v6 ? "'" : "");
	else
		watch_say(w, "    %snc %s %s", from, addr, port);
}

void
hints_asks(struct watch *w, const struct options *o)
{
	const char *wait = options_value(o, "-w");
	bool v4 = false;
	int i;

	if (!o->asks || o->singles == 0 || o->loud < 0)
		return;
	for (i = 0; i < o->addrs; i++)
		v4 = v4 || strchr(o->addr[i], ':') == NULL;
	if (wait != NULL)
		watch_say(
		    w, "checking that no host uses the address (-w %s)", wait);
	else
		watch_say(w,
		    "checking that no host uses the address (up to %d s; -n "
		    "skips this)",
		    v4 ? 7 : 2);
}

/* when - does it answer for the hosts of the file? */
static const char *
when(const struct options *o)
{
	if (!o->some_later)
		return "answering for every address";
	if (!o->some_now)
		return "answering for each address that no other host uses, "
		       "once it has been asked for";
	return "answering for some at once, and for each other address that "
	       "no other host uses, once it has been asked for";
}

void
hints(struct watch *w, const struct options *o)
{
	struct ip_addr addr;
	struct mac mac;
	char text[MAC_TEXT], plain[IP_TEXT];
	unsigned len;
	int i;

	if (o->hosts != NULL)
		watch_say(w, "%s: %zu host%s or network%s, %s", o->hosts,
		    o->nhosts, o->nhosts == 1 ? "" : "s",
		    o->nhosts == 1 ? "" : "s", when(o));
	for (i = 0; i < o->addrs; i++) {
		if (parse_prefix(o->addr[i], &addr, &len) != 0)
			continue;
		if (len < 128) {
			watch_say(w,
			    !o->at_once
				? "%s: answering for each address that no host "
				  "uses, once it has been asked for"
				: "%s: answering for every address",
			    o->addr[i]);
			continue;
		}
		mac_of_phantom(&addr, &mac);
		ip_text(&addr, plain);
		watch_say(w, "%s answers, at %s; %stry", plain,
		    o->mac != NULL ? o->mac : mac_text(&mac, text),
		    from[0] != '\0' || o->here ? "" : "from another host, ");
		address_hints(w, o, plain);
	}
	if (o->film_live != NULL)
		watch_say(w, "the film, live: %s%s%s/ in a browser%s",
		    strchr(o->film_live, ':') != NULL ? "http://[" : "http://",
		    o->film_live, strchr(o->film_live, ':') != NULL ? "]" : "",
		    from[0] != '\0' ? " of the client" : "");
	if (watch_in_front(w))
		watch_say(w, "Ctrl-C ends it.");
	else
		watch_say(w, "SIGTERM ends it: kill %d", (int)w->self);
}
