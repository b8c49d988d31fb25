/*
 * stream.h - the packet stream: a pcap savefile that never has to end.
 *
 * Reading accepts both magics and byte orders and a file header at any
 * record boundary; writing is nanoseconds, little-endian. No system call but
 * one read() or write() of a descriptor that the caller gives. The format is
 * in packet-stream(5).
 */
#ifndef PIPE_STREAM_H
#define PIPE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	STREAM_SNAPLEN = 262144,
	STREAM_FILE_HLEN = 24,
	STREAM_REC_HLEN = 16,
	STREAM_ETHERNET = 1,	    /* the link type */
	STREAM_IN_CAP = 384 * 1024, /* 256 KiB and 128 KiB of slack */
	STREAM_HOP = 64 * 1024, /* to read at once where bytes are only handed
				   on: they stay in the processor's cache */
	STREAM_LEND_MAX = 128 *
			  1024, /* of a record in a ring, its header too */
};

#define STREAM_MAGIC UINT32_C(0xa1b23c4d) /* stamps in nanoseconds */

/* in a record's len, of a frame that is whole but for TCP's checksum: nobody
   has damaged it, and nobody has filled that in. A reader that does not know
   it takes the frame for a cut one. */
#define STREAM_UNSUMMED UINT32_C(0x80000000)

struct iovec;

struct stream_rec {
	uint64_t ts;	 /* ns since 1970 */
	uint32_t caplen; /* bytes at data */
	uint32_t len;	 /* bytes the packet had */
	uint8_t *data;	 /* in the reader's buffer, valid until the next
			    stream_in_read(); the 16 bytes before it were the
			    record header and may be written over */
};

struct stream_in {
	uint8_t *buf;
	size_t cap;	   /* of buf: more than a record may have */
	size_t start, end; /* unread bytes of buf */
	uint64_t count;	   /* records given out */
	uint64_t last;	   /* the timestamp of the last one */
	bool header;	   /* a file header has been read */
	bool swapped, nano;
	/* of files, where capture/capin.h reads them: records of any link type,
	   also behind the headers of a modified format */
	bool any;
	uint32_t link;	   /* the link type of the last file header */
	uint32_t rec_hlen; /* bytes of a record's header */
	char error[160];   /* why stream_in_next() or _end() failed */
	int status;	   /* exit status that goes with it: 1 or 2 */
	void (*soon)(void *ctx, const uint8_t *data, size_t caplen);
	void *soon_ctx;
	size_t seen;	/* in buf, behind the last record told to soon() */
	unsigned nsoon; /* records told that were not given out yet */
};

/* stream_in_init - allocate the buffer; 0, or -1 when memory is refused */
int stream_in_init(struct stream_in *);
void stream_in_free(struct stream_in *);

/*
 * stream_in_read - one read() of fd behind what is there. Returns what
 * read() does. Call when stream_in_next() has returned 0, never before.
 */
ssize_t stream_in_read(struct stream_in *, int fd);

/*
 * stream_in_read_exact - the same, but no byte beyond the next header or
 * record: what follows is left to the next reader of the pipe
 */
ssize_t stream_in_read_exact(struct stream_in *, int fd);

/* stream_in_read_some - the same, at most n bytes */
ssize_t stream_in_read_some(struct stream_in *, int fd, size_t n);

/*
 * stream_in_next - the next whole record: 1 and *rec, 0 when more bytes are
 * needed, -1 when this is no packet stream (error, status)
 */
int stream_in_next(struct stream_in *, struct stream_rec *rec);

/*
 * stream_in_soon - call soon() for a record that is there already, some records
 * before stream_in_next_soon() gives it out: to fetch what it will want into
 * the cache. data may be any bytes, where file headers stand between records.
 * stream_in_next_soon() is otherwise as stream_in_next(): all are asked for by
 * the one or by the other.
 */
void stream_in_soon(struct stream_in *,
    void (*soon)(void *ctx, const uint8_t *data, size_t caplen), void *ctx);
int stream_in_next_soon(struct stream_in *, struct stream_rec *rec);

/* stream_in_end - at end of file: 0 when it is a clean one, else -1 */
int stream_in_end(struct stream_in *);

/*
 * what is to be written: the bytes of buf from start to end. Or of a ring,
 * see stream_out_lend(): there start and end only ever grow, and a record
 * that does not fit behind end begins anew in front, a gap before it.
 */
struct stream_out {
	uint8_t *buf;
	size_t cap; /* bytes that may wait */
	size_t start, end;
	size_t ring; /* bytes of buf; 0: it is no ring */
	size_t gap;  /* bytes between start and end that are none */
	size_t lent; /* bytes before start that a pipe may still show */
	/* as writev() */
	ssize_t (*lend)(
	    const struct stream_out *, int fd, const struct iovec *, int n);
	/* may be NULL; much waits in what is no ring yet */
	void (*offer)(struct stream_out *, int fd);
	bool trust;	/* the reader copies, whether it has the lock or not */
	uint64_t count; /* records put in */
	uint64_t dropped; /* records that found no room */
	uint64_t beyond;  /* of count: from after 2106, which is lost */
	uint64_t written; /* bytes that are out */
	bool text;	  /* lines, and no records */
	/* the pipe is shared, see pipe/turns.h: */
	bool turns;
	bool asked;   /* we are next */
	bool refused; /* by the last write: it is another's turn */
	size_t left;  /* bytes of the record that is partly written */
};

