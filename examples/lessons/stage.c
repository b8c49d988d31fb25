/*
 * stage [drop N] [mac MAC] - a stage in C: counts packets, drops each Nth,
 * writes another destination MAC into the rest. As stage.sh and stage.py.
 *
 *	cc -o stage stage.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER = 24, RECORD = 16, MOST = 262144 };

/* four bytes, in the order that the stream is in */
static uint32_t
number(const uint8_t *p, int big)
{
	if (big)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static int
usage(void)
{
	fputs("usage: stage [drop N] [mac MAC]\n", stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static uint8_t buf[RECORD + MOST];
	unsigned long every = 0, packets = 0, passed = 0;
	unsigned mac[6];
	int i, have_mac = 0, big;
	uint32_t len;

	for (i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], "drop") == 0)
			every = strtoul(argv[i + 1], NULL, 10);
		else if (strcmp(argv[i], "mac") == 0)
			have_mac = sscanf(argv[i + 1], "%x:%x:%x:%x:%x:%x",
				       &mac[0], &mac[1], &mac[2], &mac[3],
				       &mac[4], &mac[5]) == 6;
		else
			return usage();
	if (i != argc)
		return usage();

	/* the file header, once: its first byte tells the order */
	if (fread(buf, 1, HEADER, stdin) != HEADER)
		return 1;
	big = buf[0] == 0xa1;
	fwrite(buf, 1, HEADER, stdout);
	fflush(stdout);

	/* then for each packet 16 bytes: seconds, nanoseconds, bytes that
	   follow, and bytes that the packet had */
	while (fread(buf, 1, RECORD, stdin) == RECORD) {
		len = number(buf + 8, big);
		/* never believe a length that comes from outside */
		if (len > MOST || fread(buf + RECORD, 1, len, stdin) != len)
			return 1;
		packets++;
		if (every != 0 && packets % every == 0)
			continue;
		for (i = 0; have_mac && i < 6; i++)
			buf[RECORD + i] = (uint8_t)mac[i];
		fwrite(buf, 1, RECORD + len, stdout);
		fflush(stdout); /* somebody waits for it */
		passed++;
	}
	fprintf(stderr, "%lu packets, %lu passed\n", packets, passed);
	return 0;
}
