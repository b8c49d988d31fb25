/* probe_test.c - scans in the log: few lines, whatever the flood */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "log/event.h"
#include "log/probe.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

#define START (UINT64_C(1763640000) * NS_PER_SEC)

static struct event_log l;
static struct probes p;
static char text[1 << 20];
static int fd[2];

static void
begin(void)
{
	if (pipe(fd) != 0 || event_init(&l, fd[1], false) != 0)
		exit(1);
	event_seed(&l, 7);
	if (probes_init(&p, &l) != 0)
		exit(1);
}

/* end - what was logged; flushed is still to come */
static const char *
logged(void)
{
	ssize_t n;

	event_flush(&l);
	event_begin(&l, START, NULL, 0, NULL, 0, "mark");
	event_end(&l);
	event_flush(&l);
	n = read(fd[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
finish(void)
{
	probes_free(&p);
	event_close(&l);
	close(fd[0]);
	close(fd[1]);
}

static void
note(uint64_t now, const char *kind, const char *remote, const char *local,
    uint16_t port)
{
	struct ip_addr a, b;
	struct probe_seen s = {.kind = kind,
	    .local = &a,
	    .remote = &b,
	    .port = port,
	    .has_port = port != 0,
	    .stamp = now + 5};

	parse_addr(local, &a);
	parse_addr(remote, &b);
	probes_note(&p, now, &s);
}

static unsigned
count(const char *s, const char *what)
{
	unsigned n = 0;

	for (; (s = strstr(s, what)) != NULL; s++)
		n++;
	return n;
}

static void
one_line(void)
{
	uint16_t i;

	begin();
	check(probes_deadline(&p) == TIME_NEVER, "nothing waits at first");
	for (i = 0; i < 1000; i++)
		note(START + i, "syn", "10.0.0.9", "10.0.0.5",
		    (uint16_t)(1 + i * 7 % 1000));
	note(START + 1000, "syn", "10.0.0.9", "10.0.0.5", 2000);
	check(probes_deadline(&p) == START + 10 * NS_PER_SEC,
	    "due ten seconds behind the first");
	probes_due(&p, START + 10 * NS_PER_SEC - 1, false);
	check(strstr(logged(), "probe") == NULL, "and not before");
	probes_due(&p, START + 10 * NS_PER_SEC, false);
	check(strstr(logged(),
		  "1763640010.000000000 10.0.0.5 10.0.0.9 probe kind=syn "
		  "count=1001 hosts=1 nports=1001 ports=1-1000,2000 "
		  "first=1763640000.000000005 last=1763640000.000001005\n") !=
		  NULL,
	    "one line for a thousand ports");
	check(probes_deadline(&p) == TIME_NEVER, "then nothing waits");
	note(START + 11 * NS_PER_SEC, "syn", "10.0.0.9", "10.0.0.5", 4);
	probes_due(&p, START + 12 * NS_PER_SEC, true);
	check(strstr(logged(), "count=1 hosts=1 nports=1 ports=4 ") != NULL,
	    "the next begins anew; at the end all are told");
	finish();
}

static void
kinds(void)
{
	char local[32];
	int i;

	begin();
	for (i = 0; i < 300; i++) {
		snprintf(local, sizeof(local), "10.0.%d.%d", i / 200, i % 200);
		note(START, "ping", "10.0.9.9", local, 0);
	}
	note(START, "fin", "10.0.9.9", "10.0.0.5", 80);
	note(START, "fin", "fd00::9", "fd00::5", 65535);
	note(START, "fin", "fd00::8", "fd00::5", 65534);
	probes_due(&p, START, true);
	logged();
	check(strstr(text, " - 10.0.9.9 probe kind=ping count=300 hosts=300 "
			   "first=") != NULL,
	    "many hosts: no local end, no ports for a ping");
	check(
	    strstr(text, " 10.0.0.5 10.0.9.9 probe kind=fin count=1 ") != NULL,
	    "another kind has its own line");
	check(strstr(text, " fd00::5 fd00::8 probe kind=fin count=2 hosts=1 "
			   "nports=2 ports=65534-65535 ") != NULL,
	    "a source of IPv6 is a /64");
	finish();
}

static void
scattered(void)
{
	uint16_t i;

	begin();
	for (i = 0; i < 30000; i++)
		note(START, "udp", "10.0.0.9", "10.0.0.5",
		    (uint16_t)(i * 2 + 1));
	probes_due(&p, START, true);
	logged();
	check(strstr(text, " nports=30000 ports=1,3,5,") != NULL &&
		  strstr(text, ",... first=") != NULL && strlen(text) < 700,
	    "ranges end where there is no more room");
	finish();
}

/* own - each line of that kind has as many hosts and ports as packets: none of
   an entry that had its place before */
static bool
own(const char *kind)
{
	unsigned long long n, hosts, ports;
	const char *s;

	for (s = text; (s = strstr(s, kind)) != NULL; s++)
		if (sscanf(s + strlen(kind),
			" count=%llu hosts=%llu nports=%llu ", &n, &hosts,
			&ports) != 3 ||
		    hosts != n || ports != n)
			return false;
	return true;
}

/* flood - forged sources, and one that scans slowly */
static void
flood(void)
{
	char remote[32], local[32];
	unsigned told = 0, i;
	const char *s;
	uint64_t n = 0;

	begin();
	for (i = 0; i < 200000; i++) {
		snprintf(remote, sizeof(remote), "%u.%u.%u.7", 11 + i % 100,
		    i / 100 % 250, i % 241);
		snprintf(
		    local, sizeof(local), "10.0.%u.%u", i / 250 % 250, i % 250);
		note(
		    START + i, "syn", remote, local, (uint16_t)(1 + i % 60000));
		if (i % 100 == 0 || i % 100 == 1)
			note(
			    START + i, "half-open", "10.0.0.9", "10.0.0.5", 22);
	}
	probes_due(&p, START + 20 * NS_PER_SEC, false);
	logged();
	told = count(text, " probe ");
	check(told > 1 && told <= PROBE_ENTRIES + 1, "a flood: %u lines", told);
	check(count(text, " - - probe kind=more count=") == 1,
	    "one for what found no place");
	for (s = text; (s = strstr(s, " count=")) != NULL; s++)
		n += strtoull(s + 7, NULL, 10);
	check(n == 204000, "every packet is counted, once: %llu",
	    (unsigned long long)n);
	check(own(" kind=syn"), "each line has its own ports and hosts");
	check(strstr(text, "10.0.0.9 probe kind=half-open ") != NULL,
	    "who scans meanwhile is seen");
	finish();
}

int
main(void)
{
	one_line();
	kinds();
	scattered();
	flood();
	return done();
}
