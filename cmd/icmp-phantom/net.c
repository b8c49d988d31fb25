/*
 * net.c - the file of --hosts, see net.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
	const char *bad = d == NULL ? strerror(ENOMEM) : NULL;
	uint32_t i;
	int fd;

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
	struct again_config cf = {.path = o->hosts,
	    .use = {.faces = true, .os_db = o->os_db},
	    .proto = PROTO_UDP};
	char error[HOSTS_ERROR] = "start: out of memory";
	int pair[2];

	n->again.sock = -1;
	if (o->hosts == NULL)
		return -1;
	n->hosts = hosts_load(o->hosts, &cf.use, error);
	if (n->hosts == NULL) {
		hosts_say("--hosts: ", error, "");
		exit(EXIT_WRONG);
	}
	n->file = read_files(n->hosts, &n->files, NULL, error);
	if (n->file == NULL)
		die(EXIT_WRONG, "%s", error);
	o->cf.hosts = n->hosts;
	o->cf.file = n->file;
	if (o->stamps) /* it goes on as it began */
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	cf.commands = pair[1];
	if (again_start(&n->again, &cf, n->hosts) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	close(pair[1]);
	hangup_catch();
	return pair[0];
}

void
net_take(struct net *n, struct responder *r)
{
	struct hosts *h = again_take(&n->again);
	char error[HOSTS_ERROR] = "no memory";
	struct datagram *file;
	uint32_t files;

	if (h == NULL)
		return;
	file = read_files(h, &files, &n->again, error);
	if (file == NULL) {
		again_stays(error);
		hosts_free(h);
		return;
	}
	responder_hosts(r, h, file);
	hosts_free(n->hosts);
	forget(n->file, n->files);
	n->hosts = h;
	n->file = file;
	n->files = files;
	again_trim();
}
