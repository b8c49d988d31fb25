/*
 * leftout.h - what a reader of captures does not take, counted by reason, and
 * printed in one line.
 */
#ifndef CAPTURE_LEFTOUT_H
#define CAPTURE_LEFTOUT_H

#include <stdint.h>

/* why a packet is left out; LEFT_NOTHING: it is not */
enum left {
	LEFT_NOTHING,
	LEFT_EMPTY, /* no packet: a recorded run's mark. Never counted */
	LEFT_CUT,   /* ends before the header that was looked for */
	LEFT_CUT_TCP,
	LEFT_IP,  /* damaged */
	LEFT_TCP, /* damaged */
	LEFT_FRAGMENT,
	LEFT_NOT_IP,
	LEFT_ARP,
	LEFT_MPLS,
	LEFT_PPPOE,
	LEFT_PPP,
	LEFT_UDP,
	LEFT_ICMP,
	LEFT_PROTO, /* another protocol in IP */
	/* tunnels, which --decap looks into */
	LEFT_GRE,
	LEFT_VXLAN,
	LEFT_GENEVE,
	LEFT_GTPU,
	LEFT_6IN4,
	LEFT_4IN6,
	LEFT_IPIP,
	LEFT_LINK, /* a link type that is not known: leftout_link() */
	LEFT_KINDS
};

enum { LEFTOUT_LINKS = 8, LEFTOUT_TEXT = 512 };

struct leftout {
	uint64_t n[LEFT_KINDS];
	/* link types that are not known; those beyond are one kind */
	struct {
		uint32_t type;
		uint64_t n;
	} link[LEFTOUT_LINKS];
	unsigned links;
};

/* leftout_count, leftout_link - one packet more */
void leftout_count(struct leftout *, enum left);
void leftout_link(struct leftout *, uint32_t type);

/* leftout_add - all that another has counted */
void leftout_add(struct leftout *, const struct leftout *);

uint64_t leftout_total(const struct leftout *);

/*
 * leftout_text - "12 packets left out: 9 MPLS, 3 cut before TCP", the most
 * frequent first, or "" when there is none, into buf of LEFTOUT_TEXT bytes;
 * returns buf
 */
char *leftout_text(const struct leftout *, char *buf);

/* leftout_say - that line on stderr, unless there is none; only for mains */
void leftout_say(const struct leftout *);

/* leftout_unmarked - the same of packets that were not left out, but are no
   segments and have no marks */
void leftout_unmarked(const struct leftout *);

/* leftout_beyond - the same of n packets whose times a stream cannot hold */
void leftout_beyond(uint64_t n);

#endif
