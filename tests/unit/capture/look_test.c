/*
 * look_test.c - link headers and what stands around IP: each cut at every
 * byte, lengths that lie, and the count of what is left out.
 */
#include <stdlib.h>

#include "base/bytes.h"
#include "capture/link.h"
#include "capture/look.h"
#include "capture/seglist.h"
#include "pipe/stream.h"
#include "tap.h"
#include "wire/ether.h"

/* a SYN from 10.0.0.9:40000 to 10.0.0.5:80; no checksum is right */
static const uint8_t syn[40] = {0x45, 0, 0, 40, 0, 7, 0x40, 0, 64, 6, 0, 0, 10,
    0, 0, 9, 10, 0, 0, 5, 0x9c, 0x40, 0, 80, 0, 0, 0, 99, 0, 0, 0, 0, 0x50, 2,
    0x20, 0, 0, 0, 0, 0};

enum { ROOM = 256 };

/* rec - the header and the SYN at the end of memory of its own */
static struct stream_rec
rec(uint8_t *mem, const uint8_t *header, uint32_t n, uint32_t cut)
{
	struct stream_rec r = {.caplen = n + 40 - cut, .len = n + 40};

	r.data = mem + ROOM - r.caplen;
	if (n > 0)
		memcpy(r.data, header, n < r.caplen ? n : r.caplen);
	if (n < r.caplen)
		memcpy(r.data + n, syn, r.caplen - n);
	return r;
}

static void
links(void)
{
	static const struct {
		const char *name;
		uint32_t type, n;
		uint8_t header[20];
	} link[] = {
	    {"RAW", LINK_RAW, 0, {0}},
	    {"NULL", LINK_NULL, 4, {2, 0, 0, 0}},
	    {"LOOP", LINK_LOOP, 4, {0, 0, 0, 2}},
	    {"SLL", LINK_LINUX_SLL, 16, {[14] = 8}},
	    {"SLL2", LINK_LINUX_SLL2, 20, {8, 0}},
	    {"PPP", LINK_PPP, 4, {0xff, 3, 0, 0x21}},
	    {"PPP, compressed", LINK_PPP, 1, {0x21}},
	    {"PPPoE", LINK_PPP_ETHER, 8, {0x11, 0, 0, 1, 0, 42, 0, 0x21}},
	    {"HDLC", LINK_C_HDLC, 4, {0x0f, 0, 8, 0}},
	};
	uint8_t *mem = malloc(ROOM);
	struct stream_rec r;
	struct tcpseg s;
	uint32_t i, cut;
	int good, bad;

	for (i = 0; i < sizeof(link) / sizeof(link[0]); i++) {
		r = rec(mem, link[i].header, link[i].n, 0);
		check(link_to_ether(link[i].type, &r) == LEFT_NOTHING &&
			  tcpseg_decode(&r, false, &s) == LEFT_NOTHING &&
			  s.seq == 99 && s.src.port == 40000 && s.len == 0,
		    "%s becomes Ethernet", link[i].name);
		for (good = bad = 0, cut = 1; cut < link[i].n + 40; cut++) {
			r = rec(mem, link[i].header, link[i].n, cut);
			good++;
			bad += link_to_ether(link[i].type, &r) ==
				   LEFT_NOTHING &&
			       tcpseg_decode(&r, true, &s) == LEFT_NOTHING;
		}
		check(bad == 0, "and %d cut ones are none", good);
	}
	r = rec(mem, NULL, 0, 0);
	link_to_ether(LINK_RAW, &r);
	check(
	    memcmp(r.data, "\x02\x50\x0a\0\0\x05\x02\x50\x0a\0\0\x09", 12) == 0,
	    "its MACs are 02:50 and the last four bytes of the address");
	r = rec(mem, NULL, 0, 0);
	check(link_to_ether(105, &r) == LEFT_LINK, "others are left out");
	free(mem);
}

/* frames - Ethernet with so many tags, then the SYN: are looked through */
static void
tags(void)
{
	uint8_t frame[ROOM] = {0};
	struct stream_rec r = {.data = frame};
	struct look l;
	uint32_t n, i;
	int good = 0;

	for (n = 0; n < 40; n++) {
		for (i = 0; i < n; i++)
			put_be16(frame + 12 + 4 * i, 0x88a8);
		put_be16(frame + 12 + 4 * n, ETHER_IP4);
		memcpy(frame + 14 + 4 * n, syn, sizeof(syn));
		r.caplen = r.len = 14 + 4 * n + 40;
		good += look_at(&r, false, &l) == LEFT_NOTHING &&
			l.l3 == 14 + 4 * n;
	}
	check(good >= 8 && good < 40, "%d tags are passed, then no more", good);
	look_at(&r, false, &l);
	frame[12] = frame[13] = 0;
	check(look_at(&r, false, &l) == LEFT_NOT_IP, "a length is no type");
}

