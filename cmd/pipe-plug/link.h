/*
 * link.h - one end that pipe-plug joins: where frames come from and go to, and
 * in which form.
 */
#ifndef PIPE_PLUG_LINK_H
#define PIPE_PLUG_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/dial.h"
#include "pipe/child.h"
#include "pipe/stream.h"

/* how frames lie in what is read and written */
enum form {
	FORM_STREAM, /* a packet stream */
	FORM_LENGTH, /* four bytes of length before each, as QEMU has it */
	FORM_ONE,    /* one is what one read() and one write() are */
};

enum { LINK_LONGEST = 65535 + 22, LINK_QUEUE = 1 << 20 };

struct tap;

/* where the frames go that a link gives */
struct taker {
	void *ctx;
	void (*take)(void *ctx, uint64_t now, uint8_t *frame, size_t n);
	/* those taken so far will be written over */
	void (*done)(void *ctx);
};

struct link {
	const char *text; /* as it was given */
	enum form form;
	int in, out;	 /* descriptors; -1: closed */
	bool own;	 /* our own stdin and stdout */
	bool file;	 /* and stdout is one: all is written at once, */
	int failed;	 /* or not: errno, and the file has been cut */
	struct tap *tap; /* that has a virtio header before each frame */
	bool dials;	 /* it is a socket, made again when it ends, */
	int asker;	 /* by this process; its socket */
	bool asked;
	struct dial dial;
	struct child child;
	bool iface; /* it is that of the programs of an interface */
	bool full;  /* takes no more at present */
	bool ended;
	struct stream_in from; /* what is read */
	struct stream_out to;  /* what waits to be written */
	size_t got;	       /* of FORM_LENGTH: bytes of from.buf */
	uint64_t frames, bad, dropped, times; /* times: connected */
	uint64_t before; /* frames, when it was connected */
	uint64_t pause;	 /* it is not asked for before this time */
};

/*
 * link_open - "tap:NAME" and so on, "-", or a command; dies when that cannot be
 */
void link_open(struct link *, const char *text);
void link_command(struct link *, const struct child_group *, char *const *argv,
    const char *argv0);
void link_iface(struct link *, const struct child_group *, const char *name,
    const char *argv0);

/* link_is_iface - "if:NAME": the name, else NULL */
const char *link_is_iface(const char *text);

/* link_start - what must be in another process; before the sandbox */
void link_start(struct link *);

/*
 * link_read - read what is there and give each frame to the taker. 1, 0: it
 * has ended, -1: it has failed, and a message was printed
 */
int link_read(struct link *, uint64_t now, const struct taker *);

/*
 * link_put - a frame to be sent, a super-frame in pieces where the link takes
 * none. It stays where it is until link_done(): to a TAP some leave as one.
 * link_write - what waits: -1: it has ended
 */
void link_put(struct link *, uint64_t now, uint8_t *frame, size_t n);
void link_done(struct link *);
int link_write(struct link *);
bool link_busy(const struct link *);

/* link_connected - the socket that was asked for; link_lost - it has ended */
void link_connected(struct link *, int fd);
void link_lost(struct link *);

#endif
