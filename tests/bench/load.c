/*
 * load.c - the client of the benchmarks:
 *
 *	load [-t SECONDS] [-u BYTES] ADDR PORT CONNECTIONS AT_ONCE
 *
 * Each connection says a few words and reads to the end. With -t it stops
 * after that time, with -u it says so many bytes instead. Prints, for the
 * shell: bytes= (both ways), failed=, seconds=, cpu= (its own); medians of
 * the connections: connect= (us), answer= (us from request to first byte),
 * took= (s), each= (bytes); ended=. What nine in ten had, and the longest:
 * connect90=, connect_most=, took90=, took_most=; resent=, the connections
 * whose SYN was not answered within a second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUF = 1 << 18, EVENTS = 64, PATIENCE_MS = 20000 };

struct conn {
	double begun, connected, asked, answered; /* s */
	double bytes;
	double to_say;
	int open;
};

/* what the connections had, for the medians */
struct samples {
	double *v;
	long n;
};

static struct {
	struct sockaddr_storage to;
	socklen_t tolen;
	long begun, ended, failed, want;
	double bytes, upload;
	int ep;
	struct conn *conn; /* by descriptor */
	long nconn;
	struct samples connect, answer, took, each;
	char buf[BUF];
} l;

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
now(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static void
begin(void)
{
	struct epoll_event ev = {.events = EPOLLOUT};
	int fd = socket(l.to.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	double at = now(); /* where all is one machine connect() is all of it */

	l.begun++;
	if (fd < 0 || fd >= l.nconn ||
	    (connect(fd, (struct sockaddr *)&l.to, l.tolen) != 0 &&
		errno != EINPROGRESS)) {
		perror("load: connect");
		exit(1);
	}
	l.conn[fd] = (struct conn){.begun = at, .open = 1, .to_say = l.upload};
	ev.data.fd = fd;
	epoll_ctl(l.ep, EPOLL_CTL_ADD, fd, &ev);
}

static void
keep(struct samples *s, double v)
{
	s->v[s->n++] = v;
}

static void
end(int fd, int failed)
{
	struct conn *c = &l.conn[fd];

	close(fd);
	c->open = 0;
	l.ended++;
	l.failed += failed;
	if (c->connected > 0)
		keep(&l.connect, c->connected - c->begun);
	if (c->answered > 0)
		keep(&l.answer, c->answered - c->asked);
	keep(&l.took, now() - c->begun);
	keep(&l.each, c->bytes);
	if (l.begun < l.want)
		begin();
}

/* say_much - as much of the upload as goes */
static void
say_much(int fd)
{
	struct conn *c = &l.conn[fd];
	size_t n = c->to_say < BUF ? (size_t)c->to_say : BUF;
	ssize_t w = write(fd, l.buf, n);

	if (w < 0) {
		if (errno != EAGAIN)
			end(fd, 1);
		return;
	}
	c->to_say -= (double)w;
	c->bytes += (double)w;
	l.bytes += (double)w;
	if (c->to_say <= 0)
		shutdown(fd, SHUT_WR);
}

static void
speak(int fd)
{
	static const char words[] = "GET / HTTP/1.0\r\n\r\n";
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	l.conn[fd].asked = now();
	if (l.conn[fd].connected == 0)
		l.conn[fd].connected = l.conn[fd].asked;
	if (l.upload > 0) {
		say_much(fd);
		if (!l.conn[fd].open || l.conn[fd].to_say > 0)
			return;
	} else if (write(fd, words, sizeof(words) - 1) < 0) {
		end(fd, 1);
		return;
	}
	epoll_ctl(l.ep, EPOLL_CTL_MOD, fd, &ev);
}

static void
hear(int fd)
{
	ssize_t n = read(fd, l.buf, BUF);
	struct conn *c = &l.conn[fd];

	if (n > 0 && c->answered == 0)
		c->answered = now();
	if (n > 0) {
		c->bytes += (double)n;
		l.bytes += (double)n;
	} else if (n == 0 || errno != EAGAIN) {
		end(fd, n != 0);
	}
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* share - what so many per cent of them had at most */
static double
share(struct samples *s, long percent)
{
	if (s->n == 0)
		return 0;
	qsort(s->v, (size_t)s->n, sizeof(*s->v), by_size);
	return s->v[(s->n - 1) * percent / 100];
}

static double
median(struct samples *s)
{
	return share(s, 50);
}

/* beyond - so many have had more */
static long
beyond(const struct samples *s, double v)
{
	long i, n = 0;

	for (i = 0; i < s->n; i++)
		n += s->v[i] > v;
	return n;
}

/* stop_all - the time is up: what has come counts */
static void
stop_all(void)
{
	int fd;

	l.want = l.begun;
	for (fd = 0; fd < l.nconn; fd++)
		if (l.conn[fd].open)
			end(fd, 0);
}

/* run - until the end, or until time comes; 0, or -1: nothing happens */
static int
run(double until)
{
	struct epoll_event ev[EVENTS];
	int i, n, wait = PATIENCE_MS;
	double left;

	while (l.ended < l.want) {
		left = until - now();
		if (until > 0 && left <= 0) {
			stop_all();
			break;
		}
		if (until > 0)
			wait = (int)(left * 1e3) + 1;
		n = epoll_wait(l.ep, ev, EVENTS, wait);
		if (n < 0 || (n == 0 && until == 0))
			return -1;
		for (i = 0; i < n; i++) {
			if (ev[i].events & EPOLLOUT)
				speak(ev[i].data.fd);
			else
				hear(ev[i].data.fd);
		}
	}
	return 0;
}

/* where - the address to connect to: 0, or -1 */
static int
where(const char *addr, uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&l.to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&l.to;

	l.to.ss_family = strchr(addr, ':') != NULL ? AF_INET6 : AF_INET;
	if (l.to.ss_family == AF_INET) {
		l.tolen = sizeof(*v4);
		v4->sin_port = htons(port);
		return inet_pton(AF_INET, addr, &v4->sin_addr) - 1;
	}
	l.tolen = sizeof(*v6);
	v6->sin6_port = htons(port);
	return inet_pton(AF_INET6, addr, &v6->sin6_addr) - 1;
}

static void
set_up(char **argv)
{
	struct rlimit most;

	if (getrlimit(RLIMIT_NOFILE, &most) == 0) {
		most.rlim_cur = most.rlim_max;
		setrlimit(RLIMIT_NOFILE, &most);
	}
	l.nconn = most.rlim_cur < 100000 ? (long)most.rlim_cur : 100000;
	if (where(argv[0], (uint16_t)atoi(argv[1])) != 0)
		exit(2);
	l.want = atol(argv[2]);
	l.conn = calloc((size_t)l.nconn, sizeof(*l.conn));
	l.connect.v = calloc((size_t)l.want, sizeof(double));
	l.answer.v = calloc((size_t)l.want, sizeof(double));
	l.took.v = calloc((size_t)l.want, sizeof(double));
	l.each.v = calloc((size_t)l.want, sizeof(double));
	l.ep = epoll_create1(0);
	if (!l.conn || !l.connect.v || !l.answer.v || !l.took.v || !l.each.v ||
	    l.ep < 0)
		exit(2);
}

int
main(int argc, char **argv)
{
	double start, limit = 0;
	long at_once;
	int c;

	while ((c = getopt(argc, argv, "t:u:")) != -1) {
		if (c == 't')
			limit = atof(optarg);
		else if (c == 'u')
			l.upload = atof(optarg);
		else
			return 2;
	}
	if (argc - optind != 4)
		return 2;
	set_up(argv + optind);
	start = now();
	at_once = atol(argv[optind + 3]);
	while (l.begun < at_once && l.begun < l.want)
		begin();
	if (run(limit > 0 ? start + limit : 0) != 0) {
		fprintf(stderr, "load: %ld of %ld ended\n", l.ended, l.want);
		return 1;
	}
	printf("bytes=%.0f failed=%ld seconds=%.6f cpu=%.6f connect=%.1f "
	       "answer=%.1f took=%.6f each=%.0f ended=%ld\n",
	    l.bytes, l.failed, now() - start, seconds(CLOCK_PROCESS_CPUTIME_ID),
	    median(&l.connect) * 1e6, median(&l.answer) * 1e6, median(&l.took),
	    median(&l.each), l.ended);
	printf("connect90=%.1f connect_most=%.1f took90=%.6f took_most=%.6f "
	       "resent=%ld\n",
	    share(&l.connect, 90) * 1e6, share(&l.connect, 100) * 1e6,
	    share(&l.took, 90), share(&l.took, 100), beyond(&l.connect, 1));
	return l.failed != 0;
}
