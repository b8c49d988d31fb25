/*
 * capture.h - the TCP connections of a capture, kept until one of them is
 * chosen to be played. Pure: records in, a conversation out.
 */
#ifndef TCPFSM_REPLAY_CAPTURE_H
#define TCPFSM_REPLAY_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "replay/dialog.h"

struct capture;
struct leftout;
struct endpoint;
struct steps;
struct stream_rec;
struct turns;

enum { CAPTURE_BYTES = 128 << 20, CAPTURE_ANY = -1 };
enum { CAPTURE_WHY = 512 }; /* bytes of a reason, with NUL */

/*
 * capture_new - keep this many bytes at most, bookkeeping included, of the
 * connection with this number (from 0, by the first packet, as ladder --list
 * has it), or of CAPTURE_ANY. NULL without memory.
 */
struct capture *capture_new(size_t bytes, int64_t stream);
void capture_free(struct capture *);

/*
 * capture_take - a record, the no-th of the capture. 0, or -1: it is more than
 * may be kept, or there is no memory: see capture_why(). capture_end - there
 * are no more; the same.
 */
int capture_take(struct capture *, const struct stream_rec *, uint64_t no);
int capture_end(struct capture *);

/* capture_iface - the next records are of this interface, from 0, one of so
   many that the file has had so far; else of its only one */
void capture_iface(struct capture *, uint32_t iface, uint32_t ifaces);

/*
 * capture_choose - the conversation that was asked for, or the first one
 * that is whole; none that is, the first that only has not ended; none, the
 * first of which only the other side lacks bytes; none, the first that lacks
 * its beginning. Returns its number, or -1 when there is none: capture_why().
 */
int64_t capture_choose(struct capture *, struct conv *);
const char *capture_why(const struct capture *);

/* capture_first - of those that capture_choose() has passed over, why the first
   one cannot be played; or "" */
const char *capture_first(const struct capture *);
/* capture_nothing - make capture_why() report that there is no TCP */
void capture_nothing(struct capture *);

/*
 * capture_build - the conversation of this number: 0 when it can be played, 1
 * when not (see capture_why()), -1 without memory. conv_free() ends it if 0.
 */
int capture_build(struct capture *, int64_t stream, struct conv *);

/* capture_side - which side is to be played; else the client's */
void capture_side(struct capture *, enum conv_who);

/* capture_decap - from now on also what is in tunnels */
void capture_decap(struct capture *);

/* capture_udp - from now on also the turns of UDP; seed: of turns_new(). 0, or
   -1 without memory */
int capture_udp(struct capture *, uint64_t seed);

/* capture_turns - they are the caller's now; NULL: there are none */
struct turns *capture_turns(struct capture *);

/* capture_left - the records that were no TCP segment */
const struct leftout *capture_left(const struct capture *);

/* capture_steps - of its clock, for steps_say() */
const struct steps *capture_steps(const struct capture *);

/* capture_streams - how many connections there are */
uint32_t capture_streams(const struct capture *);

/* capture_span - ns, of its first packet and its last one */
void capture_span(
    const struct capture *, int64_t stream, uint64_t *first, uint64_t *last);

/* capture_ends - of a connection: the client, the server; its first packet */
uint64_t capture_ends(const struct capture *, int64_t stream,
    const struct endpoint **client, const struct endpoint **server);

#endif
