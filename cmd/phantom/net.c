/*
 * net.c - see net.h.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "linux/again.h"

#include "net.h"
#include "options.h"

void
net_start(struct again *a, const struct options *o)
{
	struct again_config cf = {
	    .path = o->hosts, .use = options_use(o), .commands = -1};

	cf.use.command = NULL; /* it is looked for outside of the sandbox */
	a->sock = -1;
	if (o->net != NULL && again_start(a, &cf, o->net) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
}

bool
net_hang_up(struct again *a, bool terminal)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (a->sock < 0)
		return false;
	if (terminal && poll(&p, 1, 0) == 1 &&
	    (p.revents & (POLLHUP | POLLERR)) != 0)
		return false;
	again_hangup(a);
	return true;
}

bool
net_is_right(struct again *a)
{
	struct hosts *h = again_take(a);

	hosts_free(h);
	again_trim();
	return h != NULL;
}
