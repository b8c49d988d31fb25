/*
 * sendfile.c - the server to compare with:
 *
 *	sendfile [-d] [-f] [-C CONTROL] FILE PORT
 *
 * The kernel's TCP, the file sent by sendfile(2) to each connection after its
 * first words, then FIN. -d: what else the client says is read to its end
 * first; -f: a process for each connection; -C: its congestion control.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	int drain, fork, file, sock;
	off_t len;
	const char *control;
} s;

static void
serve(int fd)
{
	static char said[1 << 18];
	off_t off = 0;

	if (read(fd, said, sizeof(said)) > 0) {
		while (s.drain && read(fd, said, sizeof(said)) > 0)
			;
		while (
		    off < s.len && sendfile(fd, s.file, &off, s.len - off) > 0)
			;
	}
	close(fd);
}

static int
open_all(const char *path, const char *port)
{
	struct sockaddr_in6 sin = {.sin6_family = AF_INET6};
	struct stat sb;
	int one = 1;

	s.file = open(path, O_RDONLY);
	/* of IPv4 as well, unless the system says otherwise (ipv6(7)) */
	s.sock = socket(AF_INET6, SOCK_STREAM, 0);
	sin.sin6_port = htons((uint16_t)atoi(port));
	setsockopt(s.sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (s.file < 0 || fstat(s.file, &sb) != 0)
		return -1;
	s.len = sb.st_size;
	if (s.control != NULL &&
	    setsockopt(s.sock, IPPROTO_TCP, TCP_CONGESTION, s.control,
		(socklen_t)strlen(s.control)) != 0)
		return -1;
	if (bind(s.sock, (struct sockaddr *)&sin, sizeof(sin)) != 0)
		return -1;
	return listen(s.sock, 1024);
}

int
main(int argc, char **argv)
{
	int c, fd;

	while ((c = getopt(argc, argv, "dfC:")) != -1) {
		if (c == 'd')
			s.drain = 1;
		else if (c == 'f')
			s.fork = 1;
		else if (c == 'C')
			s.control = optarg;
		else
			return 2;
	}
	if (argc - optind != 2)
		return 2;
	if (open_all(argv[optind], argv[optind + 1]) != 0) {
		perror("sendfile");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		fd = accept(s.sock, NULL, NULL);
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return 1;
		if (!s.fork) {
			serve(fd);
		} else if (fork() == 0) {
			close(s.sock);
			serve(fd);
			_exit(0);
		} else {
			close(fd);
		}
	}
}
