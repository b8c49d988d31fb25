/*
 * mounts.c - see mounts.h and proc_pid_mountinfo(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/mounts.h"

struct mount {
	struct mount *next;
	int id;
	char fs[24];	      /* the file system: its device */
	char root[PATH_MAX];  /* the folder of it that is mounted */
	char point[PATH_MAX]; /* where; "" is the root */
	char type[32];
};

/* below - what path has more than this; NULL: it is not there */
static const char *
below(const char *path, const char *top)
{
	size_t n = strlen(top);

	if (n == 1 && top[0] == '/')
		n = 0;
	if (strncmp(path, top, n) != 0)
		return NULL;
	return path[n] == '\0' || path[n] == '/' ? path + n : NULL;
}

/* plain - \040 is a space, and so on */
static void
plain(char *text)
{
	char *to = text;
	unsigned c;

	for (; *text != '\0'; text++, to++) {
		*to = *text;
		if (*text == '\\' && sscanf(text + 1, "%3o", &c) == 1) {
			*to = (char)c;
			text += 3;
		}
	}
	*to = '\0';
}

/* parse - a line; false: it is not one */
static bool
parse(struct mount *m, const char *line)
{
	const char *rest = strstr(line, " - ");

	if (rest == NULL || sscanf(rest, " - %31s", m->type) != 1 ||
	    sscanf(line, "%d %*d %23s %4095s %4095s", &m->id, m->fs, m->root,
		m->point) != 4)
		return false;
	plain(m->root);
	plain(m->point);
	if (strcmp(m->point, "/") == 0)
		m->point[0] = '\0';
	return true;
}

static void
free_all(struct mount *m)
{
	struct mount *next;

	for (; m != NULL; m = next) {
		next = m->next;
		free(m);
	}
}

/* load - all; -1 and errno */
static int
load(struct mount **all)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	struct mount *m;
	char *line = NULL;
	size_t room = 0;

	if (f == NULL)
		return -1;
	while (getline(&line, &room, f) >= 0) {
		m = calloc(1, sizeof(*m));
		if (m == NULL || !parse(m, line)) {
			free(m);
			continue;
		}
		m->next = *all;
		*all = m;
	}
	free(line);
	fclose(f);
	errno = *all != NULL ? 0 : ENOENT;
	return *all != NULL ? 0 : -1;
}

/* mount_of - the id of the mount that path is on; -1: not known */
static int
mount_of(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC), id = -1;
	char name[40], line[80];
	FILE *f;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	f = fd >= 0 ? fopen(name, "re") : NULL;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "mnt_id: %d", &id) == 1)
			break;
	if (f != NULL)
		fclose(f);
	if (fd >= 0)
		close(fd);
	return id;
}

/* elsewhere - see where this folder of a file system, or a part of it, is */
static void
elsewhere(const struct mount *all, const char *fs, const char *folder,
    mounts_see *see, void *ctx)
{
	char path[2 * PATH_MAX];
	const struct mount *m;
	const char *rest;

	for (m = all; m != NULL; m = m->next) {
		if (strcmp(m->fs, fs) != 0)
			continue;
		rest = below(folder, m->root);
		if (rest == NULL && below(m->root, folder) != NULL)
			rest = "";
		if (rest == NULL)
			continue;
		snprintf(path, sizeof(path), "%s%s", m->point, rest);
		see(ctx, path);
	}
}

/* see_dir - what it is on, and what is mounted in it */
static int
see_dir(const struct mount *all, const char *dir, mounts_see *see, void *ctx)
{
	const int id = mount_of(dir);
	char folder[2 * PATH_MAX];
	const struct mount *m;
	const char *rest;
	bool found = false;

	for (m = all; m != NULL; m = m->next) {
		rest = below(dir, m->point);
		if (m->id == id && rest != NULL) {
			snprintf(folder, sizeof(folder), "%s%s",
			    strcmp(m->root, "/") == 0 ? "" : m->root, rest);
			elsewhere(all, m->fs, folder[0] != '\0' ? folder : "/",
			    see, ctx);
			found = true;
		} else if (below(m->point, dir) != NULL) {
			elsewhere(all, m->fs, m->root, see, ctx);
		}
	}
	errno = ENOENT;
	return found ? 0 : -1;
}

static bool
of_processes(const char *type)
{
	static const char *const types[] = {"proc", "cgroup", "cgroup2",
	    "debugfs", "tracefs", "securityfs", "configfs", "bpf", "fusectl"};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

int
mounts_each(const char *dir, mounts_see *see, void *ctx)
{
	struct mount *all = NULL, *m;
	int r = load(&all);

	for (m = all; m != NULL; m = m->next)
		if (of_processes(m->type))
			see(ctx, m->point);
	if (r == 0 && dir != NULL)
		r = see_dir(all, dir, see, ctx);
	free_all(all);
	return r;
}
