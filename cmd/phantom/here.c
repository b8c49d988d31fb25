/*
 * here.c - see here.h.
 *
 * This side has an address that no other host has: a link-local one of IPv4, a
 * unique local one of IPv6. The routes to the phantoms name it as the source,
 * so nothing is taken from the networks of this host but the phantoms'
 * addresses themselves. No offload is switched off: rawcap fills in what the
 * kernel leaves out of a frame, and the kernel segments rawinject's long
 * frames.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/host.h"
#include "linux/sandbox.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "here.h"
#include "options.h"

#define SOURCE4 "169.254.80.72"
#define SOURCE6 "fd70:6861:6e74:6f6d::1"

enum { ALIVE = 3, SHORTEST = 8 /* prefix */, NET_ADMIN = 12, IFNAME = 32 };

/* is_own - an address of this host would never leave it */
static void
is_own(void *ctx, const struct host_addr *own)
{
	const struct options *o = ctx;
	const char *addr;
	struct ip_addr a;
	unsigned len;
	int i;

	for (i = 0; own->kind == HOST_OWN && i <= o->addrs; i++) {
		addr = i < o->addrs ? o->addr[i] : o->film_live;
		if (addr != NULL && parse_prefix(addr, &a, &len) == 0 &&
		    len == 128 && ip_equal(&a, &own->addr))
			die(EXIT_WRONG,
			    "--here %s: it is this host's own (%s): choose "
			    "another",
			    addr, own->ifname);
	}
}

/* narrow - a prefix so short would take this host's own traffic */
static void
narrow(const struct options *o)
{
	struct ip_addr a;
	unsigned len, head;
	int i;

	for (i = 0; i < o->addrs; i++) {
		if (parse_prefix(o->addr[i], &a, &len) != 0)
			continue;
		head = ip_is_v4(&a) ? 96 : 0; /* as in struct ip_addr */
		if (len < head + SHORTEST)
			die_usage("--here %s: would take this host's own "
				  "traffic: give a prefix of %d bits or more",
			    o->addr[i], SHORTEST);
	}
}

/* may_make - it takes CAP_NET_ADMIN to make a pair of interfaces */
static bool
may_make(void)
{
	char line[128];
	unsigned long long caps = 0;
	FILE *f = fopen("/proc/self/status", "re");

	if (f == NULL)
		return true; /* ip(8) will report it */
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "CapEff: %llx", &caps) == 1)
			break;
	fclose(f);
	return (caps >> NET_ADMIN & 1) != 0;
}

/*
 * its_way - the interface to which exactly this prefix is routed already, in
 * text; false: none
 */
static bool
its_way(const char *addr, char *text, size_t size)
{
	char *line = NULL, command[128], *end;
	size_t room = 0;
	bool found = false;
	FILE *f;

	snprintf(command, sizeof(command), "ip -%d -o route show exact %s",
	    strchr(addr, ':') != NULL ? 6 : 4, addr);
	f = popen(command, "re");
	if (f == NULL)
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		char *dev = strstr(line, " dev ");

		if (dev == NULL)
			continue;
		dev += strlen(" dev ");
		end = dev + strcspn(dev, " \n");
		snprintf(text, size, "%.*s", (int)(end - dev), dev);
		found = true;
	}
	free(line);
	return pclose(f) == 0 && found;
}

/* taken - an address that has its way is another phantom's, or a network's */
static void
taken(const struct options *o)
{
	char way[IFNAME];
	const char *addr;
	int i, pid;

	for (i = 0; i <= o->addrs; i++) {
		addr = i < o->addrs ? o->addr[i] : o->film_live;
		if (addr == NULL || !its_way(addr, way, sizeof(way)))
			continue;
		if (sscanf(way, "ph%d", &pid) == 1)
			die(EXIT_NO,
			    "--here %s: another phantom of this host is there "
			    "(process %d): choose another address, or end it",
			    addr, pid);
		die(EXIT_NO,
		    "--here %s: this host has a route to it, by %s: choose "
		    "another address",
		    addr, way);
	}
}

/* route - to one of the phantom's, from an address of this side */
static void
route(FILE *f, const struct here *h, const char *addr)
{
	bool v6 = strchr(addr, ':') != NULL;

	if (v6)
		fprintf(
		    f, "addr replace " SOURCE6 "/128 dev %s nodad\n", h->name);
	fprintf(f, "route add %s dev %s src %s\n", addr, h->name,
	    v6 ? SOURCE6 : SOURCE4);
}

/* commands - for ip -batch */
static void
commands(FILE *f, const struct here *h, const struct options *o)
{
	const char *mtu = options_value(o, "--mtu");
	int i;

	if (mtu == NULL)
		mtu = "1500";
	fprintf(f,
	    "link add %s mtu %s type veth peer name %s mtu %s\n"
	    "link set %s addrgenmode none up\n"
	    "link set %s up\n",
	    h->name, mtu, h->peer, mtu, h->peer, h->name);
	fprintf(f, "addr add " SOURCE4 "/32 dev %s\n", h->name);
	for (i = 0; i < o->addrs; i++)
		route(f, h, o->addr[i]);
	if (o->film_live != NULL)
		route(f, h, o->film_live);
}

/* make - true when ip has done all; its messages go to stderr */
static bool
make(const struct here *h, const struct options *o)
{
	FILE *f = popen("exec ip -batch -", "w");

	if (f == NULL)
		return false;
	commands(f, h, o);
	return pclose(f) == 0;
}

/* destroy - with one end the other is removed; failure is silent: it may not be
   there */
static void
destroy(const struct here *h)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stderr) != NULL)
			execlp(
			    "ip", "ip", "link", "del", h->name, (char *)NULL);
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* remain - until the phantom has ended, by itself or killed */
static _Noreturn void
remain(const struct here *h, int alive)
{
	static const int ignored[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};
	size_t i;
	ssize_t n;
	char c;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	setpgid(0, 0);
	dup2(alive, ALIVE);
	sandbox_close_from(ALIVE + 1);
	do
		n = read(ALIVE, &c, 1);
	while (n < 0 && errno == EINTR);
	destroy(h);
	_exit(0);
}

void
here_start(struct here *h, const struct options *o)
{
	int alive[2];
	bool made;

	narrow(o);
	if (!may_make())
		die(EXIT_WRONG,
		    "--here: it takes root (CAP_NET_ADMIN) to make a pair of "
		    "interfaces; phantom-lab --serve does without");
	if (host_addresses((void *)(uintptr_t)o, is_own) != 0)
		die(EXIT_WRONG, "--here: look at this host's addresses: %s",
		    strerror(errno));
	taken(o);
	snprintf(h->name, sizeof(h->name), "ph%d", (int)getpid());
	snprintf(h->peer, sizeof(h->peer), "ph%dp", (int)getpid());
	if (pipe(alive) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	h->pid = fork();
	if (h->pid < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	if (h->pid == 0) {
		close(alive[1]);
		remain(h, alive[0]);
	}
	close(alive[0]);
	h->alive = alive[1];
	/* ip keeps it open, so the pair is there when it is to be removed; the
	   programs that are started do not */
	made = make(h, o);
	fcntl(h->alive, F_SETFD, FD_CLOEXEC);
	if (!made) {
		here_end(h);
		die(EXIT_WRONG, "--here: make a pair of interfaces: see above: "
				"it takes ip(8), and a kernel that has veth");
	}
}

void
here_end(struct here *h)
{
	if (h->pid == 0)
		return;
	close(h->alive);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
	h->pid = 0;
}
