/*
 * load.c - the client of the benchmarks: load ADDR PORT CONNECTIONS AT_ONCE.
 * Each connection says a few words and reads to the end. Prints, for the
 * shell: bytes=, failed=, seconds=, cpu= (its own).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUF = 1 << 18, EVENTS = 64 };

static struct {
	struct sockaddr_in to;
	long begun, ended, failed, want;
	long long bytes;
	int ep;
	char buf[BUF];
} l;

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
begin(void)
{
	struct epoll_event ev = {.events = EPOLLOUT};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	l.begun++;
	if (fd < 0 ||
	    (connect(fd, (struct sockaddr *)&l.to, sizeof(l.to)) != 0 &&
		errno != EINPROGRESS)) {
		perror("load: connect");
		exit(1);
	}
	ev.data.fd = fd;
	epoll_ctl(l.ep, EPOLL_CTL_ADD, fd, &ev);
}

static void
end(int fd, int failed)
{
	close(fd);
	l.ended++;
	l.failed += failed;
	if (l.begun < l.want)
		begin();
}

static void
speak(int fd)
{
	static const char words[] = "GET / HTTP/1.0\r\n\r\n";
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	if (write(fd, words, sizeof(words) - 1) < 0) {
		end(fd, 1);
		return;
	}
	epoll_ctl(l.ep, EPOLL_CTL_MOD, fd, &ev);
}

static void
listen_to(int fd)
{
	ssize_t n = read(fd, l.buf, BUF);

	if (n > 0)
		l.bytes += n;
	else if (n == 0 || errno != EAGAIN)
		end(fd, n != 0);
}

int
main(int argc, char **argv)
{
	struct epoll_event ev[EVENTS];
	double start = seconds(CLOCK_MONOTONIC);
	int i, n;
	long at_once;

	if (argc != 5)
		return 2;
	l.to.sin_family = AF_INET;
	l.to.sin_port = htons((uint16_t)atoi(argv[2]));
	if (inet_pton(AF_INET, argv[1], &l.to.sin_addr) != 1)
		return 2;
	l.want = atol(argv[3]);
	at_once = atol(argv[4]);
	l.ep = epoll_create1(0);
	while (l.begun < at_once && l.begun < l.want)
		begin();
	while (l.ended < l.want) {
		n = epoll_wait(l.ep, ev, EVENTS, 20000);
		if (n <= 0) {
			fprintf(stderr, "load: %ld of %ld ended\n", l.ended,
			    l.want);
			return 1;
		}
		for (i = 0; i < n; i++) {
			if (ev[i].events & EPOLLOUT)
				speak(ev[i].data.fd);
			else
				listen_to(ev[i].data.fd);
		}
	}
	printf("bytes=%lld failed=%ld seconds=%.6f cpu=%.6f\n", l.bytes,
	    l.failed, seconds(CLOCK_MONOTONIC) - start,
	    seconds(CLOCK_PROCESS_CPUTIME_ID));
	return l.failed != 0;
}
