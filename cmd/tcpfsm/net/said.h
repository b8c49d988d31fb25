/*
 * said.h - what the clients of a net of hosts have sent, a file for each
 * session in one directory: --said.
 *
 * It is kept in memory until the session ends, within bounds, and written
 * then, to a file that an opener (linux/opener.h) makes.
 */
#ifndef TCPFSM_NET_SAID_H
#define TCPFSM_NET_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr;
struct said; /* of one session */
struct said_dir;

enum { SAID_NAME = 40 };

/* said_open - files go to this directory; dies where none can. key: secret, of
   the hash over sources; all: bytes of the disk, between two SIGHUPs */
#define SAID_ALL (UINT64_C(1) << 30)
struct said_dir *said_open(
    const char *path, const uint64_t key[2], uint64_t all);

/*
 * said_take - n more bytes of a session of this client; *s is NULL before the
 * first. One source has at most three quarters of the memory, and of all files
 * three quarters of what others leave; for one that has less memory the
 * sessions of the one that has most are shortened. What is kept is the
 * beginning.
 */
void said_take(struct said_dir *, struct said **s, const struct ip_addr *from,
    const uint8_t *, size_t n);

/* said_end - write it; the name of the file, or NULL: there is none */
const char *said_end(struct said_dir *, struct said *, char name[SAID_NAME]);

/* said_rotate - SIGHUP: the files so far count no more */
void said_rotate(struct said_dir *);

/* said_lost - some could not be written; a message with what was not kept */
bool said_lost(struct said_dir *);

#endif
