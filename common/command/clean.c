/*
 * clean.c - see clean.h.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/clean.h"
#include "command/spawn.h"
#include "wire/ether.h"
#include "wire/ip.h"

extern char **environ;

static bool
stays(const char *entry)
{
	static const char *const name[] = {
	    "PATH=", "TZ=", "TMPDIR=", "LANG=", "LANGUAGE=", "LC_"};
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (strncmp(entry, name[i], strlen(name[i])) == 0)
			return true;
	return false;
}

int
clean_environment(void)
{
	size_t i, k = 0;

	for (i = 0; environ != NULL && environ[i] != NULL; i++)
		if (stays(environ[i]))
			environ[k++] = environ[i];
	if (environ != NULL)
		environ[k] = NULL;
	return setenv("HOME", "/", 1);
}

/* set - of this protocol: TCPLOCALIP, UDPREMOTEPORT; NULL: none */
static void
set(const char *proto, const char *what, const char *value)
{
	char name[24];

	snprintf(name, sizeof(name), "%s%s", proto, what);
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void
set_port(const char *proto, const char *what, uint16_t port)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", port);
	set(proto, what, text);
}

void
clean_set(const struct spawn_msg *m)
{
	const char *proto = m->proto == PROTO_UDP ? "UDP" : "TCP";
	char text[IP_TEXT];

	setenv("PROTO", proto, 1);
	set(proto, "LOCALIP", ip_text(&m->laddr, text));
	set(proto, "REMOTEIP", ip_text(&m->raddr, text));
	set_port(proto, "LOCALPORT", m->lport);
	set_port(proto, "REMOTEPORT", m->rport);
	set(proto, "LOCALMAC", mac_text(&m->lmac, text));
	set(proto, "REMOTEMAC", mac_text(&m->rmac, text));
	set(proto, "LOCALHOST", NULL);
	set(proto, "REMOTEHOST", NULL);
	set(proto, "REMOTEINFO", NULL);
}

void
clean_path(void)
{
	const char *old = getenv("PATH");
	char self[PATH_MAX], path[2 * PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	while (n > 0 && self[n - 1] != '/')
		n--;
	if (n <= 1)
		return;
	self[n - 1] = '\0';
	if (old == NULL)
		old = "/usr/bin:/bin";
	if (snprintf(path, sizeof(path), "%s:%s", old, self) <
	    (int)sizeof(path))
		setenv("PATH", path, 1);
}
