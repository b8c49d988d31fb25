/*
 * gate.c - a packet socket in a process of its own, see gate.h.
 *
 * The two are joined by a pair of sockets that keep the bounds of messages.
 * To the parent goes each frame behind a struct head, back comes the bare
 * frame. What the gate counts lies in a page that it writes and the parent
 * reads.
 *
 * The gate never waits for its parent: while that takes nothing, frames wait
 * in the socket's own buffer, and the kernel counts those that find it full.
 * The parent waits for the gate 100 ms at most, as it would for an interface.
 *
 * Signals are the parent's: a terminal sends its to both. The gate ends with
 * the parent's end of the pair, and where it is stopped, by the kernel.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/recall.h"
#include "base/syscalls.h"
#include "linux/gate.h"
#include "linux/pktsock.h"
#include "linux/sandbox.h"

enum {
	WIRE = 0, /* the gate's descriptors */
	PARENT = 1,
	BURST = 64, /* frames of one side before the other has its turn */
	SEND_WAIT_MS = 100,
	CLOSE_WAIT_MS = 1000,
	REST_MS = 250,	    /* without own frames, after a sample of them, */
	REST_ROUNDS = 64,   /* or so many if others keep us awake */
	FRAME_LEAST = 14,   /* a shorter message: no more will come */
	SOURCES = 1024,	    /* counters; MACs that share one share it */
	SOURCES_SHIFT = 54, /* of a 64-bit hash: that many are left */
	SHARE = 1000,	    /* frames of one in SHARE_MS: parents answer less */
	SHARE_MS = 250,
	CROWD = 2500, /* frames of sources that are new, in the same time */
	MUTE = 5,     /* instructions before a filter */
	LONGEST = 59, /* of one */
};

#define SHARE_NS (SHARE_MS * NS_PER_MS)

struct head {
	uint64_t ts;
	uint32_t sent; /* by this host */
	uint32_t gso;
};

struct gate_page {
	_Atomic uint64_t dropped, unsent;
	_Atomic unsigned down; /* times that the interface went down */
	_Atomic int error;     /* errno that has ended it */
};

struct side {
	struct pktsock sock;
	struct gate_page *page;
	struct head head;
	size_t waiting; /* bytes of in that the parent has not taken */
	uint64_t key;	/* of the hash over sources */
	uint32_t count[SOURCES], crowd;
	struct recall recall; /* of sources */
	uint64_t since;	      /* when counting began, ns */
	bool muted;	      /* one source is, in the filter */
	struct sock_filter code[MUTE + LONGEST];
	struct sock_fprog filter[2]; /* as it is, and with one source muted;
					length 0: none can be */
	int rest; /* rounds before own frames are received again, 0: they are */
	uint8_t in[PKTSOCK_MAXFRAME], out[PKTSOCK_MAXFRAME];
};

/* ---- the gate ---- */

SANDBOX_NEEDS_FOR(GATE, read);
SANDBOX_NEEDS_FOR(GATE, writev);
SANDBOX_NEEDS_FOR(GATE, ppoll);
#ifdef SYS_poll
SANDBOX_NEEDS_FOR(GATE, poll);
#endif
SANDBOX_NEEDS_FOR(GATE, restart_syscall);
SANDBOX_NEEDS_FOR(GATE, exit_group);

static _Noreturn void
end(struct side *s, int error)
{
	s->page->error = error;
	_exit(error != 0);
}

/* hand_over - what waits goes to the parent, if that takes it */
static void
hand_over(struct side *s)
{
	struct iovec iov[2] = {
	    {&s->head, sizeof(s->head)}, {s->in, s->waiting}};

	if (writev(PARENT, iov, 2) < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return;
		if (errno == EPIPE || errno == ECONNRESET)
			end(s, 0);
		s->page->dropped++;
	}
	s->waiting = 0;
}

/* mute - by the filter, the source of the last frame; or no source any more */
static void
mute(struct side *s, bool on)
{
	uint32_t word[2] = {0, 0};

	if (s->filter[on].len == 0 || s->muted == on)
		return;
	memcpy((uint8_t *)word + 2, s->in + 6, 6);
	s->code[1].k = ntohl(word[1]);
	s->code[3].k = ntohl(word[0]);
	if (pktsock_program(&s->sock, PKTSOCK_FILTER, &s->filter[on]) == 0)
		s->muted = on;
}

/*
 * within - its source's share of this quarter of a second. A flood of one host
 * would fill the socket's buffer and keep out others: the kernel drops the
 * rest of it before that. Most of a flood from ever new sources is dropped
 * here, so that the parent has time for a source that comes again: a host
 * repeats a request that gets no answer.
 */
