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

enum { COMMAND_MAX = 100 }; /* at once, unless told */

/*
 * command_new - sock is of spawn_begin(), with the same max. log may be NULL:
 * the commands' ends are not told. NULL without memory.
 */
struct command *command_new(
    int sock, uint32_t max, bool md5, struct event_log *log);

/* its calls; ctx is the struct command */
extern const struct app command_app;

/* descriptors that it may wait for */
uint32_t command_watch_max(const struct command *);

#endif
