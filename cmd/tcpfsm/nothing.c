/*
 * nothing.c - see nothing.h.
 *
 * What is not at a phantom the engine leaves alone without a word: these
 * frames are looked at here. Of the others the engine's events tell.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "capture/look.h"
#include "nothing.h"
#include "opt/opt.h"
#include "pipe/stream.h"
#include "tcp/tcp.h"
#include "wire/ether.h"
#include "wire/phantom.h"

enum { TEXT = 1024 };

/* ---- counting */

static bool
is_at(const struct tcp_config *c, const struct mac *to, const struct ip_addr *a)
{
	return c->places != NULL ? c->places->is_at(c->places->ctx, to, a)
				 : phantom_is_at(c->addr, c->mac, to, a);
}

/* count_elsewhere - a segment that is not at a phantom */
static void
count_elsewhere(
    struct nothing *n, const struct ether_hdr *e, const struct ip_hdr *ip)
{
	static const struct ip_addr none;
	const struct ip_addr *given = n->cfg->addr;

	if (mac_is_group(&e->dst)) {
		n->group++;
		return;
	}
	if (given != NULL ? ip_equal(&ip->src, given)
			  : is_at(n->cfg, &e->src, &ip->src)) {
		n->own++;
		return;
	}
	if (ip_equal(&n->to, &none))
		n->to = ip->dst;
	if (given != NULL && !ip_equal(&ip->dst, given))
		n->addr++;
	else
		n->mac++;
}

static void
count_other(struct nothing *n, const char *why)
{
	if (n->other++ == 0)
		n->why = why;
}

/* count_here - at a phantom: its IP packet may be none that the engine takes */
static void
count_here(struct nothing *n, const uint8_t *p, size_t len, bool fragment)
{
	struct ip_hdr ip;
	enum ip_error err = ip_decode(p, len, &ip);

	if (err == IP_CKSUM && !n->cfg->trust_cksum)
		n->cksum++;
	else if (err != IP_OK && err != IP_CKSUM)
		count_other(n, ip_error_name(err));
	else if (fragment)
		n->fragment++;
}

void
nothing_frame(struct nothing *n, const uint8_t *frame, size_t len)
{
	struct stream_rec rec = {.caplen = (uint32_t)len, .len = (uint32_t)len};
	struct ether_hdr e;
	struct look l;
	enum left why;

	memcpy(&rec.data, &frame, sizeof(frame)); /* it is only read */
	why = look_at(&rec, false, &l);
	if (why == LEFT_NOTHING && (l.ip.frag || l.ip.proto != PROTO_TCP))
		why = look_name(&rec, &l);
	if (ether_decode(frame, len, &e) != 0 ||
	    (why != LEFT_NOTHING && why != LEFT_FRAGMENT))
		leftout_count(&n->left, why);
	else if (l.l3 != e.hlen)
		n->wrapped++;
	else if (mac_is_group(&e.dst) || !is_at(n->cfg, &e.dst, &l.ip.dst))
		count_elsewhere(n, &e, &l.ip);
	else
		count_here(
		    n, frame + e.hlen, len - e.hlen, why == LEFT_FRAGMENT);
}

/* is_counted - a probe is an event of its own, and count_here() knows more of
   IP's headers and fragments */
static bool
is_counted(const char *why)
{
	int i;

	for (i = IP_SHORT; i <= IP_OPTION; i++)
		if (strcmp(why, ip_error_name((enum ip_error)i)) == 0)
			return true;
	return strncmp(why, "fragment", 8) == 0 || strcmp(why, "silent") == 0 ||
	       strcmp(why, "no-syn") == 0 || strcmp(why, "syn-fin") == 0;
}

/* count_drop - the reasons that an event names */
static void
count_drop(struct nothing *n, const char *why)
{
	if (strcmp(why, "checksum") == 0)
		n->cksum++;
	else if (strcmp(why, "ack") == 0)
		n->ack++;
	else if (strcmp(why, "no-connection") == 0)
		n->middle++;
	else if (!is_counted(why))
		count_other(n, why);
}

