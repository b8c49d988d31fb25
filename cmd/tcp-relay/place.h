/*
 * place.h - host and port as people write them, in which network, and the
 * sockets there.
 */
#ifndef TCP_RELAY_PLACE_H
#define TCP_RELAY_PLACE_H

#include <stdbool.h>

enum { PLACE_HOST = 256, PLACE_PORT = 8 };

struct place {
	const char *text; /* as it was written */
	char host[PLACE_HOST], port[PLACE_PORT];
};

/*
 * place_read - "host:port", "[v6]:port" or, if bare is true, "port" of
 * 127.0.0.1; false: it is neither
 */
bool place_read(struct place *, const char *text, bool bare);

/*
 * place_listen, place_connect - a socket, or -1 and errno; *why is what is
 * wrong in words
 */
int place_listen(const struct place *, const char **why);
int place_connect(const struct place *, const char **why);

/*
 * place_listen_in - place_listen() in the network namespace that this file is,
 * which this process does not enter
 */
int place_listen_in(const struct place *, const char *netns, const char **why);

/* place_enter - go into the network namespace that this file is; 0, or -1 and
   errno */
int place_enter(const char *netns);

#endif
