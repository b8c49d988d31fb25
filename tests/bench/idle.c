/*
 * idle.c - what idle connections cost: idle CONNECTIONS SECONDS COMMAND
 * [ARGUMENT...] starts the stage, opens so many connections by its standard
 * input and output, and then says nothing for a while. Prints, for the shell:
 * open= (connections), rss= (its memory, MB), cpu= (what it took in that
 * time, ms).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "client.h"
#include "pipe/stream.h"
#include "wire/tcp_hdr.h"

enum { OPENING = 500, OUT = 1 << 20 };

static struct {
	struct stream_in in;
	struct stream_out out;
	int to, from;
	pid_t pid;
	uint32_t n, open, waits;
} b;

static void
say(uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack)
{
	uint8_t f[CLIENT_FRAME];
	size_t n = client_frame(f, i, flags, seq, ack);

	stream_out_put(&b.out, 0, f, n, NULL, 0);
}

static int
begin(char **argv)
{
	int in[2], out[2];

	if (pipe(in) != 0 || pipe(out) != 0)
		return -1;
	b.pid = fork();
	if (b.pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	b.to = in[1];
	b.from = out[0];
	return b.pid > 0 && stream_in_init(&b.in) == 0 &&
		       stream_out_init(&b.out, OUT) == 0
		   ? 0
		   : -1;
}

/* answers - to what has been said: a SYN-ACK is acknowledged */
static int
answers(void)
{
	struct stream_rec rec;
	uint32_t i;
	int r = 0;

	while (b.waits > 0) {
		while ((r = stream_in_next(&b.in, &rec)) > 0) {
			if (rec.caplen < 54 || !(rec.data[47] & TH_SYN))
				continue;
			i = client_of(rec.data);
			say(i, TH_ACK, 1, get_be32(rec.data + 38) + 1);
			b.waits--;
			b.open++;
		}
		if (r < 0 ||
		    (b.waits > 0 && stream_in_read(&b.in, b.from) <= 0))
			return -1;
	}
	return 0;
}

static int
open_all(void)
{
	uint32_t k, i = 0;

	for (k = 0; k < b.n; k++, i = client_turn(i, b.n)) {
		say(i, TH_SYN, 0, 0);
		if (++b.waits < OPENING && k + 1 < b.n)
			continue;
		if (stream_out_drain(&b.out, b.to) != 0 || answers() != 0)
			return -1;
	}
	return stream_out_drain(&b.out, b.to);
}

/* rss - its memory, MB */
static double
rss(void)
{
	long all, resident = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/statm", (long)b.pid);
	f = fopen(path, "r");
	if (f != NULL) {
		if (fscanf(f, "%ld %ld", &all, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

/* cpu - what it has taken so far, ms */
static double
cpu(void)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/schedstat", (long)b.pid);
	f = fopen(path, "r");
	if (f != NULL) {
		if (fscanf(f, "%llu", &ns) != 1)
			ns = 0;
		fclose(f);
	}
	return (double)ns / 1e6;
}

int
main(int argc, char **argv)
{
	long n = argc > 3 ? atol(argv[1]) : 0;
	double before, after;

	if (n <= 0 || n > CLIENT_MAX) {
		fprintf(stderr, "usage: idle CONNECTIONS SECONDS COMMAND "
				"[ARGUMENT...]\n");
		return 2;
	}
	b.n = (uint32_t)n;
	if (begin(argv + 3) != 0 || open_all() != 0) {
		fprintf(stderr, "idle: %s has failed\n", argv[3]);
		return 1;
	}
	sleep(1); /* the last has been taken */
	before = cpu();
	sleep((unsigned)atoi(argv[2]));
	after = cpu();
	printf("open=%u rss=%.0f cpu=%.3f\n", b.open, rss(), after - before);
	fflush(stdout);
	close(b.to);
	close(b.from);
	waitpid(b.pid, NULL, 0);
	return 0;
}
