/*
 * pace.c - the gaps between the timestamps: a process in front, which passes
 * each record on when its time has come. It does not judge bytes that are no
 * records: it passes them on to the process that reports what is wrong.
 *
 * It ends with its parent, and signals are its parent's.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "rawinject.h"

struct pace {
	struct clock clock;
	struct stage st;
	struct stream_in in;
	size_t sent;  /* of the buffer */
	bool holding; /* the record at sent waits for due */
	bool started;
	uint64_t due, stamp; /* of the last record: clock, its own */
	int error;
};

/* true when the record's time is still to come */
static bool
too_early(struct pace *pc, const struct stream_rec *rec, uint64_t now)
{
	if (!pc->started)
		pc->due = now;
	else if (rec->ts > pc->stamp)
		pc->due += rec->ts - pc->stamp;
	pc->started = true;
	pc->stamp = rec->ts;
	return pc->due > now;
}

/* send_up_to - send up to this place in the buffer; 1, or 0 when the reader is
   gone */
static int
send_up_to(struct pace *pc, size_t end)
{
	ssize_t n;

	while (pc->sent < end) {
		n = write(STDOUT_FILENO, pc->in.buf + pc->sent, end - pc->sent);
		if (n < 0 && errno != EINTR)
			return 0;
		pc->sent += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

/* send every record that is due; 1, or 0 at the end */
static int
send_due(struct pace *pc, uint64_t now)
{
	struct stream_rec rec;
	size_t end;
	int r = 0;

	while (!pc->holding && (r = stream_in_next(&pc->in, &rec)) > 0)
		pc->holding = too_early(pc, &rec, now);
	end = r < 0 ? pc->in.end : pc->in.start;
	if (pc->holding)
		end -= STREAM_REC_HLEN + (size_t)rec.caplen;
	pc->st.in = pc->holding ? -1 : STDIN_FILENO;
	return send_up_to(pc, end) && r >= 0;
}

static int
input(void *ctx, uint64_t now)
{
	struct pace *pc = ctx;
	ssize_t n;

	if (pc->holding)
		return 1;
	n = stream_in_read(&pc->in, STDIN_FILENO);
	pc->sent = pc->in.start;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		pc->error = errno;
	if (n > 0)
		return send_due(pc, now);
	(void)send_up_to(pc, pc->in.end);
	return 0;
}

static uint64_t
deadline(void *ctx)
{
	const struct pace *pc = ctx;

	return pc->holding ? pc->due : TIME_NEVER;
}

static void
timer(void *ctx, uint64_t now)
{
	struct pace *pc = ctx;

	pc->holding = false;
	pc->st.finished = !send_due(pc, now);
}

/* keep - keep the gaps; the exit status is the errno of a failed read */
static _Noreturn void
keep(struct pace *pc)
{
	clock_start(&pc->clock);
	pc->st = (struct stage){.clock = &pc->clock,
	    .ctx = pc,
	    .in = STDIN_FILENO,
	    .out = -1,
	    .may_block = true,
	    .input = input,
	    .deadline = deadline,
	    .timer = timer};
	if (stage_run(&pc->st) == STAGE_FAILED && pc->error == 0)
		pc->error = errno;
	_exit(pc->error);
}

/* become_pace - as planner.c's: the change of user comes first */
static _Noreturn void
become_pace(struct pace *pc, int out, pid_t parent)
{
	struct sandbox_rights got;

	stream_copies(STDIN_FILENO);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	if (dup2(out, STDOUT_FILENO) < 0)
		_exit(errno);
	sandbox_close_from(STDERR_FILENO);
	sandbox_list(SANDBOX_LIBC);
	if (sandbox_user(NULL) < 0 || sandbox_end_with_parent(parent) < 0 ||
	    sandbox_limit(0) < 0 || sandbox_lock(&got) < 0)
		_exit(errno);
	keep(pc);
}

pid_t
pace_start(void)
{
	static struct pace pc;
	pid_t parent = getpid(), pid;
	int fd[2];

	if (stream_in_init(&pc.in) != 0 || pipe(fd) != 0)
		return -1;
	stream_pipe_size(STDIN_FILENO);
	pid = fork();
	if (pid == 0)
		become_pace(&pc, fd[1], parent);
	stream_in_free(&pc.in);
	close(fd[1]);
	if (pid < 0 || dup2(fd[0], STDIN_FILENO) < 0)
		return -1;
	close(fd[0]);
	return pid;
}

/* for it and for the planner */
SANDBOX_NEEDS_FOR(LIBC, wait4);

const char *
pace_end(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return "what keeps the gaps was killed";
	return WEXITSTATUS(status) != 0 ? strerror(WEXITSTATUS(status)) : NULL;
}