/* stream_out_init - allocate cap bytes, put the file header in; 0 or -1 */
int stream_out_init(struct stream_out *, size_t cap);
void stream_out_free(struct stream_out *);

/* stream_out_headless - without the file header, which another has written */
void stream_out_headless(struct stream_out *);

/* stream_out_waiting - bytes to be written; _forget - drop them */
size_t stream_out_waiting(const struct stream_out *);
void stream_out_forget(struct stream_out *);

/* stream_out_room - bytes of packet that one more record may have */
size_t stream_out_room(const struct stream_out *);

/*
 * stream_out_put - append a record of two pieces (the second may be empty):
 * true, or false and counted when there is no room
 */
bool stream_out_put(struct stream_out *, uint64_t ts, const uint8_t *p,
    size_t n, const uint8_t *q, size_t m);

/*
 * stream_out_reserve, stream_out_commit - where the bytes of the next record
 * go (NULL when fewer than n fit; not counted), and that caplen of them have
 * been filled in, of a packet of len bytes
 */
uint8_t *stream_out_reserve(struct stream_out *, size_t n);
void stream_out_commit(
    struct stream_out *, uint64_t ts, uint32_t caplen, uint32_t len);

/* stream_rec_head - the 16 bytes before a record, as they are written */
void stream_rec_head(uint8_t *p, uint64_t ts, uint32_t caplen, uint32_t len);

/*
 * stream_out_raw - append bytes of records, as they are to be written; false:
 * there is no room. Not to a ring.
 */
bool stream_out_raw(struct stream_out *, const uint8_t *p, size_t n);

/*
 * stream_out_write - one write() of what waits: 1 when all is out, 0 when
 * some is left (a short write, EAGAIN or EINTR, or it is another's turn, see
 * refused), -1 and errno otherwise
 */
int stream_out_write(struct stream_out *, int fd);

/*
 * stream_out_some - one write(), of that many bytes at most; stream_out_turn -
 * the same, as far as whole records go, when it is our turn. As write().
 */
ssize_t stream_out_some(struct stream_out *, int fd, size_t most);
ssize_t stream_out_turn(struct stream_out *, int fd);

/*
 * stream_out_straight - whole records in pieces, with one writev() from where
 * they lie; what is not taken is put behind what waits, where nothing does. So
 * there has to be room for all. False: the pipe is full. Not when there are
 * turns. stream_out_took - the same after what writev(), or its like, returned.
 */
bool stream_out_straight(
    struct stream_out *, int fd, const struct iovec *, unsigned n);
bool stream_out_took(
    struct stream_out *, const struct iovec *, unsigned n, ssize_t done);

/*
 * stream_out_lend - from now on the pipe fd is lent large pieces of buf
 * (vmsplice()) instead of being given a copy. They are not written over
 * until its reader has read() them; one that splices them on, into another
 * pipe or a socket, may find them changed. 0, or -1 and errno: fd is no pipe,
 * memory is refused, the system cannot. Before the first record.
 */
int stream_out_lend(struct stream_out *, int fd);

/* stream_can_lend - is fd a pipe, and of a system that knows how? */
bool stream_can_lend(int fd);

/*
 * stream_out_offer - the same, from the first large piece on, and only while
 * the reader has the lock of stream_copies()
 */
void stream_out_offer(struct stream_out *);

/*
 * stream_out_cut - a write to a file has failed: the file is cut after the
 * last whole record or line in it, what waits is forgotten. errno stays. How
 * many records were not written.
 */
uint64_t stream_out_cut(struct stream_out *, int fd);

/* stream_to_file - what goes there is kept, and may be cut */
bool stream_to_file(int fd);

/* stream_out_drain - write all, waiting for the reader; 0, or -1 and errno */
int stream_out_drain(struct stream_out *, int fd);

/*
 * stream_pipe_size - ask for a 1 MiB pipe on fd; anything but a pipe, and a
 * refusal, are left as they are
 */
void stream_pipe_size(int fd);

/*
 * stream_copies - show the writer of the pipe fd that this process copies what
 * it reads, as read() does, so that the writer may lend pages: by a read lock
 * on a byte of the pipe, which ends with the process. Before sandbox_enter().
 * stream_unsummed - show likewise that it takes records with STREAM_UNSUMMED;
 * false: it is no pipe.
 */
void stream_copies(int fd);
bool stream_unsummed(int fd);

/* stream_reader_shows - the reader of the pipe fd holds this lock */
enum stream_lock { STREAM_LOCK_COPIES = 0, STREAM_LOCK_UNSUMMED = 6 };
bool stream_reader_shows(int fd, enum stream_lock);

#endif
