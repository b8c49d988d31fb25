/*
 * drop.c - the words for drop.h.
 */
#include "drop.h"

const char *
drop_name(enum drop d)
{
	static const char *const name[DROP_IP] = {
	    [DROP_SOURCE] = "source",
	    [DROP_ICMP_SHORT] = "icmp-short",
	    [DROP_ICMP_CKSUM] = "icmp-checksum",
	    [DROP_MTU] = "icmp-mtu",
	    [DROP_UDP] = "udp-header",
	    [DROP_CKSUM] = "checksum",
	    [DROP_RATE] = "rate",
	    [DROP_DHCP] = "dhcp",
	    [DROP_SILENT] = "silent",
	    [DROP_AMPLIFY] = "amplify",
	    [DROP_BUSY] = "busy",
	};

	if (d >= DROP_FRAG)
		return ipfrag_name((enum ipfrag_result)(d - DROP_FRAG));
	if (d >= DROP_IP)
		return ip_error_name((enum ip_error)(d - DROP_IP));
	return name[d];
}
