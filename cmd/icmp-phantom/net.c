/*
 * net.c - the file of --hosts, see net.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/hangup.h"
#include "hosts/hosts.h"
#include "wire/udp.h"

#include "net.h"

/* read_datagram - of a service, as much as a datagram holds; NULL, or what is
   wrong with it */
static const char *
read_datagram(int fd, struct datagram *d)
{
	ssize_t n = 1;

	d->bytes = malloc(UDP_MAX + 1);
	if (d->bytes == NULL)
		return strerror(ENOMEM);
	while (n > 0 && d->len <= UDP_MAX) {
		n = read(fd, d->bytes + d->len, UDP_MAX + 1 - d->len);
		if (n < 0)
			return strerror(errno);
		d->len += (size_t)n;
	}
	return d->len > UDP_MAX ? "longer than a datagram, 65507 bytes" : NULL;
}

static void
forget(struct datagram *file, uint32_t n)
{
	uint32_t i;

	for (i = 0; file != NULL && i < n; i++)
		free(file[i].bytes);
	free(file);
}

/* read_files - those of h; again: they have been opened for us. NULL, having
   put into error what is wrong */
static struct datagram *
read_files(const struct hosts *h, uint32_t *files, struct again *again,
    char error[HOSTS_ERROR])
{
	const char *const *name = hosts_files(h, files);
	struct datagram *d = calloc(*files + 1, sizeof(*d));
	const char *bad = NULL;
	uint32_t i;
	int fd;

	if (d == NULL) {
		snprintf(error, HOSTS_ERROR, "start: %s", strerror(ENOMEM));
		return NULL;
	}
	for (i = 0; bad == NULL && i < *files; i++) {
		if (!hosts_file_of(h, i, PROTO_UDP))
			continue;
		fd = again != NULL ? again_file(again)
				   : open(name[i], O_RDONLY | O_CLOEXEC);
		bad = fd < 0 ? strerror(errno) : read_datagram(fd, &d[i]);
		if (fd >= 0)
			close(fd);
		if (bad != NULL)
			snprintf(
			    error, HOSTS_ERROR, "read %s: %s", name[i], bad);
	}
	if (bad == NULL)
		return d;
	forget(d, *files);
	return NULL;
}

int
net_open(struct net *n, struct options *o)
{
	const struct again_config cf = {.path = o->hosts,
	    .use = {.faces = true, .os_db = o->os_db},
	    .commands = true,
	    .proto = PROTO_UDP};
	char error[HOSTS_ERROR];

	n->again.sock = n->again.told = -1;
	if (o->hosts == NULL)
		return -1;
	n->is.hosts = again_load(&n->again, &cf, o->table);
	n->is.file = read_files(n->is.hosts, &n->is.files, NULL, error);
	if (n->is.file == NULL)
		die(EXIT_WRONG, "%s", error);
	o->cf.hosts = n->is.hosts;
	o->cf.file = n->is.file;
	if (o->stamps) { /* it goes on as it began */
		n->again.sock = -1;
		return -1;
	}
	again_start(&n->again, &cf, n->is.hosts);
	hangup_catch();
	return n->again.told;
}

static void
let_go(struct reading *r)
{
	hosts_free(r->hosts);
	forget(r->file, r->files);
	*r = (struct reading){.hosts = NULL};
}

/* prepare - the files of the new table; false, after a message: they cannot
   all be read */
static bool
prepare(struct net *n, struct hosts *h)
{
	char error[HOSTS_ERROR];

	let_go(&n->next);
	n->next.hosts = h;
	n->next.file = read_files(h, &n->next.files, &n->again, error);
	if (n->next.file != NULL)
		return true;
	again_stays(error);
	let_go(&n->next);
	return false;
}

void
net_take(struct net *n, struct responder *r)
{
	struct reading old;
	struct hosts *h;

	switch (again_news(&n->again, &h)) {
	case AGAIN_NOTHING:
		break;
	case AGAIN_TABLE:
		again_vote(&n->again, prepare(n, h));
		break;
	case AGAIN_TAKE:
		old = n->is;
		n->is = n->next;
		n->next = (struct reading){.hosts = NULL};
		responder_hosts(r, n->is.hosts, n->is.file);
		let_go(&old);
		again_trim();
		break;
	case AGAIN_DROP:
		let_go(&n->next);
		break;
	}
}
