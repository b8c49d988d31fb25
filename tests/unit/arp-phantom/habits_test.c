/*
 * habits_test.c - the odd requests of arp-fingerprint(1), and what each system
 * answers: those of the file, and the one that it does not name. Prints TAP.
 */
#include "engine.h"
#include "hosts/hosts.h"

static const char net[] =
    "host 10.0.0.1 os linux\n"
    "host 10.0.0.2 os windows-10\n"
    "host 10.0.0.3 os freebsd\n"
    "host 10.0.0.4 os macos\n"
    "host 10.0.0.5 os printer\n"
    "host 10.0.0.6 os cisco-ios\n"
    "host 10.0.0.7\n"
    "host 10.0.0.8 os 'OpenBSD 4.9 - 5.1'\n"
    "host 10.0.0.9 os 'Microsoft Windows XP SP2'\n"
    "host 10.0.0.10 os 'Sun Solaris 10'\n"
    "host 10.0.0.11 os 'Cisco PIX Firewall (PIX OS 6.3)'\n"
    "host 2001:db8::1 os linux\n"
    "host 2001:db8::2 os windows-10\n"
    "host 2001:db8::6 os cisco-ios\n"
    "net 2001:db8:1::/64 behind 2001:db8::9\n";

/* as arp-fingerprint(1) prints them */
static const char *const prints[] = {"01010100000", "01010100000",
    "11110100000", "11110000000", "11110000011", "00000100000", "01010100000",
    "11110000011", "11110100000", "11110110000", "11110111111"};

/* odd - the request number i of that program */
static size_t
odd(unsigned i, const char *target)
{
	static const char *const from[] = {
	    "127.0.0.1", "0.0.0.0", "255.255.255.255", "1.0.0.1"};
	size_t n = request(ASKER, i < 4 ? from[i] : "10.0.0.99", target);
	uint8_t *arp = frame + 14;

	switch (i) {
	case 4:
		put_be16(arp + 6, 255);
		break;
	case 5:
		put_be16(arp, 6);
		break;
	case 6:
		put_be16(arp, 255);
		break;
	case 7:
		put_be16(arp + 2, 0xffff);
		break;
	case 8:
		put_be16(arp + 2, 0x8137);
		break;
	case 9:
		arp[5] = 6;
		break;
	case 10:
		arp[4] = 8;
		break;
	default:
		break;
	}
	return n;
}

static void
test_arp_prints(void)
{
	char target[IP_TEXT], got[12] = "";
	struct claim_totals before, then;
	unsigned h, i;

	for (h = 0; h < 11; h++) {
		snprintf(target, sizeof(target), "10.0.0.%u", h + 1);
		for (i = 0; i < 11; i++)
			got[i] = give(T0, odd(i, target)) ? '1' : '0';
		check(strcmp(got, prints[h]) == 0, "%s: %s", target, got);
	}
	give(T0, odd(10, "10.0.0.5"));
	check(e.last[14 + 4] == 8 && e.last[14 + 5] == 4 &&
		  get_be16(e.last + 20) == ARP_REPLY,
	    "the answer has the length that was asked with");
	claim_totals(e.c, &before);
	give(T0, odd(5, "10.0.0.200"));
	claim_totals(e.c, &then);
	check(then.answered == before.answered &&
		  then.dropped == before.dropped + 1,
	    "an odd request for another is none of ours");
}

/* asked - the answer to a solicitation by unicast or by the group */
static struct nd
asked(const char *target, bool unicast)
{
	struct nd nd = {.src = ip("2001:db8::99"), .target = ip(target)}, got;
	struct mac to;
	size_t n;

	nd_group(&nd.target, &nd.dst);
	if (unicast)
		nd.dst = nd.target;
	n = nd_frame(ASKER, &nd);
	if (unicast) {
		to = hosts_mac(
		    hosts, hosts_find(hosts, &nd.target), &nd.target);
		memcpy(frame, to.b, 6);
	}
	memset(&got, 0, sizeof(got));
	give(T0, n);
	nd_decode(e.last + 14, e.len - 14, &got);
	return got;
}

static void
test_advertisements(void)
{
	struct nd group = asked("2001:db8::1", false),
		  one = asked("2001:db8::1", true),
		  windows = asked("2001:db8::2", true),
		  cisco = asked("2001:db8::6", true),
		  router = asked("2001:db8::9", true);

	check(group.has_lla && group.override && !group.router &&
		  !one.has_lla && !one.override && one.solicited,
	    "RFC 4861 7.2.4: asked by unicast, a Linux does not give its MAC");
	check(windows.has_lla && windows.override && windows.solicited,
	    "a Windows does");
	check(cisco.router && router.router && !windows.router,
	    "RFC 4861 4.4: a router says so");
}

int
main(void)
{
	char error[HOSTS_ERROR] = "";

	hosts = hosts_text("net", net, strlen(net), error);
	check(hosts != NULL, "the file is read: %s", error);
	engine("10.9.9.9", NULL, 'n');
	test_arp_prints();
	test_advertisements();
	return done();
}
