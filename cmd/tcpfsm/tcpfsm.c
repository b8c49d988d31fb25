/*
 * tcpfsm - TCP as a filter: packet stream in, packet stream out, every
 * connection to a phantom told the bytes of a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chance.h"
#include "clock.h"
#include "die.h"
#include "ether.h"
#include "ip.h"
#include "options.h"
#include "sandbox.h"

/* keep_args - the command line, for the log's first line */
static void
keep_args(struct options *o, int argc, char **argv)
{
	size_t n = 0, len;
	int i;

	for (i = 1; i < argc; i++) {
		len = strlen(argv[i]);
		if (n + len + 2 > sizeof(o->args))
			break;
		if (i > 1)
			o->args[n++] = ' ';
		memcpy(o->args + n, argv[i], len);
		n += len;
	}
	o->args[n] = '\0';
	o->run.start = o->args;
}

static int
open_out(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0666);

	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	return fd;
}

/* acquire - everything that takes a right: files first, then none is left */
static void
acquire(struct options *o)
{
	struct run *r = &o->run;
	int log_fd = STDERR_FILENO;

	if (serve_open(&r->serve, o->file) != 0)
		die(EXIT_WRONG, "open %s: %s", o->file, strerror(errno));
	if (o->output != NULL)
		r->serve.out = open_out(o->output, O_APPEND);
	if (o->recording != NULL)
		r->record_fd = open_out(o->recording, O_TRUNC);
	if (o->log != NULL)
		log_fd = open_out(o->log, O_APPEND | O_NONBLOCK);
	if (!o->have_seed && chance_from_kernel(&r->cfg.seed) != 0)
		die(EXIT_WRONG, "get a seed: %s: give -S", strerror(errno));
	if (event_init(&r->log, log_fd, o->json) != 0 || run_init(r) != 0)
		die(EXIT_NO, "start: out of memory");
	stream_pipe_size(STDIN_FILENO);
	stream_pipe_size(STDOUT_FILENO);
}

static void
lock_in(struct options *o)
{
	struct sandbox_rights got;

	if (sandbox_enter(NULL, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	o->run.rights = sandbox_text(&got, o->rights);
}

int
main(int argc, char **argv)
{
	static struct options o;

	die_name(argv[0]);
	tcp_defaults(&o.run.cfg);
	o.run.serve.silence = 200 * NS_PER_MS;
	o.run.serve.out = -1;
	o.run.record_fd = -1;
	options_parse(&o, argc, argv);
	keep_args(&o, argc, argv);
	stage_refuse_tty();
	acquire(&o);
	stage_signals();
	lock_in(&o);
	return run_loop(&o.run);
}
