/*
 * replay.h - a recorded conversation: out of its file, and as the application
 * of a server that plays the server's side to every client.
 */
#ifndef TCPFSM_REPLAY_REPLAY_H
#define TCPFSM_REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app.h"

struct capin;
struct capture;
struct conv;
struct event_log;
struct ip_addr;
struct mac;
struct play_config;
struct replay;
struct serve;

/* ns: how long to wait for a peer that sends less than the record */
#define REPLAY_SILENCE (5 * UINT64_C(1000000000))

struct replay_config {
	const char *name; /* of the capture, */
	struct capin *in; /* open */
	int64_t stream;	  /* which connection, or CAPTURE_ANY */
	size_t bytes;	  /* of it to keep at most */
	bool server;	  /* the side that is played */
	bool pauses;	  /* as recorded */
	bool all;	  /* every connection, in the order of the capture */
	bool decap;	  /* also those in tunnels */
	uint64_t silence; /* ns to wait for a peer, beyond the longest pause */
	struct serve *serve; /* server: where the clients' data goes, digests */
	struct event_log *log;
	bool tell; /* of differences */
	/* of UDP: the phantoms as -a and -m choose them; the way out */
	const struct ip_addr *addr;
	const struct mac *mac;
	uint64_t seed;
	app_emit *emit;
	void *run;
};

/* replay_new - a copy of the configuration; NULL without memory */
struct replay *replay_new(const struct replay_config *);

/*
 * replay_read - the capture, which may hold anything, and choose the
 * conversation: 0, or the exit status, after a message.
 */
int replay_read(struct replay *);

/* replay_count - how many conversations are played: 1 unless all are */
uint32_t replay_count(const struct replay *);

/* replay_play - of one of them, for play_init() */
const struct play_config *replay_play(const struct replay *, uint32_t i);

/* replay_port - the server's, as recorded */
uint16_t replay_port(const struct replay *, uint32_t i);

/* replay_span - ns, when it began and ended, since the first began */
void replay_span(
    const struct replay *, uint32_t i, uint64_t *begin, uint64_t *end);

/* replay_tell - which conversations they are, for the log */
void replay_tell(const struct replay *, uint64_t now);

/* its calls; ctx is the struct replay */
extern const struct app replay_app;

#endif
