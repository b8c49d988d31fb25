/*
 * kernel.c - what a stage asks of a kernel: pipes, poll(), signals, memory.
 * A process is a context of its own. Before each call that others can notice
 * it gives way, and whoever searches says when it goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "model.h"

struct proc proc[STAGES];
static _Alignas(64) uint8_t heap[STAGES][HEAP], stack[STAGES][STACK];
static ucontext_t search;
static struct proc *current;
static int current_errno[STAGES];

/* these take the place of libc's: ld --wrap */
#define CALL(name) __wrap_##name
ssize_t CALL(read)(int, void *, size_t);
ssize_t CALL(write)(int, const void *, size_t);
int CALL(poll)(struct pollfd *, nfds_t, int);
int CALL(ppoll)(
    struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
int CALL(fcntl)(int, int, ...);
int CALL(fstat)(int, struct stat *);
off_t CALL(lseek)(int, off_t, int);
int CALL(ftruncate)(int, off_t);
int CALL(sigprocmask)(int, const sigset_t *, sigset_t *);
int CALL(sigaction)(int, const struct sigaction *, struct sigaction *);
uint64_t CALL(clock_now)(const struct clock *);
void *CALL(malloc)(size_t);
void *CALL(calloc)(size_t, size_t);
void *CALL(aligned_alloc)(size_t, size_t);
void CALL(free)(void *);

/* outside of all processes: the runtime of `make coverage` */
#define REAL(name) __real_##name
int REAL(fcntl)(int, int, ...);
off_t REAL(lseek)(int, off_t, int);
int REAL(ftruncate)(int, off_t);
void *REAL(malloc)(size_t);
void *REAL(calloc)(size_t, size_t);
void REAL(free)(void *);

/* ---- contexts */

struct proc *
kernel_current(void)
{
	return current;
}

static void
switch_to(int i)
{
	struct proc *p = &proc[i];

	current = p;
	flags_set(p->stop, p->stopped);
	errno = current_errno[i];
	swapcontext(&search, &p->context);
	current_errno[i] = errno;
	flags_get(&p->stop, &p->stopped);
	current = NULL;
}

/* give_way - until the call is to be done */
static void
give_way(enum call call, void *at, size_t size)
{
	current->call = call;
	current->p = at;
	current->size = size;
	current->sp = __builtin_frame_address(0);
	swapcontext(&current->context, &search);
	current->call = CALL_NONE;
}

void
kernel_reset(void)
{
	memset(proc, 0, sizeof(proc));
}

void
kernel_start(int i, void (*body)(void))
{
	struct proc *p = &proc[i];

	sigemptyset(&p->pending);
	getcontext(&p->context);
	p->context.uc_stack.ss_sp = stack[i];
	p->context.uc_stack.ss_size = STACK;
	p->context.uc_link = &search;
	makecontext(&p->context, body, 0);
	switch_to(i);
}

void
kernel_run(int i, bool cut)
{
	proc[i].cut = cut;
	switch_to(i);
}

/* ---- signals: blocked but in a wait */

void
kernel_signal(struct proc *p, int sig)
{
	sigaddset(&p->pending, sig);
}

static bool
is_pending(const struct proc *p)
{
	return sigismember(&p->pending, SIGTERM) == 1 ||
	       sigismember(&p->pending, SIGUSR1) == 1;
}

static bool
take_signals(struct proc *p)
{
	static const int sig[] = {SIGTERM, SIGUSR1};
	bool any = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (sigismember(&p->pending, sig[i]) != 1)
			continue;
		sigdelset(&p->pending, sig[i]);
		p->handler(sig[i]);
		any = true;
	}
	return any;
}

int
CALL(sigprocmask)(int how, const sigset_t *set, sigset_t *before)
{
	(void)how; /* they are blocked, but where it waits */
	(void)set;
	(void)before;
	return 0;
}

int
CALL(sigaction)(int sig, const struct sigaction *sa, struct sigaction *before)
{
	(void)sig;
	(void)before;
	current->handler = sa->sa_handler;
	return 0;
}

