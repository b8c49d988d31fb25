/*
 * idle.c - see idle.h.
 */
#include <stdlib.h>

#include "base/die.h"
#include "base/syscalls.h"

#include "idle.h"

enum { QUIET = 64 }; /* rounds */

#ifdef _GNU_SOURCE

#include <sys/epoll.h>

SANDBOX_NEEDS(epoll_ctl);
SANDBOX_NEEDS(epoll_pwait);
#ifdef SYS_epoll_wait
SANDBOX_NEEDS(epoll_wait);
#endif

static int
open_news(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

/* watch - a pipe, if it is open; false: it is no pipe */
static bool
watch(int news, int fd, uint32_t events, unsigned port)
{
	struct epoll_event e = {.events = events, .data.u32 = port};

	return fd < 0 || epoll_ctl(news, EPOLL_CTL_ADD, fd, &e) == 0;
}

static void
forget(int news, int fd)
{
	if (fd >= 0)
		(void)epoll_ctl(news, EPOLL_CTL_DEL, fd, NULL);
}

/* watch_port - of what its command reads only the end is news */
static bool
watch_port(int news, const struct port *p, unsigned port)
{
	if (!watch(news, p->child.in, EPOLLIN, port))
		return false;
	if (watch(news, p->child.out, 0, port))
		return true;
	forget(news, p->child.in);
	return false;
}

static void
forget_port(int news, const struct port *p)
{
	forget(news, p->child.in);
	forget(news, p->child.out);
}

/* next_news - a port; -1: there is none */
static int
next_news(int news)
{
	struct epoll_event e;

	return epoll_wait(news, &e, 1, 0) == 1 ? (int)e.data.u32 : -1;
}

#else

static int
open_news(void)
{
	return -1;
}

static bool
watch_port(int news, const struct port *p, unsigned port)
{
	return false;
}

static void
forget_port(int news, const struct port *p)
{
}

static int
next_news(int news)
{
	return -1;
}

#endif

void
idle_start(struct run *r)
{
	unsigned i;

	r->active = calloc(r->o.ports, sizeof(*r->active));
	if (r->active == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < r->o.ports; i++)
		r->active[i] = i;
	r->actives = r->o.ports;
	r->news = open_news();
}

void
idle_wake(struct run *r, unsigned port)
{
	struct port *p = &r->port[port];

	p->quiet = 0;
	if (!p->idle)
		return;
	forget_port(r->news, p);
	p->idle = false;
	r->active[r->actives++] = port;
}

void
idle_news(struct run *r)
{
	int port;

	while ((port = next_news(r->news)) >= 0)
		idle_wake(r, (unsigned)port);
}

/* may_rest - it may be, and is waited for from now on */
static bool
may_rest(struct run *r, unsigned port)
{
	struct port *p = &r->port[port];

	if (r->news < 0 || r->state != RUN_ON || ++p->quiet < QUIET ||
	    p->full || p->wait != 0 || stream_out_waiting(&p->out) > 0)
		return false;
	p->quiet = 0;
	return watch_port(r->news, p, port);
}

void
idle_sweep(struct run *r)
{
	unsigned i = 0;

	while (i < r->actives)
		if (may_rest(r, r->active[i])) {
			r->port[r->active[i]].idle = true;
			r->active[i] = r->active[--r->actives];
		} else {
			i++;
		}
}
