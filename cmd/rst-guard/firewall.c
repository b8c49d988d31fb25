/*
 * firewall.c - the programs that know the rule are executed with arguments,
 * never through a shell; see firewall.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/ended.h"
#include "wire/ip.h"
#include "wire/parse.h"

#include "firewall.h"

enum { MAX_ARGS = 32, TRIES = 10, LINE = 512 };

static const char prefix[] = "rst-guard-";

/* ---- programs */

/* find - name in PATH, or where it is though a user's PATH has it not */
static int
find(const char *name, char path[TOOL_PATH])
{
	const char *p = getenv("PATH");
	char all[4096];
	char *dir, *save;

	snprintf(all, sizeof(all), "%s:/usr/sbin:/sbin:/usr/local/sbin",
	    p != NULL ? p : "/usr/bin:/bin");
	for (dir = strtok_r(all, ":", &save); dir != NULL;
	     dir = strtok_r(NULL, ":", &save)) {
		if (dir[0] == '/' &&
		    (size_t)snprintf(path, TOOL_PATH, "%s/%s", dir, name) <
			TOOL_PATH &&
		    access(path, X_OK) == 0)
			return 0;
	}
	return -1;
}

static _Noreturn void
become(const char *const *args, int out, bool quiet)
{
	char *argv[MAX_ARGS];
	int null = open("/dev/null", O_RDWR);
	sigset_t none;
	size_t i;

	i = 0;
	do {
		argv[i] = strdup(args[i]);
		if (argv[i] == NULL)
			_exit(127);
	} while (args[++i] != NULL);
	argv[i] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, STDIN_FILENO);
	dup2(out >= 0 ? out : null, STDOUT_FILENO);
	if (quiet)
		dup2(null, STDERR_FILENO);
	execv(argv[0], argv);
	fprintf(
	    stderr, "rst-guard: execute %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* start - the program args[0]; its output goes to out, or nowhere (-1) */
static pid_t
start(const char *const *args, int out, bool quiet)
{
	pid_t pid = fork();

	if (pid == 0)
		become(args, out, quiet);
	return pid;
}

/* ended - the exit status of a child; -1 when it has none */
static int
ended(pid_t pid)
{
	int status;

	if (pid < 0)
		return -1;
	while (ended_wait(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- the rule */

/* started - when pid was, in ticks since boot; 0: there is none */
static unsigned long long
started(pid_t pid)
{
	unsigned long long at = 0;
	char path[64], line[1024], *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	/* the name, in parentheses, may hold anything: fields count from its
	   end; this one is the 22nd (proc(5)) */
	if (fgets(line, sizeof(line), f) != NULL &&
	    (p = strrchr(line, ')')) != NULL)
		(void)sscanf(p + 1,
		    " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u "
		    "%*d %*d %*d %*d %*d %*d %llu",
		    &at);
	fclose(f);
	return at;
}

static int
find_tool(struct rule *r, bool v6)
{
	const char *name = r->nft ? "nft" : v6 ? "ip6tables" : "iptables";

	return find(name, r->tool);
}

int
rule_init(struct rule *r, const struct ip_addr *addr, uint16_t port, pid_t pid,
    bool nft)
{
	bool v6 = !ip_is_v4(addr);

	ip_text(addr, r->addr);
	snprintf(r->port, sizeof(r->port), "%u", port);
	snprintf(r->tag, sizeof(r->tag), "%s%ld-%llu", prefix, (long)pid,
	    started(pid));
	r->nft = nft;
	if (find_tool(r, v6) == 0)
		return 0;
	r->nft = true;
	return find_tool(r, v6);
}

/* iptables - action is -I, -D or -C */
static int
iptables(const struct rule *r, const char *action, bool quiet)
{
	const char *const args[] = {r->tool, "-w", action, "OUTPUT", "-p",
	    "tcp", "-s", r->addr, "--sport", r->port, "--tcp-flags", "RST",
	    "RST", "-m", "comment", "--comment", r->tag, "-j", "DROP", NULL};

	return ended(start(args, -1, quiet));
}

/* nft - a table for each rule: to remove it needs no handle */
static int
nft(const struct rule *r, const char *action, bool quiet)
{
	const char *const args[] = {
	    r->tool, action, "table", "inet", r->tag, NULL};

	return ended(start(args, -1, quiet));
}

int
rule_insert(const struct rule *r)
{
	char text[512];
	const char *const args[] = {r->tool, text, NULL};

	if (!r->nft)
		return iptables(r, "-I", false) == 0 ? 0 : -1;
	snprintf(text, sizeof(text),
	    "table inet %s { chain output { type filter hook output priority "
	    "0; %s saddr %s tcp sport %s tcp flags & rst == rst drop; }; }",
	    r->tag, strchr(r->addr, ':') != NULL ? "ip6" : "ip", r->addr,
	    r->port);
	return ended(start(args, -1, false)) == 0 ? 0 : -1;
}

/* output_of - a stream to read the program's output; NULL: none */
static FILE *
output_of(const char *const *args, pid_t *pid)
{
	FILE *f;
	int p[2];

	*pid = -1;
	if (pipe2(p, O_CLOEXEC) != 0)
		return NULL;
	*pid = start(args, p[1], true);
	close(p[1]);
	f = fdopen(p[0], "r");
	if (f == NULL) /* it must not wait for a reader */
		close(p[0]);
	return f;
}

/* nft_rule - is there more than an empty table? 1 yes, 0 no, -1 unknown */
static int
nft_rule(const struct rule *r)
{
	const char *const args[] = {
	    r->tool, "list", "table", "inet", r->tag, NULL};
	char line[LINE];
	bool found = false;
	int status;
	pid_t pid;
	FILE *f;

	f = output_of(args, &pid);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		found |= strstr(line, " drop") != NULL &&
			 strstr(line, r->addr) != NULL;
	if (f != NULL)
		fclose(f);
	status = ended(pid);
	if (status != 0 && status != 1)
		return -1;
	return status == 0 && found;
}

int
rule_there(const struct rule *r)
{
	int status;

	if (r->nft)
		return nft_rule(r);
	status = iptables(r, "-C", true);
	return status == 0 ? 1 : status == 1 ? 0 : -1;
}

int
rule_remove(const struct rule *r)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	int i;

	for (i = 0; i < TRIES; i++) {
		if ((r->nft ? nft(r, "delete", true)
			    : iptables(r, "-D", true)) == 0)
			return 1;
		/* 1: there is no such rule, so another has removed it */
		if ((r->nft ? nft(r, "list", true) : iptables(r, "-C", true)) ==
		    1)
			return 0;
		nanosleep(&pause, NULL);
	}
	return -1;
}

bool
rule_alive(const struct rule *r, pid_t *pid)
{
	unsigned long long at;
	long p;

	*pid = 0;
	if (sscanf(r->tag + strlen(prefix), "%ld-%llu", &p, &at) != 2)
		return false;
	*pid = (pid_t)p;
	return at != 0 && started(*pid) == at;
}

/* ---- what is there */

/* word_after - the word behind name in a line, into to; 0, or -1 */
static int
word_after(const char *line, const char *name, char *to, size_t cap)
{
	const char *p = strstr(line, name);
	size_t n;

	if (p == NULL)
		return -1;
	p += strlen(name);
	n = strcspn(p, " /;}\"\n");
	if (n == 0 || n >= cap)
		return -1;
	memcpy(to, p, n);
	to[n] = '\0';
	return 0;
}

static bool
ours(const struct rule *r)
{
	return strncmp(r->tag, prefix, strlen(prefix)) == 0;
}

/* read_iptables - a line of "iptables -S": false: it is none of our rules */
static bool
read_iptables(struct rule *r, const char *line)
{
	return word_after(line, "--comment ", r->tag, sizeof(r->tag)) == 0 &&
	       ours(r) &&
	       word_after(line, "-s ", r->addr, sizeof(r->addr)) == 0 &&
	       word_after(line, "--sport ", r->port, sizeof(r->port)) == 0;
}

/* read_nft - likewise of "nft list ruleset"; the table's line has the tag */
static bool
read_nft(struct rule *r, const char *line)
{
	if (strncmp(line, "table ", 6) == 0 &&
	    word_after(line, "inet ", r->tag, sizeof(r->tag)) != 0)
		r->tag[0] = '\0';
	return ours(r) &&
	       word_after(line, " saddr ", r->addr, sizeof(r->addr)) == 0 &&
	       word_after(line, " sport ", r->port, sizeof(r->port)) == 0;
}

/* each_of - our rules among what this command prints; args[0] is free */
static int
each_of(const char *tool, const char **args,
    bool (*read)(struct rule *, const char *line),
    void (*each)(void *, const struct rule *), void *ctx)
{
	struct rule r = {.nft = read == read_nft};
	char line[LINE];
	pid_t pid;
	FILE *f;
	int n = 0;

	if (find(tool, r.tool) != 0)
		return 0;
	args[0] = r.tool;
	f = output_of(args, &pid);
	args[0] = NULL;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (!read(&r, line))
			continue;
		each(ctx, &r);
		n++;
	}
	if (f != NULL)
		fclose(f);
	(void)ended(pid);
	return n;
}

int
rule_each(void (*each)(void *ctx, const struct rule *), void *ctx)
{
	const char *tables[] = {NULL, "-w", "-S", "OUTPUT", NULL};
	const char *nft[] = {NULL, "list", "ruleset", "inet", NULL};

	return each_of("iptables", tables, read_iptables, each, ctx) +
	       each_of("ip6tables", tables, read_iptables, each, ctx) +
	       each_of("nft", nft, read_nft, each, ctx);
}