void
nothing_event(struct nothing *n, const struct tcp_event *ev)
{
	switch (ev->type) {
	case TCP_EV_DROP:
		count_drop(n, ev->why);
		break;
	case TCP_EV_PROBE:
		if (n->ports == NULL || opt_port_is(n->ports, ev->lport))
			n->middle++;
		else if (n->closed++ == 0)
			n->closed_port = ev->lport;
		break;
	case TCP_EV_STATE:
		n->half += ev->state_new == TCPS_SYN_RECEIVED;
		break;
	case TCP_EV_RETRANSMIT:
	case TCP_EV_TIMEOUT:
	case TCP_EV_CLOSE:
	case TCP_EV_SEGMENT:
	case TCP_EV_ICMP:
	case TCP_EV_PMTU:
	case TCP_EV_QUIRK:
	case TCP_EV_ECN:
		break;
	}
}

/* ---- what is printed */

static void add(char text[TEXT], uint64_t n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* add - one reason behind the others, unless n is 0 */
static void
add(char text[TEXT], uint64_t n, const char *fmt, ...)
{
	size_t at = strlen(text);
	va_list ap;

	if (n == 0)
		return;
	at += (size_t)snprintf(text + at, TEXT - at, "%s%llu ",
	    at > 0 ? ", " : "", (unsigned long long)n);
	va_start(ap, fmt);
	vsnprintf(text + at, TEXT - at, fmt, ap);
	va_end(ap);
}

/* elsewhere - not at a phantom: which one it takes depends on the options */
static void
elsewhere(const struct nothing *n, char text[TEXT])
{
	const struct tcp_config *c = n->cfg;
	char to[IP_TEXT];

	ip_text(&n->to, to);
	add(text, n->addr, "to other addresses than %s, the first to %s",
	    c->no_listen ? "-s's" : "-a's", to);
	if (c->places != NULL)
		add(text, n->mac, "to no host of --hosts, the first to %s", to);
	else if (c->mac != NULL)
		add(text, n->mac, "at another MAC than %s",
		    c->no_listen ? "the client's (-m sets it)" : "-m's");
	else
		add(text, n->mac,
		    "for no phantom (-a takes an address, at any MAC: the "
		    "first goes to %s)",
		    to);
	add(text, n->group, "at a group's MAC");
	add(text, n->wrapped, "in other headers (rawcap -r unwraps them)");
}

/* here - at a phantom, which did not take it */
static void
here(const struct nothing *n, char text[TEXT])
{
	bool client = n->cfg->no_listen;

	add(text, n->cksum,
	    "with a wrong checksum (--no-cksum takes them, as a capture on "
	    "the sending host has them)");
	add(text, n->closed,
	    "to ports that are closed (-p opens them: the "
	    "first is %u)",
	    n->closed_port);
	add(text, n->fragment, "fragments of packets that are not whole");
	add(text, n->half, "SYN%s that no right ACK followed",
	    n->half == 1 ? "" : "s");
	add(text, n->ack,
	    client ? "acknowledge what was not sent"
		   : "acknowledge what was not sent: the capture's server had "
		     "other "
		     "numbers (-r plays what it sent)");
	add(text, n->middle,
	    client ? "of another connection"
		   : "of no connection: no SYN came before");
	add(text, n->other, "dropped (%s%s)", n->why,
	    n->other > 1 ? ", see the log" : "");
}

void
nothing_say(const struct nothing *n, const struct tcp_stats *s, uint64_t cut)
{
	char text[TEXT] = "", left[LEFTOUT_TEXT];

	if (s->opened > 0 || s->cookies > 0 ||
	    (n->served > 0 && !n->cfg->no_listen))
		return;
	here(n, text);
	elsewhere(n, text);
	add(text, n->own, "sent by the phantom itself");
	add(text, cut, "captured short (capture whole packets)");
	leftout_text(&n->left, left);
	if (text[0] != '\0' || left[0] != '\0')
		say("no connection came of this: %s%s%s", text,
		    text[0] != '\0' && left[0] != '\0' ? "; " : "", left);
}
