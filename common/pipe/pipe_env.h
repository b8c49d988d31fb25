/*
 * pipe_env.h - what the environment says about one pipe. It names the pipe, so
 * it is not taken for another one that a command makes further down.
 */
#ifndef PIPE_PIPE_ENV_H
#define PIPE_PIPE_ENV_H

#include <stdbool.h>

/* several programs write to this pipe, see pipe/turns.h */
#define PIPE_ENV_TURNS "TCPHANTOM_TURNS"

/* pipe_env_set - this is said of fd; false: it is no pipe */
bool pipe_env_set(const char *what, int fd);

/* pipe_env_is - is it said of fd? */
bool pipe_env_is(const char *what, int fd);

#endif
