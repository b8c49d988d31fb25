/*
 * frame_test - of which type a frame is: for --types, which has rawcap's words.
 */
#include "base/bytes.h"
#include "frame.h"
#include "tap.h"

enum { ARP = 0x0806, V4 = 0x0800, V6 = 0x86dd, TAG = 0x8100 };

/* of - a frame of this EtherType and protocol, from the EtherType on; first:
   the first byte behind the header */
static unsigned
of(uint16_t type, uint8_t proto, uint16_t frag, uint8_t first)
{
	uint8_t p[64] = {0};

	put_be16(p, type);
	if (type == V4) {
		p[2] = 0x45;
		p[2 + 9] = proto;
		p[2 + 20] = first;
		put_be16(p + 2 + 6, frag);
	} else if (type == V6) {
		p[2 + 6] = proto;
		p[2 + 40] = first;
	}
	return frame_is(p, sizeof(p));
}

static unsigned
tagged(uint16_t type)
{
	uint8_t p[64] = {0};

	put_be16(p, TAG);
	put_be16(p + 4, TAG);
	put_be16(p + 8, type);
	return frame_is(p, sizeof(p));
}

/* short_ones - none is read behind its end; what shows nothing is nothing */
static void
short_ones(void)
{
	const uint16_t type[] = {ARP, V4, V6, TAG};
	uint8_t p[64];
	unsigned i, k, all = 0;

	for (i = 0; i < 4; i++)
		for (k = 0; k < 22; k++) {
			memset(p, 0, sizeof(p));
			put_be16(p, type[i]);
			all |= frame_is(p, k);
		}
	check((all & ~(unsigned)FRAME_ARP) == 0, "cut headers are of no type");
}

int
main(void)
{
	const unsigned ip = FRAME_TCP | FRAME_UDP | FRAME_ICMP | FRAME_ERROR |
			    FRAME_OTHER;

	check(frame_types("tcp,icmp") == (FRAME_TCP | FRAME_ICMP), "two words");
	check(frame_types("arp") == FRAME_ARP &&
		  frame_types("error") == FRAME_ERROR &&
		  frame_types("other") == FRAME_OTHER,
	    "one");
	check(frame_types("") == 0 && frame_types("tcp,") == 0 &&
		  frame_types("tcp,x") == 0 && frame_types("tc") == 0,
	    "what is no list of words");
	check(of(ARP, 0, 0, 0) == FRAME_ARP, "ARP");
	check(of(V4, 6, 0x4000, 0) == FRAME_TCP, "TCP, not to be fragmented");
	check(of(V4, 17, 0, 0) == FRAME_UDP, "UDP");
	check(of(V4, 1, 0, 0) == FRAME_ICMP && of(V4, 1, 0, 8) == FRAME_ICMP,
	    "ICMP");
	check(of(V4, 1, 0, 3) == (FRAME_ICMP | FRAME_ERROR) &&
		  of(V4, 1, 0, 11) == (FRAME_ICMP | FRAME_ERROR),
	    "which may be an error");
	check(of(V4, 47, 0, 0) == FRAME_OTHER, "another protocol");
	check(of(V4, 6, 0x2000, 0) == ip && of(V4, 6, 0x0001, 0) == ip,
	    "fragments go to all that take IP");
	check(of(V6, 6, 0, 0) == FRAME_TCP, "TCP on IPv6");
	check(of(V6, 58, 0, 128) == FRAME_ICMP, "ICMPv6");
	check(of(V6, 58, 0, 2) == (FRAME_ICMP | FRAME_ERROR),
	    "which may be an error");
	check(of(V6, 58, 0, 135) == (FRAME_ICMP | FRAME_ARP),
	    "Neighbor Discovery is ICMPv6, and goes where ARP goes");
	check(of(V6, 44, 0, 0) == ip, "behind an extension header");
	check(tagged(ARP) == FRAME_ARP, "behind tags");
	check(of(0x88cc, 0, 0, 0) == 0, "neither ARP nor IP");
	short_ones();
	return done();
}
