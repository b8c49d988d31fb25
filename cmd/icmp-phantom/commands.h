/*
 * commands.h - commands that answer datagrams: a process for each source and
 * port, one message in, one out. A spawner starts them; what they may send,
 * and how much, is decided here.
 */
#ifndef ICMP_PHANTOM_COMMANDS_H
#define ICMP_PHANTOM_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct commands;
struct pollfd;
struct responder_ask;

enum { COMMANDS_MAX = 100 }; /* at once, by default */

struct commands_config {
	int sock;	 /* of spawn_begin(), with the same max */
	uint32_t max;	 /* commands at once */
	uint64_t key[2]; /* of the hash over sources: secret */
	void *ctx;
	/* the answer to a datagram */
	void (*answer)(void *ctx, uint64_t now, const struct responder_ask *,
	    const uint8_t *data, size_t n);
	/* what a command has sent beyond its due */
	void (*excess)(void *ctx, uint64_t now, const struct responder_ask *);
};

/* commands_new - NULL without memory */
struct commands *commands_new(const struct commands_config *);

/* commands_take - a datagram for a command; false: there is no room for it */
bool commands_take(struct commands *, const struct responder_ask *);

/* commands_gone - the process that starts them has ended */
bool commands_gone(const struct commands *);

/* for the stage's loop, see stage.h */
size_t commands_watch(struct commands *, struct pollfd *);
void commands_watched(
    struct commands *, const struct pollfd *, size_t n, uint64_t now);
size_t commands_watch_max(const struct commands *);
uint64_t commands_deadline(const struct commands *);
void commands_timer(struct commands *, uint64_t now);

#endif
