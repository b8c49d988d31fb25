/*
 * uncut_test.c - what the ends of a pipe show each other, also beside a turn
 * and a reader that copies, and that it ends with its process.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipe/stream.h"
#include "pipe/turns.h"
#include "pipe/uncut.h"
#include "tap.h"

static int fd[2];

static void
as_reader(void)
{
	stream_copies(fd[0]);
	if (!stream_unsummed(fd[0]))
		_exit(1);
	uncut_take(fd[0], 9000);
}

static void
as_writer(void)
{
	bool asked = false;

	if (!turn_take(fd[1], &asked) || !uncut_vouch(fd[1]))
		_exit(1);
}

/* other - a process that has done this, until it is let go: its pid */
static pid_t
other(void (*what)(void), int *go)
{
	int done[2], end[2];
	char byte;
	pid_t pid;

	if (pipe(done) != 0 || pipe(end) != 0)
		exit(1);
	pid = fork();
	if (pid == 0) {
		what();
		close(end[1]);
		(void)!write(done[1], "", 1);
		(void)!read(end[0], &byte, 1);
		_exit(0);
	}
	(void)!read(done[0], &byte, 1);
	close(done[0]);
	close(done[1]);
	close(end[0]);
	*go = end[1];
	return pid;
}

static void
let_go(pid_t pid, int go)
{
	int status;

	close(go);
	waitpid(pid, &status, 0);
	check(status == 0, "the other process could do it");
}

int
main(void)
{
	int go, file = open("/dev/null", O_RDWR);
	pid_t pid;

	if (pipe(fd) != 0)
		return 1;
	check(uncut_mtu(fd[1]) == 0, "no reader has shown anything");
	check(!uncut_vouched(fd[0]), "nor a writer");
	pid = other(as_reader, &go);
	check(uncut_mtu(fd[1]) == 9000, "the reader's MTU");
	check(stream_reader_shows(fd[1], STREAM_LOCK_COPIES),
	    "and that it copies");
	check(stream_reader_shows(fd[1], STREAM_LOCK_UNSUMMED),
	    "and takes frames without a checksum");
	check(!uncut_vouched(fd[0]), "a reader does not vouch");
	let_go(pid, go);
	check(uncut_mtu(fd[1]) == 0 &&
		  !stream_reader_shows(fd[1], STREAM_LOCK_UNSUMMED),
	    "it ends with the reader");
	pid = other(as_writer, &go);
	check(uncut_vouched(fd[0]), "a writer vouches");
	check(!uncut_vouch(fd[1]), "a second one cannot");
	check(uncut_mtu(fd[1]) == 0 &&
		  !stream_reader_shows(fd[1], STREAM_LOCK_COPIES),
	    "a writer is no reader");
	let_go(pid, go);
	check(!uncut_vouched(fd[0]), "it ends with the writer");
	check(!uncut_vouch(file), "no pipe, nothing to vouch for");
	uncut_take(file, 1500);
	check(uncut_mtu(file) == 0 && !stream_unsummed(file), "nor to show");
	return done();
}