static bool
within(struct side *s)
{
	uint64_t mac = 0;
	bool again;

	if (s->head.ts - s->since >= SHARE_NS) {
		memset(s->count, 0, sizeof(s->count));
		s->crowd = 0;
		s->since = s->head.ts;
		mute(s, false);
	}
	memcpy(&mac, s->in + 6, 6);
	again = recall(&s->recall, s->head.ts, mac);
	if (++s->count[(s->key | 1) * mac >> SOURCES_SHIFT] > SHARE) {
		mute(s, true);
		return false;
	}
	return again || ++s->crowd <= CROWD;
}

/* take - a frame of n bytes has come. A sample is not handed over. */
static void
take(struct side *s, size_t n)
{
	if (s->sock.sent && n < s->sock.wire_len) {
		pktsock_overhear(&s->sock, false);
		s->rest = REST_ROUNDS;
		return;
	}
	if (!s->sock.sent && !within(s)) {
		s->page->dropped++;
		return;
	}
	s->head.sent = s->sock.sent;
	s->head.gso = s->sock.gso;
	s->waiting = n;
	hand_over(s);
}

/* down - the interface is; the parent wakes by a message without a frame */
static void
down(struct side *s, int error)
{
	if (error != ENETDOWN)
		end(s, error);
	s->page->down++;
	hand_over(s);
}

static void
from_wire(struct side *s)
{
	ssize_t n;
	int i;

	for (i = 0; i < BURST && s->waiting == 0; i++) {
		n = pktsock_recv(
		    &s->sock, s->in, sizeof(s->in), &s->head.ts, false);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0)
			down(s, errno);
		if (n > 0)
			take(s, (size_t)n);
	}
	s->page->dropped += pktsock_dropped(&s->sock);
}

static void
from_parent(struct side *s)
{
	ssize_t n;
	int i;

	for (i = 0; i < BURST; i++) {
		n = read(PARENT, s->out, sizeof(s->out));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < FRAME_LEAST)
			end(s, 0);
		if (pktsock_send(&s->sock, s->out, (size_t)n) == 0)
			continue;
		s->page->unsent++;
		if (errno == ENXIO) /* the interface is gone */
			end(s, ENODEV);
	}
}

/* rested - a round; quiet: nothing has come in REST_MS */
static void
rested(struct side *s, bool quiet)
{
	if (s->rest == 0)
		return;
	s->rest = quiet ? 0 : s->rest - 1;
	if (s->rest == 0)
		pktsock_overhear(&s->sock, true);
}

static _Noreturn void
serve(struct side *s)
{
	struct pollfd p[2] = {{.events = POLLIN}, {.fd = PARENT}};
	int n;

	for (;;) {
		p[0].fd = s->waiting == 0 ? WIRE : -1;
		p[1].events = s->waiting == 0 ? POLLIN : POLLIN | POLLOUT;
		n = poll(p, 2,
		    s->rest > 0	    ? REST_MS
		    : s->muted	    ? SHARE_MS
		    : s->page->down ? PKTSOCK_DOWN_MS
				    : -1);
		if (n == 0 && s->page->down && pktsock_gone(&s->sock))
			end(s, ENODEV);
		if (n < 0 && errno != EINTR)
			end(s, errno);
		rested(s, n == 0);
		if (n == 0)
			mute(s, false);
		if (p[1].revents & ~POLLOUT)
			from_parent(s);
		if (s->waiting > 0)
			hand_over(s);
		else if (p[0].revents != 0)
			from_wire(s);
	}
}

/*
 * become_gate - with two descriptors, no signal and no right. Who it becomes
 * comes first: changing that would undo being killed with the parent.
 */
static _Noreturn void
become_gate(struct side *s, int parent, pid_t pid)
{
	struct sandbox_rights got;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(s->sock.fd, WIRE) < 0 || dup2(parent, PARENT) < 0)
		end(s, errno);
	sandbox_close_from(PARENT + 1);
	s->sock.fd = WIRE;
	if (sandbox_nobody() < 0 || sandbox_end_with_parent(pid) < 0 ||
	    sandbox_limit(0) < 0 || sandbox_lock(&got) < 0)
		end(s, errno);
	serve(s);
}

/* ---- its parent ---- */

static int
fail(struct gate *g, const char *what)
{
	snprintf(g->error, sizeof(g->error), "%s: %s", what, strerror(errno));
	g->status = 1;
	return -1;
}

