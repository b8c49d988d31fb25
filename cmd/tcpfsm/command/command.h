/*
 * command.h - the application of -e: a command for each connection, its
 * stdin and stdout the connection.
 */
#ifndef TCPFSM_COMMAND_COMMAND_H
#define TCPFSM_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct command;
struct event_log;
struct serve;
struct tcb;

enum { COMMAND_MAX = 100 }; /* at once, by default */

#define COMMAND_IDLE UINT64_C(14400000000000) /* ns; four hours */

struct command_config {
	int sock;     /* of spawn_begin(), with the same max */
	uint32_t max; /* commands at once */
	bool md5;
	uint64_t idle;	 /* ns without a byte that end a connection */
	uint64_t key[2]; /* secret, of the hash over sources */
	/* which of the commands a connection has; NULL: there is one */
	uint32_t (*which)(void *which_ctx, struct tcb *);
	void *which_ctx;
	struct serve *keep;    /* what clients send goes there, too; or NULL */
	struct event_log *log; /* NULL: the commands' ends are not logged */
};

/* command_new - NULL without memory */
struct command *command_new(const struct command_config *);

/* its calls; ctx is the struct command */
extern const struct app command_app;

/* descriptors that it may wait for */
uint32_t command_watch_max(const struct command *);

#endif
