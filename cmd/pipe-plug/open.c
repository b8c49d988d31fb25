/*
 * open.c - what a link is, by its text; see link.h.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/opener.h"
#include "link.h"
#include "tap.h"

/* behind - what follows "tap:" and so on in text; NULL: it is another kind */
static const char *
behind(const char *kind, const char *text)
{
	size_t n = strlen(kind);

	return strncmp(text, kind, n) == 0 && text[n] == ':' ? text + n + 1
							     : NULL;
}

static void
check_name(const char *text, const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (name[0] == '\0' || name[0] == '-' || strlen(name) >= IFNAMSIZ ||
	    name[strspn(name, good)] != '\0')
		die_usage("%s: not the name of an interface", text);
}

/* host_of - text up to its last colon; *port is behind it */
static char *
host_of(const struct link *l, const char *text, const char *usage,
    const char **port)
{
	size_t n = strlen(text);
	char *s;

	while (n > 0 && text[n] != ':')
		n--;
	if (text[n] != ':' || text[n + 1] == '\0')
		die_usage("%s: %s", l->text, usage);
	*port = text + n + 1;
	s = strndup(text, n);
	if (s == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	return s;
}

/* bare - a host without the brackets of an IPv6 address */
static char *
bare(char *host)
{
	size_t n = strlen(host);

	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return host;
	host[n - 1] = '\0';
	return host + 1;
}

static void
udp_socket(struct link *l, const char *mine, const char *host, const char *port)
{
	struct dial to, from;
	const char *wrong = dial_inet(&to, SOCK_DGRAM, host, port);

	if (wrong == NULL)
		wrong = dial_inet(&from, SOCK_DGRAM,
		    to.addr.ss_family == AF_INET6 ? "::" : "0.0.0.0", mine);
	if (wrong != NULL)
		die(EXIT_WRONG, "%s: %s", l->text, wrong);
	l->form = FORM_ONE;
	l->in = socket(
	    to.addr.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->in < 0 || bind(l->in, (const void *)&from.addr, from.len) != 0 ||
	    connect(l->in, (const void *)&to.addr, to.len) != 0)
		die(EXIT_WRONG, "open %s: %s", l->text, strerror(errno));
	l->out = l->in;
}

static void
open_udp(struct link *l, const char *text)
{
	static const char usage[] = "give udp:PORT:HOST:PORT";
	size_t n = strcspn(text, ":");
	const char *port;
	char *host, mine[16];

	if (text[n] == '\0' || text[n + 1] == ':' || n >= sizeof(mine))
		die_usage("%s: %s", l->text, usage);
	snprintf(mine, sizeof(mine), "%.*s", (int)n, text);
	host = host_of(l, text + n + 1, usage, &port);
	udp_socket(l, mine, bare(host), port);
	free(host);
}

static void
open_tcp(struct link *l, const char *text)
{
	const char *port, *wrong;
	char *host = host_of(l, text,
	    "give tcp:HOST:PORT to connect, tcp::PORT to wait for one", &port);

	wrong = dial_inet(&l->dial, SOCK_STREAM, bare(host), port);
	if (wrong != NULL)
		die(EXIT_WRONG, "%s: %s", l->text, wrong);
	l->dials = true;
	free(host);
}

static void
open_unix(struct link *l, const char *path, enum form form)
{
	l->form = form;
	l->dials = true;
	if (dial_unix(&l->dial, path) != 0)
		die_usage("%s: not the path of a socket: too long, or empty",
		    l->text);
}

static void
buffers(struct link *l, const char *text)
{
	*l = (struct link){.text = text, .in = -1, .out = -1, .asker = -1};
	if (stream_in_init(&l->from) != 0 ||
	    stream_out_init(&l->to, LINK_QUEUE) != 0)
		die(EXIT_NO, "start: out of memory");
}

void
link_open(struct link *l, const char *text)
{
	const char *rest;

	buffers(l, text);
	if (strcmp(text, "-") == 0) {
		l->own = true;
		l->file = stream_to_file(STDOUT_FILENO);
		l->in = STDIN_FILENO;
		l->out = STDOUT_FILENO;
	} else if ((rest = behind("tap", text)) != NULL) {
		check_name(text, rest);
		tap_open(l, rest);
	} else if ((rest = behind("udp", text)) != NULL) {
		open_udp(l, rest);
	} else if ((rest = behind("tcp", text)) != NULL) {
		open_tcp(l, rest);
	} else if ((rest = behind("qemu", text)) != NULL) {
		open_unix(l, rest, FORM_LENGTH);
	} else if ((rest = behind("unix", text)) != NULL) {
		open_unix(l, rest, FORM_STREAM);
	} else {
		die_usage("%s: no link: give tap:NAME, if:IFACE, qemu:PATH, "
			  "udp:PORT:HOST:PORT, unix:PATH, tcp:HOST:PORT or -",
		    text);
	}
}

void
link_command(struct link *l, const struct child_group *g, char *const *argv,
    const char *argv0)
{
	buffers(l, argv[0]);
	if (child_start(&l->child, g, argv, argv0) != 0)
		die(EXIT_NO, "start %s: %s", argv[0], strerror(errno));
	l->in = l->child.in;
	l->out = l->child.out;
	stream_pipe_size(l->in);
	stream_copies(l->in);
	stream_pipe_size(l->out);
}

const char *
link_is_iface(const char *text)
{
	return behind("if", text);
}

/* link_iface - the name is one by which sh cannot be misled; its exit status is
   that of rawcap, which notices that an interface goes away */
void
link_iface(struct link *l, const struct child_group *g, const char *name,
    const char *argv0)
{
	char text[160], *argv[] = {"sh", "-c", text, NULL};

	check_name(name, name);
	if (if_nametoindex(name) == 0)
		die(EXIT_WRONG, "open if:%s: no such interface", name);
	snprintf(text, sizeof(text),
	    "exec 3<&0; rawinject -q %s <&3 3<&- >/dev/null & "
	    "exec rawcap -q %s 3<&-",
	    name, name);
	link_command(l, g, argv, argv0);
	l->text = name;
	l->iface = true;
}

void
link_start(struct link *l)
{
	if (!l->dials)
		return;
	l->asker = dial_start(&l->dial);
	if (l->asker < 0)
		die(EXIT_NO, "start: %s", strerror(errno));
}