/* ---- files: 0 is a queue to read from, 1 one to write to */

static struct queue *
queue_of(const struct proc *p, int fd)
{
	return &m.q[fd == 0 ? p->from : p->to];
}

static bool
is_file(const struct proc *p, int fd)
{
	return m.plan->disk > 0 && p == &proc[1] && fd == 1;
}

static short
state(const struct proc *p, const struct pollfd *f)
{
	const struct queue *q = queue_of(p, f->fd);
	short now = 0;

	if (f->fd == 0)
		now = (short)((q->n > 0 ? POLLIN : 0) |
			      (q->writer ? 0 : POLLHUP));
	else if (is_file(p, 1))
		now = POLLOUT;
	else
		now = (short)((q->n < q->cap ? POLLOUT : 0) |
			      (q->reader ? 0 : POLLERR));
	return (short)(now & (f->events | POLLERR | POLLHUP));
}

static int
ready(const struct proc *p, struct pollfd *f, size_t n)
{
	size_t i;
	int count = 0;

	for (i = 0; i < n; i++) {
		f[i].revents = f[i].fd < 0 ? 0 : state(p, &f[i]);
		count += f[i].revents != 0;
	}
	return count;
}

bool
kernel_can(const struct proc *p)
{
	const struct queue *q;

	switch (p->call) {
	case CALL_READ:
		q = queue_of(p, 0);
		return q->n > 0 || !q->writer;
	case CALL_WRITE:
		q = queue_of(p, 1);
		return p->held || is_file(p, 1) || q->n < q->cap || !q->reader;
	case CALL_WAIT:
		return ready(p, p->p, p->size) > 0 || is_pending(p) ||
		       p->until <= m.now;
	case CALL_POLL:
	case CALL_NONE:
		break;
	}
	return true;
}

void
queue_drop(struct queue *q, size_t n)
{
	memmove(q->byte, q->byte + n, q->n - n);
	q->n -= n;
	memset(q->byte + q->n, 0, n);
}

ssize_t
CALL(read)(int fd, void *to, size_t n)
{
	struct queue *q = queue_of(current, fd);

	give_way(CALL_READ, to, n);
	if (current->stop_at > 0)
		current->reads++;
	n = n > q->n ? q->n : n;
	if (current->cut && n > PART)
		n = PART;
	current->at_end = n == 0;
	memcpy(to, q->byte, n);
	queue_drop(q, n);
	return (ssize_t)n;
}

ssize_t
CALL(write)(int fd, const void *from, size_t n)
{
	struct queue *q = queue_of(current, fd);

	give_way(CALL_WRITE, NULL, n);
	if (!q->reader) {
		errno = EPIPE;
		return -1;
	}
	if (q->n == q->cap) {
		errno = is_file(current, fd) ? ENOSPC : EAGAIN;
		return -1;
	}
	n = n > q->cap - q->n ? q->cap - q->n : n;
	if (current->cut && n > PART)
		n = PART;
	memcpy(q->byte + q->n, from, n);
	q->n += n;
	return (ssize_t)n;
}

int
CALL(poll)(struct pollfd *f, nfds_t n, int timeout)
{
	(void)timeout; /* 0: it is asked for no other */
	give_way(CALL_POLL, f, n);
	return ready(current, f, n);
}

int
CALL(ppoll)(
    struct pollfd *f, nfds_t n, const struct timespec *t, const sigset_t *mask)
{
	int count;

	(void)mask;
	/* nothing to wait for: signals alone are let in */
	if (n == 0) {
		if (!take_signals(current))
			return 0;
		errno = EINTR;
		return -1;
	}
	current->until = TIME_NEVER;
	if (t != NULL)
		current->until = m.now + (uint64_t)t->tv_sec * NS_PER_SEC +
				 (uint64_t)t->tv_nsec;
	give_way(CALL_WAIT, f, n);
	count = ready(current, f, n);
	current->rounds++;
	if (count == 0 && take_signals(current)) {
		errno = EINTR;
		return -1;
	}
	return count;
}

