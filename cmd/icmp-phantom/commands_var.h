/*
 * commands_var.h - what commands.c and room.c share: the commands of UDP that
 * run.
 */
#ifndef ICMP_PHANTOM_COMMANDS_VAR_H
#define ICMP_PHANTOM_COMMANDS_VAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ether.h"
#include "wire/udp.h"

#include "commands.h"
#include "responder.h"

/* whose commands are counted, by a keyed hash */
enum { COMMANDS_SOURCES = 4096 };

enum state {
	FREE,
	STARTING, /* there is a message for the spawner, or it was sent */
	RUNNING,
	ENDING, /* its input has ended */
};

struct session {
	enum state state;
	bool told;    /* the spawner */
	bool hung;    /* SIGHUP has been sent */
	uint64_t end; /* by its address, port and source: */
	uint64_t source;
	uint64_t active; /* the last datagram's time */
	uint64_t until;	 /* ENDING: then it is signalled */
	/* ENDING, FREE: it made room for this source, which has it so long */
	uint64_t heir, kept;
	int fd;
	/* answers that it may still send, and their bytes in all */
	uint32_t owed;
	uint64_t bytes;
	struct responder_ask to; /* the last datagram's */
	uint8_t l2[ETHER_MAXHLEN];
	uint8_t *held; /* lengths and datagrams */
	size_t nheld;
};

struct commands {
	struct commands_config cf;
	struct session *session;
	uint32_t *watched; /* of each descriptor that is watched */
	uint64_t next;	   /* when a timer may be due */
	bool asking;	   /* a command is to be started */
	bool gone;	   /* the spawner */
	uint64_t say_at;   /* no message before, about what cannot be started */
	uint32_t has[COMMANDS_SOURCES],
	    ending; /* commands that run, and do not */
	uint8_t message[UDP_MAX + 1];
};

/* commands_end - its input ends, and its output is dropped */
void commands_end(struct commands *, struct session *, uint64_t now);

/* room.c */
/* commands_of - how many of this source run, and are not about to end */
uint32_t *commands_of(struct commands *, uint64_t source);
/* commands_place - for a source's new command; NULL: this time there is none */
struct session *commands_place(
    struct commands *, uint64_t source, uint64_t now);
/* commands_refused - the system starts no more processes: a command makes room
   for this source, as where all places are taken */
void commands_refused(struct commands *, uint64_t source, uint64_t now);

#endif
