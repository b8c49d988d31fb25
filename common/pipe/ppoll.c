/*
 * ppoll.c - wait for descriptors and signals at once, see ppoll.h. POSIX has
 * had ppoll() only since 2024.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

#include "pipe/ppoll.h"

#ifdef _GNU_SOURCE

int
ppoll_wait(struct pollfd *p, size_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	return ppoll(p, n, timeout, mask);
}

#else

int
ppoll_wait(struct pollfd *p, size_t n, const struct timespec *timeout,
    const sigset_t *mask)
{
	fd_set in, out;
	int max = -1, r, count = 0;
	size_t i;

	FD_ZERO(&in);
	FD_ZERO(&out);
	for (i = 0; i < n; i++) {
		p[i].revents = 0;
		if (p[i].fd < 0)
			continue;
		if (p[i].fd >= FD_SETSIZE) {
			errno = EMFILE;
			return -1;
		}
		if (p[i].events & POLLIN)
			FD_SET(p[i].fd, &in);
		if (p[i].events & POLLOUT)
			FD_SET(p[i].fd, &out);
		if (p[i].fd > max)
			max = p[i].fd;
	}
	r = pselect(max + 1, &in, &out, NULL, timeout, mask);
	if (r <= 0)
		return r;
	for (i = 0; i < n; i++) {
		if (p[i].fd < 0)
			continue;
		if ((p[i].events & POLLIN) && FD_ISSET(p[i].fd, &in))
			p[i].revents |= POLLIN;
		if ((p[i].events & POLLOUT) && FD_ISSET(p[i].fd, &out))
			p[i].revents |= POLLOUT;
		count += p[i].revents != 0;
	}
	return count;
}

#endif
