/*
 * pktsock.h - the packet socket (packet(7)): frames of one interface, in
 * and out. Linux only, and only pktsock*.c know it.
 *
 * The filter is attached before the socket is bound, so no foreign frame is
 * ever queued. Offload metadata comes as a virtio header: checksums that the
 * kernel left to a card are filled in, VLAN tags are put back.
 */
#ifndef LINUX_PKTSOCK_H
#define LINUX_PKTSOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mac;
struct mmsghdr;
struct segment;
struct sock_fprog;

enum {
	PKTSOCK_PROMISC = 1,  /* frames for other MACs too */
	PKTSOCK_OUTGOING = 2, /* what this host itself sends, too */
	PKTSOCK_BURST = 8, /* no more than a burst may wait: 50 ms of a flood */
	PKTSOCK_SHALLOW = 16, /* few frames may wait */
};

enum { PKTSOCK_MAXFRAME = 65536 + 128 };

enum { PKTSOCK_MANY = 16 };

enum { PKTSOCK_VNET_HLEN = 10 }; /* bytes of the virtio header of a send */

struct pktsock {
	int fd;
	int ifindex;	   /* by pktsock_look(), with mtu and mac */
	bool vnet;	   /* the kernel takes and gives virtio headers */
	bool outgoing;	   /* own frames are wanted */
	bool unsummed;	   /* see PKTSOCK_UNSUMMED */
	uint32_t mtu;	   /* of the interface when it was opened */
	uint8_t mac[6];	   /* the interface's own */
	uint32_t wire_len; /* of the frame last received, before a filter cut
			      it; at least what pktsock_recv() returned */
	bool sent;    /* the frame last received is one that this host sends */
	uint16_t gso; /* payload of each segment that it stands for, or 0 */
	const char *step; /* which failed in opening, and errno */
	int why;
	char error[160]; /* why pktsock_look() failed, and pktsock_why() */
	int status;	 /* exit status that goes with it: 1 or 2 */
};

/* filters that take no frame, and each */
extern const struct sock_fprog pktsock_none, pktsock_each;

/* what the kernel makes of a TCP frame longer than the MTU */
struct pktsock_gso {
	uint16_t tcp;  /* offset of the TCP header in the frame */
	uint16_t hlen; /* bytes of all headers */
	uint16_t size; /* payload of each segment */
	bool v6;
	bool cwr; /* CWR is set: on the first segment only (RFC 3168) */
};

/*
 * pktsock_look - the interface: is it there, up, and Ethernet? Before
 * pktsock_open(), without any right. 0, or -1 with error and status 2.
 */
int pktsock_look(struct pktsock *, const char *ifname);

/*
 * pktsock_open - socket, filter, options, bind. 0, or -1: then pktsock_why()
 * sets error and status (2: no privilege, a filter that the kernel refuses),
 * and returns error. It is empty when nothing has failed.
 */
const char *pktsock_why(struct pktsock *);
int pktsock_open(struct pktsock *, int flags, const struct sock_fprog *filter);

/*
 * pktsock_join - share the frames with the other sockets of a group in the
 * network namespace, and take another filter. The socket has been opened with
 * pktsock_none: what came before belongs to no flow. group is PKTSOCK_BY_... |
 * 0 to 65535, for how and which; most may join, or any for 0. As
 * pktsock_open().
 */
#define PKTSOCK_BY_FLOW	   0x80000000U /* PACKET_FANOUT_HASH, defragmented */
#define PKTSOCK_BY_PROGRAM 0x00060000U /* PACKET_FANOUT_CBPF: PKTSOCK_SPREAD */
int pktsock_join(struct pktsock *, uint32_t group, uint32_t most,
    const struct sock_fprog *filter);

/* pktsock_open_send - the same, for a socket that receives nothing */
int pktsock_open_send(struct pktsock *);

