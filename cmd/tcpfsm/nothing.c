/*
 * nothing.c - see nothing.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "nothing.h"
#include "tcp/tcp.h"

void
nothing_event(struct nothing *n, const struct tcp_event *ev)
{
	if (ev->type == TCP_EV_DROP && ev->why != NULL &&
	    (strcmp(ev->why, "checksum") == 0 ||
		strcmp(ev->why, "ip-checksum") == 0))
		n->cksum++;
}

/* add - one reason behind the others */
static void
add(char text[320], uint64_t n, const char *what)
{
	size_t at = strlen(text);

	if (n > 0)
		snprintf(text + at, 320 - at, "%s%llu %s", at > 0 ? ", " : "",
		    (unsigned long long)n, what);
}

void
nothing_say(const struct nothing *n, const struct tcp_stats *s, uint64_t cut)
{
	uint64_t other = s->dropped - n->cksum;
	char text[320] = "";

	if (s->opened > 0 || s->cookies > 0)
		return;
	add(text, n->cksum,
	    "with a wrong checksum (--no-cksum takes them, as a capture on "
	    "the sending host has them)");
	add(text, s->foreign,
	    "for no phantom (-a takes an address, at any MAC)");
	add(text, cut, "captured short (capture whole packets)");
	add(text, other, "dropped, see the log");
	if (text[0] != '\0')
		say("no connection came of this: %s", text);
}
