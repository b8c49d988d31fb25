/*
 * sendfile.c - the server to compare with: sendfile FILE PORT. The kernel's
 * TCP, the file sent by sendfile(2) to each connection after its first
 * words, then FIN.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void
serve(int fd, int file, off_t len)
{
	char request[4096];
	off_t off = 0;

	if (read(fd, request, sizeof(request)) > 0)
		while (off < len && sendfile(fd, file, &off, len - off) > 0)
			;
	close(fd);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int file, s, fd, one = 1;
	struct stat sb;

	if (argc != 3)
		return 2;
	file = open(argv[1], O_RDONLY);
	s = socket(AF_INET, SOCK_STREAM, 0);
	sin.sin_port = htons((uint16_t)atoi(argv[2]));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (file < 0 || fstat(file, &sb) != 0 ||
	    bind(s, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(s, 1024) != 0) {
		perror("sendfile");
		return 2;
	}
	for (;;) {
		fd = accept(s, NULL, NULL);
		if (fd >= 0)
			serve(fd, file, sb.st_size);
		else if (errno != EINTR && errno != ECONNABORTED)
			return 1;
	}
}
