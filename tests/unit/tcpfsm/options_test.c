/*
 * options_test.c - what tcpfsm's command line makes of what it does not say.
 */
#include <getopt.h>

#include "options.h"
#include "replay/capture.h"
#include "tap.h"
#include "tcp/tcp.h"

static uint64_t
keepalive(char *a, char *b)
{
	static char name[] = "tcpfsm", flag[] = "-e", command[] = "cat";
	char *argv[] = {name, flag, command, a, b, NULL};
	struct options o = {0};
	int argc = 3;

	while (argv[argc] != NULL)
		argc++;
	optind = 1;
	tcp_defaults(&o.run.cfg);
	o.replay.stream = CAPTURE_ANY;
	options_parse(&o, argc, argv);
	return o.run.cfg.keepalive;
}

int
main(void)
{
	static char off[] = "--keepalive=0", other[] = "--keepalive=60";

	check(keepalive(NULL, NULL) == KEEPALIVE,
	    "-e: silent peers are asked after two hours");
	check(keepalive(off, NULL) == 0, "unless that is not wanted");
	check(keepalive(other, NULL) == UINT64_C(60000000000), "or sooner");
	return done();
}
