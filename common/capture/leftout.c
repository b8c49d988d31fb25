/*
 * leftout.c - see leftout.h.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "capture/leftout.h"

enum { LINK_TEXT = 32, LINK_USER0 = 147, LINK_USER15 = 162 };

static const char *const name[LEFT_KINDS] = {
    [LEFT_CUT] = "cut before TCP",
    [LEFT_CUT_TCP] = "cut within TCP",
    [LEFT_IP] = "with a damaged IP header",
    [LEFT_TCP] = "with a damaged TCP header",
    [LEFT_FRAGMENT] = "IP fragments",
    [LEFT_NOT_IP] = "not IP",
    [LEFT_ARP] = "ARP",
    [LEFT_MPLS] = "MPLS",
    [LEFT_PPPOE] = "PPPoE",
    [LEFT_PPP] = "PPP control",
    [LEFT_UDP] = "UDP",
    [LEFT_ICMP] = "ICMP",
    [LEFT_PROTO] = "other IP protocols",
    [LEFT_GRE] = "GRE",
    [LEFT_VXLAN] = "VXLAN",
    [LEFT_GENEVE] = "Geneve",
    [LEFT_GTPU] = "GTP-U",
    [LEFT_6IN4] = "6in4",
    [LEFT_4IN6] = "4in6",
    [LEFT_IPIP] = "IP in IP",
    [LEFT_LINK] = "of other link types",
};

/* link types whose names people know better, tcpdump.org/linktypes.html */
static const struct {
	uint32_t type;
	const char *name;
} link_name[] = {
    {6, "Token Ring"},
    {10, "FDDI"},
    {105, "802.11"},
    {107, "Frame Relay"},
    {117, "PFLOG"},
    {119, "802.11 with Prism"},
    {127, "802.11 with radiotap"},
    {163, "802.11 with AVS"},
    {187, "Bluetooth"},
    {189, "USB"},
    {192, "PPI"},
    {195, "802.15.4"},
    {201, "Bluetooth"},
    {220, "USB"},
    {227, "CAN"},
    {230, "802.15.4"},
    {239, "NFLOG"},
    {249, "USB"},
    {253, "netlink"},
};

/* name_of - in parentheses, or "" */
static const char *
name_of(uint32_t type, char buf[LINK_TEXT])
{
	size_t i;

	buf[0] = '\0';
	if (type >= LINK_USER0 && type <= LINK_USER15)
		snprintf(buf, LINK_TEXT, " (private use)");
	for (i = 0; i < sizeof(link_name) / sizeof(link_name[0]); i++)
		if (link_name[i].type == type)
			snprintf(buf, LINK_TEXT, " (%s)", link_name[i].name);
	return buf;
}

void
leftout_count(struct leftout *l, enum left why)
{
	if (why != LEFT_NOTHING && why != LEFT_EMPTY)
		l->n[why]++;
}

static void
count_links(struct leftout *l, uint32_t type, uint64_t n)
{
	unsigned i;

	for (i = 0; i < l->links && l->link[i].type != type; i++)
		;
	if (i == LEFTOUT_LINKS) {
		l->n[LEFT_LINK] += n;
		return;
	}
	if (i == l->links)
		l->link[l->links++].type = type;
	l->link[i].n += n;
}

void
leftout_link(struct leftout *l, uint32_t type)
{
	count_links(l, type, 1);
}

void
leftout_add(struct leftout *l, const struct leftout *more)
{
	unsigned i;

	for (i = 0; i < LEFT_KINDS; i++)
		l->n[i] += more->n[i];
	for (i = 0; i < more->links; i++)
		count_links(l, more->link[i].type, more->link[i].n);
}

uint64_t
leftout_total(const struct leftout *l)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < LEFT_KINDS; i++)
		sum += l->n[i];
	for (i = 0; i < l->links; i++)
		sum += l->link[i].n;
	return sum;
}

/* leftout_tunnels - of them in a tunnel */
static uint64_t
leftout_tunnels(const struct leftout *l)
{
	uint64_t sum = 0;
	int i;

	for (i = LEFT_GRE; i <= LEFT_IPIP; i++)
		sum += l->n[i];
	return sum;
}

/* ---- the line */

enum { REASONS = LEFT_KINDS + LEFTOUT_LINKS };

/* count_of - of reason i: a kind, or behind those a link type */
static uint64_t
count_of(const struct leftout *l, unsigned i)
{
	return i < LEFT_KINDS ? l->n[i] : l->link[i - LEFT_KINDS].n;
}

/* largest - of the reasons that are not used yet; REASONS: none is left */
static unsigned
largest(const struct leftout *l, const bool used[REASONS])
{
	unsigned i, best = REASONS;

	for (i = 0; i < LEFT_KINDS + l->links; i++)
		if (!used[i] && count_of(l, i) > 0 &&
		    (best == REASONS || count_of(l, i) > count_of(l, best)))
			best = i;
	return best;
}

static void put(char *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
put(char *buf, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + n, LEFTOUT_TEXT - n, fmt, ap);
	va_end(ap);
}

/* reasons - as leftout_text(), but for what was missed */
static char *
reasons(const struct leftout *l, const char *what, char *buf)
{
	uint64_t all = leftout_total(l), n;
	bool used[REASONS] = {false};
	char link[LINK_TEXT];
	const char *comma = " ";
	unsigned i;

	buf[0] = '\0';
	if (all == 0)
		return buf;
	put(buf, "%llu packet%s %s:", (unsigned long long)all,
	    all == 1 ? "" : "s", what);
	while ((i = largest(l, used)) != REASONS) {
		n = count_of(l, i);
		used[i] = true;
		put(buf, "%s", comma);
		comma = ", ";
		if (n < all)
			put(buf, "%llu ", (unsigned long long)n);
		if (i < LEFT_KINDS)
			put(buf, "%s", name[i]);
		else
			put(buf, "of link type %lu%s",
			    (unsigned long)l->link[i - LEFT_KINDS].type,
			    name_of(l->link[i - LEFT_KINDS].type, link));
	}
	return buf;
}

char *
leftout_text(const struct leftout *l, char *buf)
{
	return reasons(l, "left out", buf);
}

/* say_reasons - on stderr */
static void
say_reasons(const struct leftout *l, const char *what)
{
	char text[LEFTOUT_TEXT];

	if (reasons(l, what, text)[0] == '\0')
		return;
	if (leftout_tunnels(l) > 0)
		put(text, "; --decap looks into tunnels");
	say("%s", text);
}

void
leftout_say(const struct leftout *l)
{
	say_reasons(l, "left out");
}

void
leftout_unmarked(const struct leftout *l)
{
	say_reasons(l, "without marks");
}

void
leftout_beyond(uint64_t n)
{
	if (n > 0)
		say("%llu packet%s beyond 2106, which a packet stream cannot "
		    "hold: of the seconds 32 bits were written",
		    (unsigned long long)n,
		    n == 1 ? " has a time" : "s have times");
}