/* begin - the gate; what the socket is opened in has nothing else to do */
static int
begin(struct gate *g, struct side *s, int parent, int flags,
    const struct sock_fprog *filter)
{
	pid_t pid = getpid(), child;

	if (pktsock_open(&s->sock, flags, filter) < 0)
		return -1;
	child = fork();
	if (child == 0)
		become_gate(s, parent, pid);
	close(s->sock.fd);
	g->pid = child;
	return child < 0 ? fail(g, "start a process for the socket") : 0;
}

/* may_mute - a filter that is short, and only where setsockopt() is allowed */
static void
may_mute(struct side *s, const struct sock_fprog *filter)
{
	static const struct sock_filter before[MUTE] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 6),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};

	if (filter->len > LONGEST)
		return;
	memcpy(s->code, before, sizeof(before));
	memcpy(s->code + MUTE, filter->filter,
	    filter->len * sizeof(*filter->filter));
	s->filter[false] = (struct sock_fprog){filter->len, s->code + MUTE};
	s->filter[true] = (struct sock_fprog){
	    (unsigned short)(MUTE + filter->len), s->code};
}

int
gate_open(struct gate *g, const char *ifname, int flags,
    const struct sock_fprog *filter)
{
	static struct side s; /* large; a program has no use for two */
	int pair[2], r;

	if (pktsock_look(&s.sock, ifname) < 0) {
		memcpy(g->error, s.sock.error, sizeof(g->error));
		g->status = s.sock.status;
		return -1;
	}
	memcpy(g->mac, s.sock.mac, sizeof(g->mac));
	g->mtu = s.sock.mtu;
	g->ifname = ifname;
	g->p = mmap(NULL, sizeof(*g->p), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (g->p == MAP_FAILED || chance_bytes(&s.key, sizeof(s.key)) != 0 ||
	    chance_bytes(s.recall.key, sizeof(s.recall.key)) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, pair) < 0)
		return fail(g, "start");
	if (flags & PKTSOCK_OUTGOING)
		may_mute(&s, filter);
	s.page = g->p;
	sandbox_list(SANDBOX_GATE | SANDBOX_HEAR | SANDBOX_SEND |
		     (flags & PKTSOCK_OUTGOING ? SANDBOX_OVERHEAR : 0));
	r = begin(g, &s, pair[1], flags, filter);
	if (*pktsock_why(&s.sock) != '\0') {
		memcpy(g->error, s.sock.error, sizeof(g->error));
		g->status = s.sock.status;
	}
	close(pair[1]);
	g->fd = pair[0];
	return r;
}

ssize_t
gate_recv(struct gate *g, uint8_t *buf, size_t cap, uint64_t *ts)
{
	struct head head;
	struct iovec iov[2] = {{&head, sizeof(head)}, {buf, cap}};
	ssize_t n;

	n = readv(g->fd, iov, 2);
	if (n == 0 || (n < 0 && errno == ECONNRESET)) {
		errno = g->p->error != 0 ? g->p->error : EOWNERDEAD;
		return -1;
	}
	if (n < (ssize_t)sizeof(head))
		return n < 0 ? -1 : 0;
	if (g->p->down != g->down)
		say_own("%s is down: nothing passes until it is up", g->ifname);
	g->down = g->p->down;
	*ts = head.ts;
	g->sent = head.sent != 0;
	g->gso = (uint16_t)head.gso;
	return n - (ssize_t)sizeof(head);
}

static int
put(struct gate *g, const void *message, size_t len)
{
	struct pollfd p = {.fd = g->fd, .events = POLLOUT};

	if (write(g->fd, message, len) >= 0)
		return 0;
	if (errno != EAGAIN || poll(&p, 1, SEND_WAIT_MS) != 1)
		return -1;
	return write(g->fd, message, len) >= 0 ? 0 : -1;
}

int
gate_send(struct gate *g, const uint8_t *frame, size_t len)
{
	if (len < FRAME_LEAST) {
		errno = EINVAL;
		return -1;
	}
	return put(g, frame, len);
}

void
gate_counts(const struct gate *g, uint64_t *dropped, uint64_t *unsent)
{
	*dropped = g->p->dropped;
	*unsent = g->p->unsent;
}

/* the gate's own list is another */
SANDBOX_NEEDS_FOR(LIBC, wait4);

void
gate_close(struct gate *g)
{
	struct pollfd p = {.fd = g->fd, .events = POLLIN};
	char no_more = 0, rest;
	ssize_t n = 1;

	if (put(g, &no_more, sizeof(no_more)) == 0) {
		while (n > 0 && poll(&p, 1, CLOSE_WAIT_MS) == 1)
			n = read(g->fd, &rest, sizeof(rest));
	}
	/* it is about to end, or is stopped and ends after us */
	if (n <= 0)
		(void)waitpid(g->pid, NULL, 0);
	close(g->fd);
	g->fd = -1;
}