int
CALL(fcntl)(int fd, int command, ...)
{
	va_list args;
	int r = 0;

	va_start(args, command);
	if (current == NULL)
		r = REAL(fcntl)(fd, command, va_arg(args, void *));
	else if (command == F_GETFL)
		r = fd == 1 && current->held ? O_NONBLOCK : 0;
	else
		current->held = va_arg(args, int) & O_NONBLOCK;
	va_end(args);
	return r;
}

int
CALL(fstat)(int fd, struct stat *sb)
{
	memset(sb, 0, sizeof(*sb));
	sb->st_mode = is_file(current, fd) ? S_IFREG : S_IFIFO;
	return 0;
}

off_t
CALL(lseek)(int fd, off_t at, int whence)
{
	if (current == NULL)
		return REAL(lseek)(fd, at, whence);
	if (is_file(current, fd))
		return (off_t)queue_of(current, fd)->n;
	errno = ESPIPE;
	return -1;
}

int
CALL(ftruncate)(int fd, off_t size)
{
	if (current == NULL)
		return REAL(ftruncate)(fd, size);
	queue_of(current, fd)->n = (size_t)size;
	return 0;
}

uint64_t
CALL(clock_now)(const struct clock *c)
{
	(void)c;
	return m.now;
}

/* ---- memory: never used twice, the same in each run */

void *
CALL(aligned_alloc)(size_t align, size_t n)
{
	int i = (int)(current - proc);
	size_t at = (current->heap + align - 1) / align * align;

	if (n > HEAP || at > HEAP - n)
		return NULL;
	current->heap = at + n;
	return heap[i] + at;
}

void *
CALL(malloc)(size_t n)
{
	return current == NULL ? REAL(malloc)(n) : CALL(aligned_alloc)(64, n);
}

void *
CALL(calloc)(size_t n, size_t size)
{
	void *p;

	if (current == NULL)
		return REAL(calloc)(n, size);
	p = CALL(malloc)(n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

void
CALL(free)(void *p)
{
	if (current == NULL)
		REAL(free)(p);
}

/* ---- equal states */

static uint64_t
mix(const void *p, size_t n, uint64_t hash)
{
	const uint8_t *b = p;
	uint64_t w;
	size_t i;

	for (i = 0; i < n; i += 8) {
		w = 0;
		memcpy(&w, b + i, n - i < 8 ? n - i : 8);
		hash = (hash ^ w) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

/*
 * of_stack - where a process is: the places in the code that its calls will
 * return to. Its variables there follow from what else is hashed.
 */
extern const char __executable_start, etext;

__attribute__((no_sanitize_address)) static uint64_t
of_stack(int i, uint64_t hash)
{
	const uintptr_t *p = (uintptr_t *)((uintptr_t)proc[i].sp &
					   ~(sizeof(uintptr_t) - 1));

	for (; (const uint8_t *)p < stack[i] + STACK; p++) {
		if (*p < (uintptr_t)&__executable_start ||
		    *p >= (uintptr_t)&etext)
			continue;
		hash = (hash ^ *p) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

uint64_t
kernel_hash(uint64_t hash)
{
	const struct proc *p;
	int i;

	for (i = 0; i < STAGES; i++) {
		p = &proc[i];
		hash = mix(p, offsetof(struct proc, heap), hash);
		if (m.plan->kind == BUSY)
			hash = mix(&p->rounds, sizeof(p->rounds), hash);
		hash = mix(
		    p->in.buf + p->in.start, p->in.end - p->in.start, hash);
		hash = mix(
		    p->out.buf + p->out.start, p->out.end - p->out.start, hash);
		if (!p->over)
			hash = of_stack(i, hash);
	}
	hash = mix(m.q, sizeof(m.q), hash);
	return mix(&m.now,
	    offsetof(struct model, steps) - offsetof(struct model, now), hash);
}
