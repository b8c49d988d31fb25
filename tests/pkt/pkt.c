/*
 * pkt.c - scripts for the TCP engine, in packetdrill's notation, on a
 * virtual clock; one TAP line a script.
 *
 *	set rcvbuf 10000                          a setting, first of all
 *	+0 < S 0:0(0) win 65535 <mss 1460>        the peer sends
 *	+0 > S. 0:0(0) ack 1 <...>                the engine must send
 *	+.1 app write 1000                        the application acts
 *	+0 state ESTABLISHED                      what must be true
 *
 * Times are relative with a plus, else since the start; "+.1~+.3" is a
 * range, "*" any time. Sequence numbers are relative to each side's first;
 * "1:10001(10*1000)" is a train of ten segments.
 * Nothing may be sent that no line expects. command.c lists the commands.
 *
 * usage: pkt [-v] file.pkt...
 */
#include <stdio.h>
#include <string.h>

#include "pkt.h"

/* name_of - "rto/backoff" for "tests/pkt/rto/backoff.pkt" */
static const char *
name_of(const char *path, char *buf, size_t cap)
{
	const char *p = path + strlen(path);
	int slashes = 0;
	char *dot;

	while (p > path && slashes < 2) {
		if (*--p == '/')
			slashes++;
	}
	snprintf(buf, cap, "%s", *p == '/' ? p + 1 : p);
	dot = strrchr(buf, '.');
	if (dot != NULL)
		*dot = '\0';
	return buf;
}

int
main(int argc, char *argv[])
{
	bool verbose = false, all = true, ok;
	int i = 1, n = 0;
	char name[256];

	if (argc > 1 && strcmp(argv[1], "-v") == 0) {
		verbose = true;
		i++;
	}
	if (i >= argc) {
		fprintf(stderr, "usage: pkt [-v] file.pkt...\n");
		return 2;
	}
	printf("1..%d\n", argc - i);
	for (; i < argc; i++) {
		ok = play(argv[i], verbose);
		printf("%sok %d - %s\n", ok ? "" : "not ", ++n,
		    name_of(argv[i], name, sizeof(name)));
		all = all && ok;
	}
	return all ? 0 : 1;
}
