/*
 * join.c - see join.h. A direction holds what one read() has brought until it
 * is written, so a reader that is slow slows down its writer.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "join.h"

enum { PIECE = 65536, ENDS = 4 };

/* one direction */
struct way {
	int from, to;
	bool ended; /* FIN of `from`, passed on to `to` */
	size_t at, n;
	uint8_t buf[PIECE];
};

/* get - as read(), without waiting where that can be had */
static ssize_t
get(int fd, uint8_t *buf, size_t n)
{
	ssize_t got = recv(fd, buf, n, MSG_DONTWAIT);

	return got < 0 && errno == ENOTSOCK ? read(fd, buf, n) : got;
}

/* put - as write(); poll() promises no more than PIPE_BUF in a pipe */
static ssize_t
put(int fd, const uint8_t *buf, size_t n)
{
	ssize_t done = send(fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (done >= 0 || errno != ENOTSOCK)
		return done;
	return write(fd, buf, n < PIPE_BUF ? n : PIPE_BUF);
}

static bool
only_later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* end_of - the other side gets an end of file */
static void
end_of(struct way *w)
{
	w->ended = true;
	if (shutdown(w->to, SHUT_WR) != 0 && errno == ENOTSOCK) {
		close(w->to);
		w->to = -1;
	}
}

/* fill - false: the connection is broken */
static bool
fill(struct way *w)
{
	ssize_t n = get(w->from, w->buf, sizeof(w->buf));

	if (n < 0)
		return only_later();
	w->at = 0;
	w->n = (size_t)n;
	if (n == 0)
		end_of(w);
	return true;
}

static bool
drain(struct way *w)
{
	ssize_t n = put(w->to, w->buf + w->at, w->n);

	if (n < 0)
		return only_later();
	w->at += (size_t)n;
	w->n -= (size_t)n;
	return true;
}

/*
 * watch - what this direction waits for. The side that it does not wait for is
 * watched as well: poll() always reports that it is gone.
 */
static void
watch(const struct way *w, struct pollfd p[2])
{
	p[0] = (struct pollfd){
	    .fd = w->ended || w->n > 0 ? -1 : w->from, .events = POLLIN};
	p[1] = (struct pollfd){
	    .fd = w->to, .events = (short)(w->n > 0 ? POLLOUT : 0)};
}

/* pass - what can be done now; false: the connection is broken */
static bool
pass(struct way *w, const struct pollfd p[2])
{
	if (p[1].fd >= 0 && p[1].revents & POLLERR)
		return false;
	if (w->n > 0)
		return p[1].revents == 0 || drain(w);
	if (p[0].fd >= 0 && p[0].revents != 0)
		return fill(w);
	return true;
}

/* last_words - of a connection that is broken: what goes without waiting */
static void
last_words(struct way *w)
{
	ssize_t n;

	while (!w->ended) {
		if (w->n == 0) {
			n = get(w->from, w->buf, PIECE);
			if (n <= 0)
				break;
			w->at = 0;
			w->n = (size_t)n;
		}
		n = put(w->to, w->buf + w->at, w->n);
		if (n < 0)
			break;
		w->at += (size_t)n;
		w->n -= (size_t)n;
	}
}

enum join_end
join_run(int in, int out, int sock)
{
	static struct way up, down;
	struct pollfd p[ENDS];

	up.from = in;
	up.to = down.from = sock;
	down.to = out;
	while (!up.ended || !down.ended) {
		watch(&up, p);
		watch(&down, p + 2);
		if (poll(p, ENDS, -1) < 0)
			return JOIN_RESET;
		if (pass(&down, p + 2) && pass(&up, p))
			continue;
		last_words(&down);
		return JOIN_RESET;
	}
	return JOIN_CLOSED;
}

void
join_reset(int sock)
{
	const struct linger now = {.l_onoff = 1};

	(void)setsockopt(sock, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(sock);
}
