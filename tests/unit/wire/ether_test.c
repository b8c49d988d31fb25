/* ether_test.c - Ethernet headers, VLAN tags, the MAC of a phantom */
#include "base/bytes.h"
#include "tap.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

int
main(void)
{
	uint8_t f[40] = {2, 0x50, 10, 0, 0, 5, 2, 0xaa, 0, 0, 0, 9, 8, 0};
	struct ether_hdr e;
	struct ip_addr a;
	struct mac m, n;
	char buf[MAC_TEXT];

	check(ether_decode(f, 14, &e) == 0 && e.type == ETHER_IP4 &&
		  e.hlen == 14 && memcmp(e.dst.b, f, 6) == 0 &&
		  memcmp(e.src.b, f + 6, 6) == 0,
	    "an untagged header");
	check(ether_decode(f, 13, &e) == -1, "a byte is missing");
	check(ether_decode(f, 0, &e) == -1, "no byte");
	put_be16(f + 12, ETHER_VLAN);
	put_be16(f + 16, ETHER_IP6);
	check(
	    ether_decode(f, 18, &e) == 0 && e.type == ETHER_IP6 && e.hlen == 18,
	    "one tag");
	check(ether_decode(f, 17, &e) == -1, "half a tag");
	put_be16(f + 12, ETHER_QINQ);
	put_be16(f + 16, ETHER_VLAN);
	put_be16(f + 20, ETHER_ARP);
	check(
	    ether_decode(f, 22, &e) == 0 && e.type == ETHER_ARP && e.hlen == 22,
	    "two tags");
	put_be16(f + 20, ETHER_VLAN);
	check(ether_decode(f, 40, &e) == -1, "three tags");

	parse_addr("10.0.0.5", &a);
	mac_of_phantom(&a, &m);
	check(strcmp(mac_text(&m, buf), "02:50:0a:00:00:05") == 0,
	    "10.0.0.5 is at %s", buf);
	parse_addr("2001:db8::1234:5678", &a);
	mac_of_phantom(&a, &n);
	check(strcmp(mac_text(&n, buf), "02:50:12:34:56:78") == 0,
	    "2001:db8::1234:5678 is at %s", buf);
	check(mac_equal(&m, &m) && !mac_equal(&m, &n), "mac_equal");
	parse_mac("01:00:5e:00:00:01", &n);
	check(mac_is_group(&n) && !mac_is_group(&m), "mac_is_group");
	return done();
}