/* auth - AH behind IPv4, so many of its 24 bytes and of TCP's 20 there */
static void
auth(uint32_t there, enum left want, const char *what)
{
	uint8_t frame[ROOM] = {[12] = 8, [34] = 6, [35] = 4};
	struct stream_rec r = {
	    .data = frame, .caplen = 34 + there, .len = 34 + 44};
	struct tcpseg s = {.flags = 0};

	memcpy(frame + 14, syn, 20);
	memcpy(frame + 58, syn + 20, 20);
	put_be16(frame + 16, 64);
	frame[14 + 9] = 51;
	check(tcpseg_decode(&r, false, &s) == want &&
		  (want != LEFT_NOTHING || ((s.flags & TH_SYN) && s.len == 0)),
	    "%s", what);
	frame[35] = 20;
	r.caplen = r.len;
	check(tcpseg_decode(&r, false, &s) == LEFT_IP,
	    "an authentication header beyond the packet");
}

static void
lengths(void)
{
	uint8_t frame[ROOM] = {[12] = 8};
	struct stream_rec r = {.data = frame, .caplen = 154, .len = 2000};
	struct tcpseg s;

	memcpy(frame + 14, syn, sizeof(syn));
	put_be16(frame + 16, 0);
	check(tcpseg_decode(&r, false, &s) == LEFT_NOTHING && s.len == 1946 &&
		  s.there == 100,
	    "a total length of 0 is the frame's");
	put_be16(frame + 16, 1500);
	check(tcpseg_decode(&r, false, &s) == LEFT_NOTHING && s.len == 1460 &&
		  s.there == 100,
	    "of a cut one the header's counts");
	put_be16(frame + 16, 44);
	check(tcpseg_decode(&r, false, &s) == LEFT_NOTHING && s.len == 4 &&
		  s.there == 4,
	    "what is behind it is padding");
	put_be16(frame + 16, 19);
	check(tcpseg_decode(&r, false, &s) == LEFT_IP, "shorter than itself");
	put_be16(frame + 16, 39);
	check(tcpseg_decode(&r, false, &s) == LEFT_TCP, "no room for TCP");
	put_be16(frame + 16, 60);
	frame[14 + 32] = 0xf0;
	check(tcpseg_decode(&r, false, &s) == LEFT_TCP,
	    "a TCP header beyond the packet");
}

static void
counts(void)
{
	struct leftout a = {.links = 0}, b = {.links = 0};
	char text[LEFTOUT_TEXT];
	uint32_t i;

	check(leftout_text(&a, text)[0] == '\0', "nothing is not told");
	leftout_count(&a, LEFT_NOTHING);
	leftout_count(&a, LEFT_EMPTY);
	check(leftout_total(&a) == 0, "nor what is no reason");
	leftout_count(&a, LEFT_ARP);
	check(strcmp(leftout_text(&a, text), "1 packet left out: ARP") == 0,
	    "one: %s", text);
	for (i = 0; i < 3; i++)
		leftout_count(&b, LEFT_MPLS);
	leftout_add(&a, &b);
	check(strcmp(leftout_text(&a, text),
		  "4 packets left out: 3 MPLS, 1 ARP") == 0,
	    "by their number: %s", text);
	for (i = 0; i < 100; i++)
		leftout_link(&a, 1000 + i);
	for (i = 0; i < LEFT_KINDS; i++)
		leftout_count(&a, (enum left)i);
	check(leftout_total(&a) == 104 + LEFT_KINDS - 2 &&
		  strlen(leftout_text(&a, text)) < LEFTOUT_TEXT,
	    "a hundred link types are counted, and eight told");
}

int
main(void)
{
	links();
	tags();
	auth(44, LEFT_NOTHING, "TCP behind an authentication header");
	auth(1, LEFT_CUT, "a cut in it");
	auth(20, LEFT_CUT, "behind its length");
	auth(30, LEFT_CUT_TCP, "and in TCP");
	lengths();
	counts();
	return done();
}
