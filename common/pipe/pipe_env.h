/*
 * pipe_env.h - a word in the environment about one pipe. It names the pipe, so
 * it is not taken for another pipe that a command makes further down.
 */
#ifndef PIPE_PIPE_ENV_H
#define PIPE_PIPE_ENV_H

#include <stdbool.h>

/* several programs write to this pipe, see pipe/turns.h */
#define PIPE_ENV_TURNS "TCPHANTOM_TURNS"

/* pipe_env_set - set the word for fd; false: it is no pipe */
bool pipe_env_set(const char *what, int fd);

/* pipe_env_is - is the word set for fd? */
bool pipe_env_is(const char *what, int fd);

#endif
