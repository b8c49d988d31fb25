/*
 * capsock.h - the packet socket (packet(7)): frames of one interface, in
 * and out. Linux only, and only capsock*.c know it.
 *
 * The filter is attached before the socket is bound, so no foreign frame is
 * ever queued. Offload metadata comes as a virtio header: checksums that the
 * kernel left to a card are filled in, VLAN tags are put back.
 */
#ifndef CAPSOCK_H
#define CAPSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mac;
struct mmsghdr;
struct sock_fprog;

enum {
	CAPSOCK_PROMISC = 1,  /* frames for other MACs too */
	CAPSOCK_OUTGOING = 2, /* what this host itself sends, too */
};

enum { CAPSOCK_MAXFRAME = 65536 + 128 };

enum { CAPSOCK_MANY = 16 };

enum { CAPSOCK_VNET_HLEN = 10 }; /* bytes of the virtio header of a send */

struct capsock {
	int fd;
	int ifindex;	   /* by capsock_look(), with mtu and mac */
	bool vnet;	   /* the kernel takes and gives virtio headers */
	bool outgoing;	   /* own frames are wanted */
	uint32_t mtu;	   /* of the interface when it was opened */
	uint8_t mac[6];	   /* the interface's own */
	uint32_t wire_len; /* of the frame last received, before a filter cut
			      it; at least what capsock_recv() returned */
	bool sent; /* the frame last received is one that this host sends */
	char error[160]; /* why capsock_look() or _open() failed */
	int status;	 /* exit status that goes with it: 1 or 2 */
};

/* what the kernel shall make of a TCP frame longer than the MTU */
struct capsock_gso {
	uint16_t tcp;  /* offset of the TCP header in the frame */
	uint16_t hlen; /* bytes of all headers */
	uint16_t size; /* payload of each segment */
	bool v6;
	bool cwr; /* CWR is set: on the first segment only (RFC 3168) */
};

/*
 * capsock_look - the interface: is it there, up, and Ethernet? Before
 * capsock_open(), without any right. 0, or -1 with error and status 2.
 */
int capsock_look(struct capsock *, const char *ifname);

/*
 * capsock_open - socket, filter (may be NULL), options, bind. 0, or -1 with
 * error and status (2: no privilege, a filter that the kernel refuses).
 */
int capsock_open(struct capsock *, int flags, const struct sock_fprog *filter);

/* capsock_open_send - the same, for a socket that hears nothing */
int capsock_open_send(struct capsock *);

/*
 * capsock_open_group - as capsock_open(), and share the frames, by flow, with
 * the other sockets of this group (0 to 65535) in the network namespace
 */
int capsock_open_group(struct capsock *, int flags,
    const struct sock_fprog *filter, uint16_t group);

/*
 * capsock_recv - one frame into buf (cap >= CAPSOCK_MAXFRAME), waiting or
 * not; *ts is the kernel's stamp (wall clock, ns). Returns the frame's
 * length, its checksum filled in and VLAN tag in place; 0 when the frame is
 * to be skipped (own, shorter than a header or longer than buf, or of an
 * offload that the virtio header cannot tell); -1 and errno.
 */
ssize_t capsock_recv(
    struct capsock *, uint8_t *buf, size_t cap, uint64_t *ts, bool wait);

/* one of many frames */
struct capsock_frame {
	uint8_t *buf; /* where it goes: CAPSOCK_MAXFRAME bytes */
	size_t len;   /* and what has come, as of capsock_recv() */
	uint32_t wire_len;
	uint64_t ts;
};

/*
 * capsock_recv_many - those that are there, up to n and CAPSOCK_MANY, each
 * as by capsock_recv(), with one call. How many have come, those to be
 * skipped with them; -1 and errno.
 */
int capsock_recv_many(struct capsock *, struct capsock_frame *, unsigned n);

/* capsock_send - one plain frame; 0, or -1 and errno (ENOBUFS retried) */
int capsock_send(struct capsock *, const uint8_t *frame, size_t len);

/*
 * capsock_vnet - write the header that precedes a frame in a message of
 * capsock_send_many() when vnet is set; gso NULL for a plain frame
 */
void capsock_vnet(
    uint8_t hdr[CAPSOCK_VNET_HLEN], const struct capsock_gso *gso);

/*
 * capsock_send_many - messages, each one frame. Returns how many of them
 * have gone, in order; or -1 and errno, which is about the first: EAGAIN
 * when the interface has taken nothing for 100 ms
 */
int capsock_send_many(struct capsock *, struct mmsghdr *, unsigned n);

/* capsock_overhear - whether own frames are wanted, from now on */
void capsock_overhear(struct capsock *, bool on);

/* capsock_stats - since the last call: frames seen and dropped by kernel */
void capsock_stats(struct capsock *, uint64_t *seen, uint64_t *dropped);

#endif
