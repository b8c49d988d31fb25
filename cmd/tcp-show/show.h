/*
 * show.h - a segment as shell assignments. Include stream.h first.
 */
#ifndef TCP_SHOW_SHOW_H
#define TCP_SHOW_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/leftout.h"
#include "capture/seglist.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"

enum {
	SHOW_ENDS = 8,	   /* of each kind in a selection */
	SHOW_FIXED = 2048, /* bytes of a line without the data's */
};

struct stream_rec;

/* a segment, taken apart */
struct shown {
	struct ether_hdr eth;
	struct ip_hdr ip;
	struct tcp_hdr tcp;
	const uint8_t *frame, *opt, *data;
	size_t nopt, len; /* bytes of options; of data, */
	size_t there;	  /* and how many of them are there */
	enum seg_sum sum; /* is the checksum right? */
	bool cut;	  /* not all of the segment was captured */
};

/* an address and a port; each may be any */
struct show_end {
	struct ip_addr addr;
	uint16_t port; /* 0: any */
	bool any;      /* address */
};

/* which segments are shown */
struct selection {
	struct show_end from, to;
	struct ip_addr addr[SHOW_ENDS]; /* -a: one of these at either end */
	uint16_t port[SHOW_ENDS];	/* -p */
	unsigned naddr, nport;
	uint16_t flags; /* all of these are set */
	bool data;	/* there is some */
};

/*
 * show_decode - the TCP segment in a frame, or in a tunnel in it. 
 * LEFT_NOTHING when there is one, else why not. show_word - that in a word
 */
enum left show_decode(const struct stream_rec *, bool decap, struct shown *out);
const char *show_word(enum left);

bool show_selected(const struct selection *, const struct shown *);

/*
 * show_line - all assignments and a newline into to, which has room for
 * SHOW_FIXED + TCP_BYTE_TEXT * there bytes; without the data's text when
 * data is false. Returns the bytes put.
 */
size_t show_line(const struct shown *, uint64_t stamp, bool data, char *to);

#endif
