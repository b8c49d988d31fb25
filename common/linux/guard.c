/*
 * guard.c - see guard.h. The system calls have no wrappers in libc, and its
 * headers may be older than the kernel.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/guard.h"
#include "linux/mounts.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule	    445
#define SYS_landlock_restrict_self  446
#endif

enum {
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
	char **path; /* what may not be written, without links; "": all */
	int n;
	struct stat *way; /* each of them, and each folder above one */
	int ways;
	bool short_of; /* memory: one of them is missing */
};

/* leads - how path stands to this one: it is it, or above it */
enum leads { APART, ABOVE, SAME };

static enum leads
leads(const char *path, const char *to)
{
	size_t n = strlen(path);

	if (to[0] == '\0')
		return SAME;
	if (strncmp(path, to, n) != 0)
		return APART;
	return to[n] == '\0' ? SAME : to[n] == '/' ? ABOVE : APART;
}

/* leads_most - to any that is guarded */
static enum leads
leads_most(const struct guard *g, const char *path)
{
	enum leads most = APART, l;
	int i;

	for (i = 0; i < g->n; i++) {
		l = leads(path, g->path[i]);
		most = l > most ? l : most;
	}
	return most;
}

/* on_way - to what is guarded. By another name a folder above it is the same,
   and a rule for that would be one for this */
static bool
on_way(const struct guard *g, const struct stat *st)
{
	int i;

	for (i = 0; i < g->ways; i++)
		if (g->way[i].st_dev == st->st_dev &&
		    g->way[i].st_ino == st->st_ino)
			return true;
	return false;
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
	if (fstat(b.fd, &st) == 0 && !S_ISLNK(st.st_mode) && !on_way(g, &st)) {
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
	const enum leads most = leads_most(g, path);

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

/* add - one more that may not be written */
static void
add(void *ctx, const char *path)
{
	struct guard *g = ctx;
	char **more = realloc(g->path, ((size_t)g->n + 1) * sizeof(*more));
	char *own = strdup(path);

	if (more != NULL)
		g->path = more;
	if (more == NULL || own == NULL) {
		free(own);
		g->short_of = true;
		return;
	}
	if (own[0] != '\0' && own[strlen(own) - 1] == '/')
		own[strlen(own) - 1] = '\0';
	g->path[g->n++] = own;
}

/* add_way - of a path: itself, and the folders above it */
static void
add_way(struct guard *g, const char *path)
{
	char name[PATH_MAX];
	struct stat st, *more;
	size_t i, n = strlen(path);

	for (i = 0; i <= n && i < sizeof(name); i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(name, path, i);
		name[i] = '\0';
		if (stat(i > 0 ? name : "/", &st) != 0)
			continue;
		more = realloc(g->way, ((size_t)g->ways + 1) * sizeof(*more));
		g->short_of |= more == NULL;
		if (more == NULL)
			return;
		g->way = more;
		g->way[g->ways++] = st;
	}
}

/* add_all - the folder, wherever it is, and what is always guarded; -1 and
   errno: that is not known */
static int
add_all(struct guard *g, const char *dir)
{
	char path[PATH_MAX];
	int i;

	if (dir != NULL && realpath(dir, path) == NULL)
		return -1;
	add(g, "/proc");
	if (dir != NULL)
		add(g, path);
	if (mounts_each(dir != NULL ? path : NULL, add, g) != 0 &&
	    dir != NULL) {
		errno = ENODATA;
		return -1;
	}
	for (i = 0; i < g->n; i++)
		add_way(g, g->path[i]);
	errno = ENOMEM;
	return g->short_of ? -1 : 0;
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
	if (add_all(&g, dir) != 0)
		return -1;
	g.rules = (int)syscall(
	    SYS_landlock_create_ruleset, &g.access, sizeof(g.access), 0);
	if (g.rules >= 0 && leads_most(&g, "") != SAME)
		allow_in(&g, "");
	return g.rules;
}

void
guard_up(int guard)
{
	(void)syscall(SYS_landlock_restrict_self, guard, 0);
	close(guard);
}
