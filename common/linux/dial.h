/*
 * dial.h - stream sockets for a program that may make none any more: a process
 * beside it connects, or waits for one that does, again whenever it is asked.
 * Linux only.
 */
#ifndef LINUX_DIAL_H
#define LINUX_DIAL_H

#include <stdbool.h>
#include <sys/socket.h>

struct dial {
	struct sockaddr_storage addr;
	socklen_t len;
	bool listens; /* for others; else connects */
	bool either;  /* a Unix socket: listens where no process does yet */
};

/* dial_unix - 0, or -1: the path is too long */
int dial_unix(struct dial *, const char *path);

/*
 * dial_inet - of a type: SOCK_STREAM, SOCK_DGRAM; host "": this one listens.
 * NULL, or what is wrong.
 */
const char *dial_inet(
    struct dial *, int type, const char *host, const char *port);

/* dial_start - the process; a socket to ask it by (opener_want(),
   opener_take()), or -1 and errno. Before the sandbox, which then needs
   SANDBOX_REOPEN and room for one file. */
int dial_start(struct dial *);

/* dial_end - before the program ends, where it still waits for what it has
   asked for: a Unix socket that listens is removed. The process would do that
   by itself, but may be ended with the program. */
void dial_end(const struct dial *, int sock);

#endif
