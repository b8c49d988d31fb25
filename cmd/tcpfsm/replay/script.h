/*
 * script.h - one side of a recorded conversation, played to a live peer.
 *
 * Each piece that we send waits for its cue: so many bytes of the peer's. The
 * peer's data is compared with the record as a stream. A difference is logged
 * once a turn, and the next turn is compared from its own beginning. A peer
 * that sends less than the record is waited for no longer than the silence
 * that is allowed.
 */
#ifndef TCPFSM_REPLAY_SCRIPT_H
#define TCPFSM_REPLAY_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replay/dialog.h"
#include "tcp/tcp.h"

struct conv;
struct conv_side;
struct event_log;
struct tcb;

struct play_config {
	const struct conv *conv;
	enum conv_who me;
	bool pauses;	       /* keep the recorded ones */
	uint64_t silence;      /* ns, beyond the longest recorded pause */
	struct event_log *log; /* of differences; NULL: none */
};

/* how the peer's turn goes */
enum play_turn {
	TURN_SAME,
	TURN_DIFFERS, /* from here on it is only counted */
	TURN_OVER,    /* what comes before it has received ours belongs to it */
};

struct play {
	const struct play_config *cfg;
	const struct conv_side *me, *you;
	struct tcb *tcb;
	uint32_t next;	  /* cue */
	uint32_t hole;	  /* the peer's next one */
	uint64_t offered; /* bytes of ours */
	uint64_t acked;	  /* of them */
	uint64_t heard;	  /* place in the peer's record; its end counts one */
	uint64_t got;	  /* bytes of the peer's */
	uint64_t ready;	  /* ns, when the next cue came: its pause begins */
	uint64_t moved;	  /* ns, when the last thing happened */
	enum play_turn turn;
	bool peer_closed;
	bool past;	       /* it was logged that the peer sends more */
	bool closed;	       /* our FIN is sent, */
	bool reset;	       /* or our reset, */
	uint64_t reset_at;     /* ns: behind the ACK that comes before; or 0 */
	uint32_t differs;      /* turns */
	uint64_t first_differ; /* offset in what the peer sent */
};

/* play_init - cfg stays */
void play_init(struct play *, const struct play_config *, struct tcb *);

/* the calls of struct tcp_app. The connection may be reset in any of them */
void play_opened(struct play *, uint64_t now);
void play_received(struct play *, const uint8_t *, size_t, uint64_t now);
void play_peer_closed(struct play *, uint64_t now);
void play_timer(struct play *, uint64_t now);
void play_acked(struct play *, uint64_t off, uint64_t now);

/*
 * play_ended - the connection has ended so: compare it with the record. True
 * when the end is that of the record. To be called from the CLOSE event.
 */
bool play_ended(struct play *, enum tcp_close how, uint64_t now);

#endif
