/*
 * posix.c - in the place of common/linux where there is no Linux: no packet
 * sockets, no filter of system calls, no second process that opens files.
 * make posix links it with objects that know POSIX alone, to show that the
 * programs which need no interface run there.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/die.h"
#include "link.h"
#include "linux/brood.h"
#include "linux/carrier.h"
#include "linux/fence.h"
#include "linux/gate.h"
#include "linux/guard.h"
#include "linux/host.h"
#include "linux/again.h"
#include "linux/opener.h"
#include "linux/sandbox.h"

static int
missing(void)
{
	errno = ENOSYS;
	return -1;
}

/* ---- rights */

int
sandbox_enter(unsigned files, unsigned uses, struct sandbox_rights *got)
{
	*got = (struct sandbox_rights){.uid = (unsigned)getuid()};
	return 0;
}

const char *
sandbox_text(const struct sandbox_rights *r, char *buf)
{
	snprintf(buf, SANDBOX_TEXT, "uid:%u,caps:unknown,seccomp:off", r->uid);
	return buf;
}

int
sandbox_user(const char *name)
{
	return name == NULL ? 0 : missing();
}

void
sandbox_no_ambient(void)
{
}

void
sandbox_no_new_privs(void)
{
}

void
sandbox_close_from(int first)
{
	int fd, end = (int)sysconf(_SC_OPEN_MAX);

	for (fd = first; fd < end; fd++)
		close(fd);
}

bool
fence_known(void)
{
	return false;
}

void
fence_up(void)
{
}

void
fence_apart(void)
{
}

void
fence_calls(void)
{
}

void
fence_proc(void)
{
}

void
fence_signals(void)
{
	int sig;

	for (sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
}

int
guard_make(const char *dir)
{
	return missing();
}

void
guard_up(int guard)
{
}

/* ---- commands: what they leave behind is not known */

bool
brood_adopt(void)
{
	return false;
}

void
brood_signal(int sig)
{
}

void
brood_hang_up(pid_t pid)
{
	kill(-pid, SIGHUP);
}

void
brood_end(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/* ---- files that are opened again: nobody does, a log stays where it is */

int
opener_start(const char *path, int flags)
{
	return open("/dev/null", O_RDWR);
}

int
opener_start_by(int (*fn)(void *ctx, uint8_t what), void *ctx, unsigned uses)
{
	return missing();
}

struct hosts *
again_load(struct again *a, const struct again_config *cf, const char *joined)
{
	static char error[HOSTS_ERROR];
	struct hosts *h = hosts_load(cf->path, &cf->use, error);

	a->sock = a->told = -1;
	if (h != NULL)
		return h;
	hosts_say("--hosts: ", error, "");
	exit(EXIT_WRONG);
}

void
again_start(struct again *a, const struct again_config *cf, struct hosts *now)
{
}

void
again_hangup(struct again *a)
{
}

int
again_socket(const struct again *a)
{
	return -1;
}

enum again_news
again_news(struct again *a, struct hosts **h)
{
	return AGAIN_NOTHING;
}

void
again_vote(struct again *a, bool ready)
{
}

void
again_trim(void)
{
}

void
again_stays(const char *why)
{
}

int
again_file(struct again *a)
{
	return missing();
}

int
opener_ask(int sock)
{
	return missing();
}

/* ---- interfaces */

int
gate_open(struct gate *g, const char *ifname, int flags,
    const struct sock_fprog *filter)
{
	snprintf(g->error, sizeof(g->error),
	    "%s: there are no packet sockets here: give - for a stream",
	    ifname);
	g->status = 2;
	return missing();
}

ssize_t
gate_recv(struct gate *g, uint8_t *buf, size_t cap, uint64_t *ts)
{
	return missing();
}

int
gate_send(struct gate *g, const uint8_t *frame, size_t len)
{
	return missing();
}

void
gate_counts(const struct gate *g, uint64_t *dropped, uint64_t *unsent)
{
	*dropped = *unsent = 0;
}

void
gate_close(struct gate *g)
{
}

void
carrier_open(struct carrier *c, const char *ifname)
{
	*c = (struct carrier){.fd = -1};
}

bool
carrier_back(struct carrier *c)
{
	return false;
}

bool
carrier_slept(struct carrier *c)
{
	return false;
}

int
host_addresses(void *ctx, void (*found)(void *ctx, const struct host_addr *))
{
	return missing();
}

int
host_open(void)
{
	return missing();
}

int
host_again(int fd, const char *ifname, unsigned index, void *ctx,
    void (*found)(void *ctx, const struct host_addr *))
{
	return missing();
}

int
host_way(struct host_way *way, const char *ifname, const struct ip_addr *src,
    const struct ip_addr *dst)
{
	return missing();
}

int
link_read(const char *ifname, struct link *out)
{
	return missing();
}
