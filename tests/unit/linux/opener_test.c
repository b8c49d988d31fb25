/*
 * opener_test.c - what is opened too late for the one that asked is not handed
 * to the next one.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "linux/opener.h"
#include "place.h"
#include "tap.h"

static char fifo[PLACE_PATH], file[PLACE_PATH];

static int
open_one(void *ctx, uint8_t what)
{
	return open(what == 0 ? fifo : file, O_RDONLY);
}

static bool
is_file(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int
main(void)
{
	int sock, writer, i, wrong = 0;

	snprintf(fifo, sizeof(fifo), "%s", place("fifo"));
	snprintf(file, sizeof(file), "%s", place("file"));
	i = open(file, O_WRONLY | O_CREAT, 0600);
	if (mkfifo(fifo, 0600) != 0 || i < 0)
		return 1;
	close(i);
	sock = opener_start_by(open_one, NULL, SANDBOX_OPENER);
	check(is_file(opener_ask_for(sock, 1)), "a file");
	check(opener_ask_for(sock, 0) < 0, "one that blocks takes a second");
	writer = open(fifo, O_RDWR);
	usleep(200000);
	for (i = 0; i < 3; i++)
		wrong += !is_file(opener_ask_for(sock, 1));
	check(writer >= 0 && wrong == 0, "what came late is for nobody");
	remove(fifo);
	remove(file);
	return done();
}
