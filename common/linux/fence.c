/*
 * fence.c - see fence.h. The system calls have no wrappers in libc, and its
 * headers may be older than the kernel.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/fence.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self  446
#endif

enum {
	ASK_VERSION = 1,
	HAS_SCOPES = 6, /* the version that knows them */
	SCOPE_ABSTRACT_UNIX = 1 << 0,
	SCOPE_SIGNAL = 1 << 1,
};

struct ruleset {
	uint64_t access_fs, access_net, scoped;
};

/* known - has the kernel the fence? */
static bool
known(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION) >=
	       HAS_SCOPES;
}

void
fence_up(void)
{
	const struct ruleset r = {.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL};
	int fd;

	if (!known())
		return;
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
	if (fd < 0)
		return;
	(void)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
}

/*
 * no_fuse - in our mount namespace. Whoever writes to a pipe, or reads from it,
 * has it for itself while a page comes in, also from a file system that is a
 * program of its own: its other end waits even if it does not want to.
 */
static void
no_fuse(void)
{
	(void)mount("/dev/null", "/dev/fuse", "none", MS_BIND, NULL);
	(void)mount("/dev/null", "/dev/userfaultfd", "none", MS_BIND, NULL);
}

/* own_proc - in our mount namespace, with these options */
static bool
own_proc(const char *options)
{
	if (mount("none", "/", "none", MS_SLAVE | MS_REC, NULL) != 0)
		return false;
	no_fuse();
	return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		   options) == 0;
}

/*
 * apart - the child is in the process namespace, its parent is not. One that
 * may trace all it sees would find the others in another's /proc.
 */
static void
apart(void)
{
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) != 0)
		return;
	if (fork() > 0)
		_exit(0);
	(void)own_proc("");
}

void
fence_proc(void)
{
	/* a process is seen by those that may trace it (hidepid, proc(5)) */
	if (!known() || unshare(CLONE_NEWNS) != 0 || !own_proc("hidepid=4"))
		apart();
}

void
fence_signals(void)
{
	/* the kernel's struct sigaction on any machine, with SIG_DFL */
	static const unsigned long by_default[8];
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		syscall(SYS_rt_sigaction, sig, by_default, NULL, NSIG / 8);
}
