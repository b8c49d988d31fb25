/*
 * gate.h - a packet socket in a process of its own: the process that parses
 * frames does not hold the socket. The gate moves frames between the socket and
 * its parent, looks only at their source address, and can do nothing else; the
 * two end together. A source has 4000 frames a second; sources that were not
 * seen in the two seconds before, all of them, 10,000.
 * Linux only.
 */
#ifndef LINUX_GATE_H
#define LINUX_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gate_page;
struct sock_fprog;

/*
 * What a filter cuts an outgoing frame to that is a sample of many. Hearing
 * what this host sends costs the sender a copy of each frame: when there is
 * so much of it that a sample comes, the gate does not listen to it for a
 * quarter of a second.
 */
enum { GATE_SAMPLE = 14 };

struct gate {
	int fd;		     /* to wait for frames on */
	pid_t pid;	     /* of the process */
	struct gate_page *p; /* what the gate reports of itself */
	const char *ifname;  /* of the interface, */
	uint32_t mtu;	     /* when it was opened */
	unsigned down;	     /* times that it went down, as reported so far */
	uint8_t mac[6];	     /* the interface's own */
	bool sent;	     /* the last frame is one that this host sends */
	uint16_t gso;	     /* and the payload of each segment in it, or 0 */
	char error[160];     /* why gate_open() failed */
	int status;	     /* exit status that goes with it: 1 or 2 */
};

/*
 * gate_open - pktsock_open() of PKTSOCK_... flags, and the process. Before
 * sandbox_enter(), and before there is anything that it should not know. 0,
 * or -1 with error and status.
 */
int gate_open(struct gate *, const char *ifname, int flags,
    const struct sock_fprog *filter);

/*
 * gate_recv - one frame, as pktsock_recv() gives it, without waiting; 0: skip
 * it, -1 and errno: EAGAIN, the socket's error (ENODEV: the interface is
 * gone), or EOWNERDEAD when the gate has ended without giving a reason. A
 * message says that the interface goes down; the gate waits for it.
 */
ssize_t gate_recv(struct gate *, uint8_t *buf, size_t cap, uint64_t *ts);

/*
 * gate_send - one frame to the gate; 0, or -1 and errno: EAGAIN when it has
 * taken nothing for 100 ms. What the interface refuses is counted.
 */
int gate_send(struct gate *, const uint8_t *frame, size_t len);

/* gate_counts - since the start: what the kernel dropped, what it refused */
void gate_counts(const struct gate *, uint64_t *dropped, uint64_t *unsent);

/* gate_close - what it was given is sent, for a second at most; it ends */
void gate_close(struct gate *);

#endif
