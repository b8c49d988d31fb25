/*
 * engine_peer.h - the peers of the engine's harness: what they say is chosen
 * by the input, near what the connection expects or far from it.
 */
#ifndef ENGINE_PEER_H
#define ENGINE_PEER_H

#include <stdbool.h>

#include "fuzz.h"
#include "tcp/tcp_var.h"

enum { PEERS = 6, FRAME = 2048 };

/* what the engine has last answered a peer's SYN with */
struct answer {
	uint32_t irs, iss, tsval;
};

struct fuzz {
	struct tcp *t;
	struct bytes_in in;
	uint64_t now;
	size_t file_len; /* served */
	uint64_t silence;
	bool shut;   /* the application closes when it has offered all */
	bool forged; /* a damaged segment may have been taken */
	struct answer answer[PEERS];
	uint8_t cookie[16], cookie_len; /* the last that was given */
};

extern struct fuzz z;

/* peer_byte - the byte with that number behind the peer's SYN */
uint8_t peer_byte(uint32_t off);
struct ip_addr peer_address(unsigned peer, bool local);
uint16_t peer_port(unsigned peer);
/* peer_tcb - its connection; NULL when there is none */
struct tcb *peer_tcb(unsigned peer);

/* one frame into f of FRAME bytes: a segment, damage done to n bytes of one,
   any bytes; returns how many */
size_t peer_segment(uint8_t *f);
size_t peer_damage(uint8_t *f, size_t n);
size_t peer_raw(uint8_t *f);

/* engine_icmp.c: an ICMP error about what is in flight, or nearly; a part of
   the frame f of n bytes into out */
size_t peer_icmp(uint8_t *f);
size_t peer_piece(const uint8_t *f, size_t n, uint8_t *out);

#endif
