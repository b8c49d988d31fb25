/*
 * habits.c - what the systems do at the edge of the stack, by their names, as
 * databases of their TCP do not tell it.
 *
 * Which odd ARP requests they answer are facts that arp-fingerprint(1) has
 * published: it looks at eleven requests, in this order: from 127.0.0.1, from
 * 0.0.0.0, from 255.255.255.255, from another network, with an unknown
 * operation (nobody answers that), with the hardware types 6 and 255, with the
 * protocols 0xffff and IPX, with a wrong length of the protocol's and of the
 * hardware's address. What they do with IPv6 is in the fingerprints that
 * nmap(1) has been sent, and for the BSDs in their public source; with ICMP
 * timestamps, in studies of the whole Internet.
 */
#include <stddef.h>
#include <string.h>

#include "hosts/hosts_var.h"
#include "wire/neigh.h"

/* of IPv6: as the BSDs do it; the code of an echo request is not sent back;
   its MAC is advertised also to one that knows it; a router of Cisco */
enum {
	BSD = 1 << 0,
	NO_CODE = 1 << 1,
	FULL = 1 << 2,
	CISCO = 1 << 3,
	/* ICMP timestamps: none; the low byte first */
	NO_STAMP = 1 << 4,
	LOW_FIRST = 1 << 5,
	/* IPv4: an ICMP error has internetwork control's precedence */
	CONTROL = 1 << 6,
	/* and a datagram DF: as a Linux that looks for the MTU of a path */
	LINUX = 1 << 7 | CONTROL,
};

/* the first whose word is in the name counts */
static const struct {
	const char *word, *arp;
	unsigned does;
} known[] = {
    {"Linux 2.0.", "11110000000", CONTROL},
    {"Linux", "01010100000", LINUX},
    {"Android", "01010000000", LINUX},
    {"Windows 95", "10110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows NT 3", "10110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows 98", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows Me", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows NT", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows 2000", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows XP", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows Server 2003", "11110100000", NO_CODE | FULL | LOW_FIRST},
    {"Windows", "01010100000", NO_CODE | FULL | LOW_FIRST}, /* since Vista */
    {"windows-10", "01010100000", NO_CODE | FULL | LOW_FIRST},
    {"FreeBSD 4", "11110100011", BSD},
    {"FreeBSD", "11110100000", BSD},
    {"freebsd", "11110100000", BSD},
    {"DragonFly", "11110100000", BSD},
    {"FortiOS", "11110100000", 0},
    {"NetBSD 2", "10110110000", BSD},
    {"NetBSD 3", "10110110000", BSD},
    {"NetBSD 4", "10110110000", BSD},
    {"NetBSD 5", "10110110000", BSD},
    {"NetBSD", "11110110000", BSD},
    {"Solaris", "11110110000", NO_CODE},
    {"HP-UX", "11110110000", 0},
    {"OpenBSD", "11110000011", BSD},
    {"RISC OS", "11110000011", 0},
    {"VxWorks", "11110000011", 0},
    {"printer", "11110000011", NO_CODE | FULL}, /* many have VxWorks */
    {"OS X 10.3", "11110100011", BSD | NO_STAMP},
    {"IRIX", "11110100011", 0},
    {"AIX", "11110100011", 0},
    {"Apple", "11110000000", BSD | NO_STAMP},
    {"OS X", "11110000000", BSD | NO_STAMP},
    {"macos", "11110000000", BSD | NO_STAMP},
    {"macOS", "11110000000", BSD | NO_STAMP},
    {"BeOS", "11110000000", 0},
    {"IPSO", "11110000000", 0},
    {"Minix", "11110000000", 0},
    {"Cisco Catalyst", "11110100000", CONTROL},
    {"PIX OS 6", "11110111111", 0},
    {"PIX", "01010110011", 0},
    {"IOS 1", "00000100000", CISCO | CONTROL},
    {"cisco-ios", "00000100000", CISCO | CONTROL},
    {"ScreenOS", "01000111111", 0},
    {"NetWare", "00000110000", 0},
    {"Plan 9", "11110111111", 0},
    {"Hurd", "01010000000", 0},
    {"SCO ", "10010100011", 0},
    /* a Linux */
    {"", "01010100000", LINUX},
};

void
hosts_habits(const char *os, struct hosts_habits *out)
{
	const char *name = os != NULL ? os : "";
	size_t i = 0, k;

	while (strstr(name, known[i].word) == NULL)
		i++;
	*out = (struct hosts_habits){.router = known[i].does & CISCO,
	    .no_problem = known[i].does & CISCO,
	    .advert_full = known[i].does & FULL,
	    .echo_no_code = known[i].does & NO_CODE,
	    .echo_code_0 = known[i].does & BSD,
	    .no_stamp = known[i].does & NO_STAMP,
	    .stamp_low_first = known[i].does & LOW_FIRST,
	    .icmp6_plain = known[i].does & BSD,
	    .control = known[i].does & CONTROL,
	    .udp_df = (known[i].does & LINUX) == LINUX};
	for (k = 0; known[i].arp[k] != '\0'; k++)
		if (known[i].arp[k] == '1')
			out->odd |= (uint16_t)(1U << k);
}

/* leads - there is a net behind it */
static bool
leads(const struct hosts *h, const struct ip_addr *a)
{
	size_t i;

	for (i = 0; i < h->nnet; i++)
		if (ip_equal(&h->net[i].router, a))
			return true;
	return false;
}

struct hosts_habits
hosts_habits_of(const struct hosts *h, const struct ip_addr *a)
{
	const struct hosts_entry *e = h != NULL ? hosts_find(h, a) : NULL;
	struct hosts_habits is;

	if (e == NULL) {
		hosts_habits(NULL, &is);
		return is;
	}
	is = hosts_manner(h, e)->habits;
	is.router |= leads(h, a);
	return is;
}
