/*
 * image.c - a table in a file: what it is made of, one piece behind the other,
 * each at a multiple of 16 bytes. The programs of one installation share it; it
 * is no format for anything else, and what reads it trusts what wrote it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hosts/hosts_var.h"
#include "impair/impair.h"

enum { PIECES = 7, KINDS_OF_TEXT = 5, ALIGN = 16 };

static const char magic[8] = "hosts 2";

struct head {
	char magic[8];
	uint64_t all; /* bytes of the file */
	uint64_t n[PIECES], size[PIECES];
	uint32_t texts[KINDS_OF_TEXT];
	uint32_t nlen;
	uint64_t salt;
	uint8_t len[129];
	uint8_t own_macs;
};

struct piece {
	void **at;
	size_t *n, size;
};

static void
pieces(struct hosts *h, struct piece p[PIECES])
{
	const struct piece is[PIECES] = {
	    {(void **)&h->entry, &h->n, sizeof(*h->entry)},
	    {(void **)&h->place, &h->places, sizeof(*h->place)},
	    {(void **)&h->manner, &h->nmanner, sizeof(*h->manner)},
	    {(void **)&h->rule, &h->nrule, sizeof(*h->rule)},
	    {(void **)&h->net, &h->nnet, sizeof(*h->net)},
	    {(void **)&h->words, &h->nwords, sizeof(*h->words)},
	    {(void **)&h->face, &h->nface, sizeof(*h->face)}};

	memcpy(p, is, sizeof(is));
}

static void
all_texts(struct hosts *h, struct texts *t[KINDS_OF_TEXT])
{
	t[0] = &h->files;
	t[1] = &h->commands;
	t[2] = &h->quirks;
	t[3] = &h->names;
	t[4] = &h->sources;
}

static size_t
aligned(size_t n)
{
	return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* ---- written */

static int
put(int fd, const void *data, size_t n)
{
	const uint8_t *p = data;
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
put_piece(int fd, const void *data, size_t n)
{
	static const uint8_t zero[ALIGN];

	return put(fd, data, n) == 0 ? put(fd, zero, aligned(n) - n) : -1;
}

static int
put_texts(int fd, const struct texts *t)
{
	uint32_t k;

	for (k = 0; k < t->n; k++)
		if (put(fd, t->text[k], strlen(t->text[k]) + 1) != 0)
			return -1;
	return 0;
}

static void
make_head(struct hosts *h, struct head *head)
{
	struct texts *t[KINDS_OF_TEXT];
	struct piece p[PIECES];
	uint32_t i, k;

	memset(head, 0, sizeof(*head));
	memcpy(head->magic, magic, sizeof(magic));
	head->all = aligned(sizeof(*head));
	pieces(h, p);
	for (i = 0; i < PIECES; i++) {
		head->n[i] = *p[i].n;
		head->size[i] = p[i].size;
		head->all += aligned(*p[i].n * p[i].size);
	}
	all_texts(h, t);
	for (i = 0; i < KINDS_OF_TEXT; i++) {
		head->texts[i] = t[i]->n;
		for (k = 0; k < t[i]->n; k++)
			head->all += strlen(t[i]->text[k]) + 1;
	}
	head->nlen = h->nlen;
	head->salt = h->salt;
	head->own_macs = h->own_macs;
	memcpy(head->len, h->len, sizeof(head->len));
}

int
hosts_write(const struct hosts *table, int fd)
{
	struct hosts *h = (struct hosts *)(uintptr_t)table;
	struct texts *t[KINDS_OF_TEXT];
	struct piece p[PIECES];
	struct head head;
	uint32_t i;

	make_head(h, &head);
	if (put_piece(fd, &head, sizeof(head)) != 0)
		return -1;
	pieces(h, p);
	for (i = 0; i < PIECES; i++)
		if (put_piece(fd, *p[i].at, *p[i].n * p[i].size) != 0)
			return -1;
	all_texts(h, t);
	for (i = 0; i < KINDS_OF_TEXT; i++)
		if (put_texts(fd, t[i]) != 0)
			return -1;
	return 0;
}

/* ---- mapped */

/* take_pieces - where each is; the offset behind the last, 0: there is less */
static size_t
take_pieces(struct hosts *h, const struct head *head)
{
	size_t at = aligned(sizeof(*head)), n;
	struct piece p[PIECES];
	uint32_t i;

	pieces(h, p);
	for (i = 0; i < PIECES; i++) {
		if (head->size[i] != p[i].size || head->n[i] > h->mapped)
			return 0;
		n = aligned((size_t)head->n[i] * p[i].size);
		if (n > h->mapped - at)
			return 0;
		*p[i].at = (uint8_t *)h->map + at;
		*p[i].n = (size_t)head->n[i];
		at += n;
	}
	return at;
}

static bool
take_texts(struct hosts *h, const struct head *head, size_t at)
{
	const char *base = h->map, *end;
	struct texts *t[KINDS_OF_TEXT];
	uint32_t i;

	all_texts(h, t);
	for (i = 0; i < KINDS_OF_TEXT; i++)
		while (t[i]->n < head->texts[i] && t[i]->n < HOSTS_TEXTS) {
			end = memchr(base + at, '\0', h->mapped - at);
			if (end == NULL)
				return false;
			t[i]->text[t[i]->n++] = (char *)(uintptr_t)(base + at);
			at = (size_t)(end - base) + 1;
		}
	return at == h->mapped;
}

static bool
take_head(struct hosts *h)
{
	const struct head *head = h->map;
	size_t at;

	if (h->mapped < aligned(sizeof(*head)) ||
	    memcmp(head->magic, magic, sizeof(magic)) != 0 ||
	    head->all != h->mapped || head->nlen > sizeof(head->len))
		return false;
	at = take_pieces(h, head);
	h->nlen = head->nlen;
	h->salt = head->salt;
	h->own_macs = head->own_macs != 0;
	memcpy(h->len, head->len, sizeof(h->len));
	return at != 0 && take_texts(h, head, at);
}

struct hosts *
hosts_map(int fd)
{
	struct hosts *h = calloc(1, sizeof(*h));
	struct stat sb;
	void *map = MAP_FAILED;

	if (h != NULL && fstat(fd, &sb) == 0) {
		h->mapped = (size_t)sb.st_size;
		map = mmap(NULL, h->mapped, PROT_READ, MAP_SHARED, fd, 0);
	}
	if (map == MAP_FAILED) {
		free(h);
		return NULL;
	}
	/* processes that it starts would keep it when we have another */
#ifdef MADV_DONTFORK
	madvise(map, h->mapped, MADV_DONTFORK);
#endif
	h->map = map;
	if (take_head(h))
		return h;
	hosts_free(h);
	errno = EINVAL;
	return NULL;
}
