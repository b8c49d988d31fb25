/*
 * vendor.c - the makers of network cards whose addresses a system is found
 * with, by the words in its name. The first three bytes of a MAC are published
 * by the IEEE; here are a few of each maker, of those that are frequent.
 */
#include <stdbool.h>
#include <string.h>

#include "hosts/hosts_var.h"

enum { PARTS = 3 };

/* the first whose word is in the name counts; what runs on any PC is last */
static const struct {
	const char *word;
	uint32_t part[PARTS]; /* 0: no more */
} known[] = {
    {"Apple", {0x3c0754, 0xa860b6, 0x001451}},
    {"macos", {0x3c0754, 0xa860b6, 0x001451}},
    {"macOS", {0x3c0754, 0xa860b6, 0x001451}},
    {"OS X", {0x3c0754, 0xa860b6, 0x001451}},
    {"printer", {0x3cd92b, 0x9cb654, 0x001e0b}},
    {"Linksys", {0x000c41, 0x001217, 0x0016b6}},
    {"cisco-ios", {0x00000c, 0x001b0d, 0x0019e8}},
    {"Cisco", {0x00000c, 0x001b0d, 0x0019e8}},
    {"Raspberry", {0xb827eb, 0xdca632, 0xe45f01}},
    {"Raspbian", {0xb827eb, 0xdca632, 0xe45f01}},
    {"HP ", {0x3cd92b, 0x9cb654, 0x001e0b}},
    {"HP-UX", {0x001e0b, 0x9cb654, 0x0001e6}},
    {"Compaq", {0x0008c7, 0x000802, 0x000bcd}},
    {"Dell", {0x001422, 0xb8ca3a, 0xd4bed9}},
    {"Xbox", {0x0017fa, 0x0025ae, 0x0050f2}},
    {"VMware", {0x005056, 0x000c29, 0x000569}},
    {"Sun ", {0x0003ba, 0x00144f, 0x0010e0}},
    {"Oracle", {0x0003ba, 0x00144f, 0x0010e0}},
    {"Solaris", {0x0003ba, 0x00144f, 0x0010e0}},
    {"IBM", {0x001125, 0x00145e, 0x000d60}},
    {"SGI", {0x080069}},
    {"Android", {0x001632, 0x00166b, 0x0015b9}},
    {"Samsung", {0x001599, 0x001377, 0x0000f0}},
    {"Juniper", {0x000585, 0x0014f6, 0x0019e2}},
    {"Huawei", {0x001882, 0x00259e, 0x001e10}},
    {"MikroTik", {0x000c42, 0x4c5e0c, 0x64d154}},
    {"Ubiquiti", {0x00156d, 0x24a43c, 0x44d9e7}},
    {"D-Link", {0x00055d, 0x001346, 0x00179a}},
    {"Netgear", {0x00095b, 0x00146c, 0x001b2f}},
    {"TP-LINK", {0x001d0f, 0x002127, 0x0023cd}},
    {"ZyXEL", {0x001349, 0x0023f8, 0x00a0c5}},
    {"AVM", {0x00040e, 0x001a4f, 0x0024fe}},
    {"Belkin", {0x001150, 0x00173f, 0x0030bd}},
    {"Buffalo", {0x000d0b, 0x001601, 0x001d73}},
    {"Asus", {0x0011d8, 0x0015f2, 0x001a92}},
    {"3Com", {0x000102, 0x000475, 0x000476}},
    {"Brother", {0x001ba9, 0x008077, 0x30055c}},
    {"Canon", {0x001e8f, 0x000085, 0x180cac}},
    {"Epson", {0x000048, 0x0026ab, 0x64eb8c}},
    {"Lexmark", {0x000400, 0x002000, 0x0021b7}},
    {"Xerox", {0x0000aa, 0x9c934e}},
    {"Ricoh", {0x000074, 0x002673}},
    {"Konica", {0x00206b, 0x0050aa}},
    {"Kyocera", {0x00c0ee, 0x0017c8}},
    {"Toshiba", {0x000039, 0x0015b7, 0x001c7e}},
    {"Synology", {0x001132}},
    {"QNAP", {0x245ebe, 0xe843b6}},
    {"NetApp", {0x00a098}},
    {"AXIS", {0x00408c, 0xaccc8e, 0xb8a44f}},
    {"Sony", {0x00041f, 0x0015c1, 0x001d0d}},
    {"Nintendo", {0x0009bf, 0x001656, 0x0019fd}},
    {"Fortinet", {0x00090f, 0x085b0e, 0x906cac}},
    {"Check Point", {0x001c7f, 0x00a08e}},
    {"Palo Alto", {0x001b17, 0x00869c}},
    {"SonicWALL", {0x0006b1, 0x0017c5}},
    {"F5", {0x0001d7, 0x000a49, 0x0023e9}},
    {"Extreme", {0x000130, 0x000496, 0x00e02b}},
    {"Aruba", {0x000b86, 0x001a1e, 0x00246c}},
    {"Polycom", {0x0004f2, 0x64167f}},
    {"Avaya", {0x00040d, 0x001b4f, 0x00e007}},
    {"Nokia", {0x0002ee, 0x00119f, 0x001370}},
    {"Siemens", {0x0001e3, 0x000e8c, 0x000ba3}},
    {"Motorola", {0x00047d, 0x000a28, 0x001f92}},
    {"Rockwell", {0x0000bc, 0x001d9c}},
    {"BSD", {0x002590, 0x0cc47a, 0x001b21}},
    {"freebsd", {0x002590, 0x0cc47a, 0x001b21}},
    {"indows", {0x001422, 0xb8ca3a, 0x001b21}},
    {"", {0x001b21, 0xa0369f, 0x002590}},
};

uint8_t
hosts_vendor(const char *os)
{
	uint8_t i = 0;

	while (strstr(os, known[i].word) == NULL)
		i++;
	return (uint8_t)(i + 1);
}

struct mac
hosts_vendor_mac(uint8_t vendor, uint64_t any)
{
	const uint32_t *part = known[vendor - 1].part;
	unsigned n = 1;
	uint32_t is;

	while (n < PARTS && part[n] != 0)
		n++;
	is = part[any % n];
	return (struct mac){
	    .b = {(uint8_t)(is >> 16), (uint8_t)(is >> 8), (uint8_t)is}};
}
