/*
 * gen.c - see gen.h. A file that has not changed since it was read, by its
 * inode and times, is not read again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/hosts.h"
#include "net/gen.h"
#include "serve/serve.h"
#include "source.h"
#include "wire/ip.h"

struct held {
	struct held *next;
	struct stat as; /* it was when it was read */
	struct source source;
	uint32_t users;
};

static bool
same(const struct stat *a, const struct stat *b)
{
	return S_ISREG(a->st_mode) && a->st_dev == b->st_dev &&
	       a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* hold - the bytes of what is open; NULL and errno */
static struct held *
hold(struct helds *all, int fd, bool may_map)
{
	struct held *h;
	struct stat sb;

	if (fstat(fd, &sb) != 0)
		return NULL;
	for (h = all->first; h != NULL; h = h->next)
		if (same(&h->as, &sb))
			break;
	if (h == NULL) {
		h = calloc(1, sizeof(*h));
		if (h == NULL)
			return NULL;
		if (source_take(
			&h->source, fd, may_map ? SOURCE_MAP : SIZE_MAX) != 0) {
			free(h);
			return NULL;
		}
		h->as = sb;
		h->next = all->first;
		all->first = h;
	}
	h->users++;
	return h;
}

static void
let_go(struct helds *all, struct held *h)
{
	struct held **p = &all->first;

	if (h == NULL || --h->users > 0)
		return;
	while (*p != h)
		p = &(*p)->next;
	*p = h->next;
	source_close(&h->source);
	free(h);
}

/* take - the file of this number */
static bool
take(struct gen *g, struct helds *all, uint32_t i, int fd, bool may_map)
{
	int error;

	if (fd < 0)
		return false;
	g->held[i] = hold(all, fd, may_map);
	error = errno;
	close(fd);
	errno = error;
	if (g->held[i] != NULL)
		g->serve[i].file = g->held[i]->source;
	return g->held[i] != NULL;
}

struct gen *
gen_new(struct hosts *h, struct helds *all, const struct serve *like,
    gen_open *open_it, void *ctx, bool may_map, const char **bad)
{
	struct gen *g = calloc(1, sizeof(*g));
	const char *const *name;
	uint32_t i;

	*bad = NULL;
	if (g == NULL)
		return NULL;
	name = hosts_files(h, &g->files);
	g->serve = calloc(g->files + 1, sizeof(*g->serve));
	g->held = calloc(g->files + 1, sizeof(struct held *));
	for (i = 0; g->serve != NULL && g->held != NULL && i < g->files; i++) {
		g->serve[i] = *like;
		if (hosts_file_of(h, i, PROTO_TCP) &&
		    !take(g, all, i, open_it(ctx, name[i]), may_map)) {
			*bad = name[i];
			break;
		}
	}
	if (g->serve == NULL || g->held == NULL || i < g->files) {
		gen_free(g, all);
		return NULL;
	}
	g->hosts = h;
	return g;
}

void
gen_free(struct gen *g, struct helds *all)
{
	uint32_t i;

	for (i = 0; g->held != NULL && i < g->files; i++)
		let_go(all, g->held[i]);
	hosts_free(g->hosts);
	free(g->held);
	free(g->serve);
	free(g);
}
