/*
 * net.c - see net.h.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/die.h"
#include "command/room.h"
#include "linux/again.h"
#include "wire/ip.h"

#include "net.h"
#include "options.h"
#include "plan.h"

enum { FILES = 100 }; /* sockets and pipes of all programs and readers */

/* joint - a pair of sockets for p, the i-th of those that it has: the reader's
   end */
static int
joint(struct prog *p, int i)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
	p->table[i] = fd[0];
	return fd[1];
}

/* add - this program, of which lines of a protocol are; behind routers there
   are two programs in it */
static struct again_other *
add(struct again_other *to, const struct options *o, struct prog *p,
    uint8_t proto)
{
	if (o->nets > 0 && proto != 0)
		*to++ = (struct again_other){joint(p, TABLE_NET), -1, 0};
	*to = (struct again_other){joint(p, TABLE_ASK), -1, proto};
	if (proto != 0)
		to->told = joint(p, TABLE_TOLD);
	return to + 1;
}

void
net_start(struct again *a, const struct options *o, struct plan *pl)
{
	struct again_other other[AGAIN_OTHERS], *end = other, *p;
	struct again_config cf = {
	    .path = o->hosts, .use = options_use(o), .other = other};

	cf.use.command = NULL; /* it is looked for outside of the sandbox */
	a->sock = -1;
	if (o->net == NULL)
		return;
	room_at_least(FILES);
	end = add(end, o, pl->tcp, PROTO_TCP);
	end = add(end, o, pl->icmp, PROTO_UDP);
	end = add(end, o, pl->arp, 0);
	cf.others = (unsigned)(end - other);
	again_start(a, &cf, o->net);
	for (p = other; p < end; p++) {
		close(p->sock);
		if (p->told >= 0)
			close(p->told);
	}
}

bool
net_hang_up(struct again *a, const struct options *o, bool terminal)
{
	struct pollfd p = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (a->sock < 0)
		return false;
	if (terminal && poll(&p, 1, 0) == 1 &&
	    (p.revents & (POLLHUP | POLLERR)) != 0)
		return false;
	if (options_passes(o, "-R"))
		again_stays("-R: what is recorded goes on as it began");
	else
		again_hangup(a);
	return true;
}

bool
net_has_table(struct again *a)
{
	enum again_news news;
	struct hosts *h;

	news = again_news(a, &h);
	if (news == AGAIN_TABLE)
		hosts_free(h);
	return news == AGAIN_TABLE;
}