/*
 * pktsock_program - from now on another one: 0, or -1 and errno.
 *
 * PKTSOCK_SPREAD chooses which member of the group gets a frame: its number, in
 * the order of joining. Without one it is the first. The program sees the frame
 * from the network header on, or from its beginning: it uses SKF_LL_OFF and
 * SKF_NET_OFF.
 */
enum pktsock_program { PKTSOCK_FILTER = 26, PKTSOCK_SPREAD = 22 };
int pktsock_program(
    struct pktsock *, enum pktsock_program, const struct sock_fprog *);

/*
 * pktsock_recv - one frame into buf (cap >= PKTSOCK_MAXFRAME), waiting or not;
 * *ts is the kernel's stamp (wall clock, ns). Returns the frame's length, its
 * checksum filled in and VLAN tag in place; 0 when the frame is to be skipped
 * (own, shorter than a header or longer than buf, or of an offload that the
 * virtio header cannot express); -1 and errno.
 */
ssize_t pktsock_recv(
    struct pktsock *, uint8_t *buf, size_t cap, uint64_t *ts, bool wait);

/* one of many frames */
struct pktsock_frame {
	uint8_t *buf;	   /* where it goes: PKTSOCK_MAXFRAME bytes */
	size_t len;	   /* and what has come, as of pktsock_recv() */
	uint32_t wire_len; /* with PKTSOCK_UNSUMMED, or not */
	uint64_t ts;
};

/* TCP's checksum is left as it is, where unsummed allows it: the sender is a
   kernel, which has left it to a card */
#define PKTSOCK_UNSUMMED UINT32_C(0x80000000)

/*
 * pktsock_recv_many - those that are there, up to n (PKTSOCK_MANY), each as
 * by pktsock_recv(), with one call. How many have come, those to be
 * skipped with them; -1 and errno. The buffers are those of pktsock_prepare(),
 * which comes first, but for the first one.
 */
void pktsock_prepare(const struct pktsock_frame *);
int pktsock_recv_many(struct pktsock *, struct pktsock_frame *, unsigned n);

/* pktsock_send - one plain frame; 0, or -1 and errno (ENOBUFS retried) */
int pktsock_send(struct pktsock *, const uint8_t *frame, size_t len);

/*
 * pktsock_fill - the checksum that a sender has left to the card, by the virtio
 * header of a frame
 */
void pktsock_fill(
    const uint8_t hdr[PKTSOCK_VNET_HLEN], uint8_t *frame, size_t len);

/*
 * pktsock_vnet - write the header that precedes a frame in a message of
 * pktsock_send_many() when vnet is set; gso NULL for a plain frame
 */
void pktsock_vnet(
    uint8_t hdr[PKTSOCK_VNET_HLEN], const struct pktsock_gso *gso);

/*
 * pktsock_super - the headers of a super-frame of n bytes of payload, which
 * has the headers of this segment but for the flags, to be cut into segments of
 * size: PKTSOCK_VNET_HLEN bytes, and those of the segment
 */
void pktsock_super(uint8_t *head, const struct segment *, uint32_t n,
    uint8_t flags, uint16_t size);

/*
 * pktsock_send_many - messages, each one frame. Returns how many of them
 * have gone, in order; or -1 and errno, which is about the first: EAGAIN
 * when the interface has taken nothing for 100 ms
 */
int pktsock_send_many(struct pktsock *, struct mmsghdr *, unsigned n);

/* pktsock_overhear - whether own frames are wanted, from now on */
void pktsock_overhear(struct pktsock *, bool on);

/* pktsock_dropped - frames that the kernel has dropped since the last call */
uint64_t pktsock_dropped(struct pktsock *);

/*
 * pktsock_gone - the interface does not exist any more. One that only goes
 * down makes a receive fail once, with ENETDOWN; when it is up again, frames
 * come again. No event reports that it is removed meanwhile: ask now and then.
 */
bool pktsock_gone(const struct pktsock *);
enum { PKTSOCK_DOWN_MS = 500 }; /* so often */

#endif
