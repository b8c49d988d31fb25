/*
 * guard.c - see guard.h. The system calls have no wrappers in libc, and its
 * headers may be older than the kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/guard.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

enum {
	GUARDS = 2,
	ASK_VERSION = 1,
	RULE_BENEATH = 1,
	WRITE_FILE = 1 << 1,
	NAMES = 0x1ff << 4, /* making and removing them, of any kind */
	REFER = 1 << 13,    /* moving between folders, since version 2 */
	TRUNCATE = 1 << 14, /* since version 3 */
};

struct beneath {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

struct guard {
	int rules;
	uint64_t access;
	char path[GUARDS][PATH_MAX]; /* without links, "": none */
};

/* leads - how path stands to this one: it is it, or above it */
enum leads { APART, ABOVE, SAME };

static enum leads
leads(const char *path, const char *to)
{
	size_t n = strlen(path);

	if (to[0] == '\0' || strncmp(path, to, n) != 0)
		return APART;
	return to[n] == '\0' ? SAME : to[n] == '/' ? ABOVE : APART;
}

/* allow - writing below this, or in this file */
static void
allow(const struct guard *g, const char *path)
{
	struct beneath b = {.access = g->access};
	struct stat st;

	b.fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (b.fd < 0)
		return;
	if (fstat(b.fd, &st) == 0 && !S_ISLNK(st.st_mode)) {
		if (!S_ISDIR(st.st_mode))
			b.access &= WRITE_FILE | TRUNCATE;
		(void)syscall(
		    SYS_landlock_add_rule, g->rules, RULE_BENEATH, &b, 0);
	}
	close(b.fd);
}

static void allow_in(const struct guard *g, const char *path);

/* decide - for one name in a folder */
static void
decide(const struct guard *g, const char *path)
{
	enum leads most = APART, l;
	int i;

	for (i = 0; i < GUARDS; i++) {
		l = leads(path, g->path[i]);
		most = l > most ? l : most;
	}
	if (most == APART)
		allow(g, path);
	else if (most == ABOVE)
		allow_in(g, path);
}

/* allow_in - what stands in this folder; path: "" is the root */
static void
allow_in(const struct guard *g, const char *path)
{
	char name[PATH_MAX];
	DIR *d = opendir(path[0] != '\0' ? path : "/");
	struct dirent *e;
	int n;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		n = snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if (n > 0 && (size_t)n < sizeof(name))
			decide(g, name);
	}
	if (d != NULL)
		closedir(d);
}

int
guard_make(const char *dir)
{
	static struct guard g;
	long version = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);

	if (version < 1)
		return -1;
	g.access = WRITE_FILE | NAMES;
	if (version >= 2)
		g.access |= REFER;
	if (version >= 3)
		g.access |= TRUNCATE;
	if (dir != NULL && realpath(dir, g.path[0]) == NULL)
		return -1;
	strcpy(g.path[1], "/proc");
	g.rules = (int)syscall(
	    SYS_landlock_create_ruleset, &g.access, sizeof(g.access), 0);
	if (g.rules >= 0)
		allow_in(&g, "");
	return g.rules;
}

void
guard_up(int guard)
{
	(void)syscall(SYS_landlock_restrict_self, guard, 0);
	close(guard);
}
