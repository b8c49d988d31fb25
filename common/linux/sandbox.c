/*
 * sandbox.c - rights are given up in the order in which each still can be:
 * groups and ids, capabilities (capabilities(7)), new privileges by exec,
 * then system calls (seccomp(2)).
 *
 * The filter checks the machine first: system call numbers mean nothing
 * without it. Some calls are allowed only with harmless arguments: memory
 * is never made executable nor mapped from a file, fcntl() cannot make the
 * kernel send signals, setsockopt() and ioctl() can do two things each.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "linux/callcode.h"
#include "linux/keyboard.h"
#include "linux/sandbox.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||     \
    __has_feature(undefined_behavior_sanitizer)
#define SOFT 1
#endif
#endif
#if defined(NO_SECCOMP) || defined(__SANITIZE_ADDRESS__) ||                    \
    defined(__SANITIZE_THREAD__)
#define SOFT 1
#endif
#ifndef SOFT
#define SOFT 0
#endif

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

enum { POLLED = 8, NOBODY = 65534, CAP_WORDS = _LINUX_CAPABILITY_U32S_3 };

/* of the program: what its code names by SANDBOX_NEEDS() */
extern const struct sandbox_note __start_sandbox_calls[] __attribute__((weak));
extern const struct sandbox_note __stop_sandbox_calls[] __attribute__((weak));

/* what libc makes of malloc(), stdio, poll() and the end of a program */
static const int libc_calls[] = {
    SYS_read,
    SYS_readv,
    SYS_write,
    SYS_writev,
    SYS_close,
    SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_restart_syscall,
    SYS_rt_sigreturn,
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_futex,
    SYS_getrandom,
    SYS_fstat,
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
    SYS_lseek,
    SYS_exit,
    SYS_exit_group,
};

static const int fcntl_commands[] = {
    F_GETFD,
    F_SETFD, /* musl's open() with O_CLOEXEC */
    F_GETFL,
    F_SETFL,
    F_SETPIPE_SZ,
    F_GETPIPE_SZ,
    F_GETLK,
    F_SETLK,
    F_ADD_SEALS,
};

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static void
put_allow(struct callcode *p, int call)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 1);
	put_return(p, SECCOMP_RET_ALLOW);
}

/* put_mmap - of memory; reads: and of a file, to read only */
static void
put_mmap(struct callcode *p, bool reads)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 7);
	put_argument(p, 2);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, PROT_READ, reads ? 4 : 0, 0);
	put(p, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 2, 0);
	put_argument(p, 3);
	put(p, BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 1, 0);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_return(p, SECCOMP_RET_ALLOW);
}

static void
put_mprotect(struct callcode *p)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 4);
	put_argument(p, 2);
	put(p, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_return(p, SECCOMP_RET_ALLOW);
}

static void
put_fcntl(struct callcode *p)
{
	size_t i;

	put(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl, 0,
	    (uint8_t)(2 * N_OF(fcntl_commands) + 2));
	put_argument(p, 1);
	for (i = 0; i < N_OF(fcntl_commands); i++)
		put_allow(p, fcntl_commands[i]);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
}

/* put_only - a call, if this argument of it has one of two values */
static void
put_only(struct callcode *p, int call, int arg, uint32_t value, uint32_t other)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call, 0, 5);
	put_argument(p, arg);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, other, 0, 1);
	put_return(p, SECCOMP_RET_ALLOW);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
}

static void
put_libc(struct callcode *p, unsigned uses)
{
	size_t i;

	for (i = 0; i < N_OF(libc_calls); i++)
		put_allow(p, libc_calls[i]);
	put_mmap(p, (uses & SANDBOX_MAP) != 0);
	put_mprotect(p);
	put_fcntl(p);
}

/* the list, as made last; none: n is 0 */
static struct callcode list;

void
sandbox_list(unsigned uses)
{
	const struct sandbox_note *note;
	struct callcode *p = &list;

	p->n = 0;
	if (ARCH == 0 && !SOFT)
		say("no seccomp filter is known for this machine");
	if (ARCH == 0 || SOFT)
		return;
	put_load(p, offsetof(struct seccomp_data, arch));
	put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	put_load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	/* the x32 numbers are other doors to the same calls */
	put(p, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
#endif
	if (uses & SANDBOX_LIBC)
		put_libc(p, uses);
	if (uses & SANDBOX_DIVIDE)
		put_only(
		    p, SYS_setsockopt, 2, SO_ATTACH_FILTER, PACKET_FANOUT_DATA);
	/* by the size of a terminal musl's stdio knows one from a file */
	if (uses & SANDBOX_LIBC)
		put_only(p, SYS_ioctl, 1, TIOCGWINSZ,
		    uses & SANDBOX_HELD	      ? FIONREAD
		    : uses & SANDBOX_TERMINAL ? TIOCGPGRP
					      : TIOCGWINSZ);
	for (note = __start_sandbox_calls; note != __stop_sandbox_calls; note++)
		if (note->use == SANDBOX_ALWAYS || (note->use & uses) != 0)
			put_allow(p, note->call);
	put_return(p, SECCOMP_RET_KILL_PROCESS);
	if (p->full)
		die(EXIT_WRONG, "give up rights: the list of system calls is "
				"too long");
}

/* 1 when the filter is on, 0 when there can be none, -1 and errno */
static int
filter_calls(void)
{
	struct sock_fprog prog = {list.n, list.f};

	if (list.n == 0)
		return 0;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0) {
		say_own("the kernel has no seccomp filter");
		return 0;
	}
	return 1;
}

static bool
fails(int r)
{
	return r < 0 && errno != EPERM && errno != EINVAL;
}

static bool stay;

void
sandbox_stay(void)
{
	stay = true;
}

/*
 * A user namespace may map no id but root's: EINVAL, and a container's root
 * may lack the right to change: EPERM. Both are root in name only.
 */
int
sandbox_nobody(void)
{
	int failed, end = 0;

	if (SOFT || stay || geteuid() != 0)
		return 0;
	/* the signal at the parent's end is lost with the ids: prctl(2) */
	prctl(PR_GET_PDEATHSIG, &end, 0, 0, 0);
	failed = fails(setgroups(0, NULL)) ||
		 fails(setresgid(NOBODY, NOBODY, NOBODY)) ||
		 fails(setresuid(NOBODY, NOBODY, NOBODY));
	if (end != 0)
		prctl(PR_SET_PDEATHSIG, end, 0, 0, 0);
	return -failed;
}

int
sandbox_user(const char *name)
{
	const struct passwd *pw;

	keyboard_leave();
	if (name == NULL)
		return sandbox_nobody();
	errno = 0;
	pw = getpwnam(name);
	if (pw == NULL) {
		if (errno == 0)
			errno = ENOENT;
		return -1;
	}
	if (pw->pw_uid == geteuid() && pw->pw_gid == getegid())
		return 0;
	if (initgroups(name, pw->pw_gid) != 0 || setgid(pw->pw_gid) != 0)
		return -1;
	return setuid(pw->pw_uid);
}

/*
 * Changing the ids clears the effective capabilities, and without KEEPCAPS
 * the permitted ones (capabilities(7)).
 */
int
sandbox_keep_raw(void)
{
	const uint32_t raw = 1u << CAP_NET_RAW | 1u << CAP_NET_ADMIN;
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];
	unsigned i;

	keyboard_leave();
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || sandbox_nobody() < 0 ||
	    syscall(SYS_capget, &head, d) < 0)
		return -1;
	for (i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		d[i].permitted &= i == 0 ? raw : 0;
		d[i].effective = d[i].permitted;
		d[i].inheritable = 0;
	}
	return (int)syscall(SYS_capset, &head, d);
}

void
sandbox_no_new_privs(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, SOFT, 0, 0, 0);
}

void
sandbox_no_ambient(void)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int
sandbox_end_with_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -1;
	if (getppid() == parent)
		return 0;
	errno = ESRCH;
	return -1;
}

void
sandbox_close_from(int fd)
{
	long max;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, fd, ~0U, 0) == 0)
		return;
#endif
	for (max = sysconf(_SC_OPEN_MAX); fd < max; fd++)
		close(fd);
}

/* 0, or -1 and errno when a capability is left */
static int
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
	    .version = _LINUX_CAPABILITY_VERSION_3};
	static const struct __user_cap_data_struct none[CAP_WORDS];
	struct __user_cap_data_struct left[CAP_WORDS];

	memset(left, 0xff, sizeof(left)); /* what is not told is left */
	if (syscall(SYS_capset, &head, none) < 0 ||
	    syscall(SYS_capget, &head, left) < 0)
		return -1;
	errno = EPERM;
	return memcmp(left, none, sizeof(none)) == 0 ? 0 : -1;
}

/*
 * Each of these alone would do, the filter does as well: but it may
 * be missing. poll() is refused for more descriptors than may be open, so
 * some are always left.
 */
int
sandbox_limit(unsigned files)
{
	struct rlimit none = {0, 0}, open, now;
	int first = dup(STDERR_FILENO); /* all below are in use */

	if (first >= 0)
		close(first);
	open.rlim_cur = (rlim_t)(first > POLLED ? first : POLLED) + files;
	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return -1;
	if (files == SANDBOX_SENDS)
		open.rlim_cur = now.rlim_max;
	else if (open.rlim_cur > now.rlim_cur)
		open.rlim_cur = now.rlim_cur;
	open.rlim_max = open.rlim_cur;
	if (setrlimit(RLIMIT_CORE, &none) < 0)
		return -1;
	if (SOFT)
		return 0;
	if (setrlimit(RLIMIT_NPROC, &none) < 0)
		return -1;
	return setrlimit(RLIMIT_NOFILE, &open);
}

int
sandbox_lock(struct sandbox_rights *got)
{
	if (drop_capabilities() < 0)
		return -1;
	got->uid = (unsigned)geteuid();
	if (prctl(PR_SET_DUMPABLE, SOFT, 0, 0, 0) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	got->filter = filter_calls();
	return got->filter < 0 ? -1 : 0;
}

int
sandbox_enter(unsigned files, unsigned uses, struct sandbox_rights *got)
{
	keyboard_leave();
	sandbox_list(uses);
	return sandbox_limit(files) < 0 || sandbox_nobody() < 0
		   ? -1
		   : sandbox_lock(got);
}

const char *
sandbox_text(const struct sandbox_rights *r, char *buf)
{
	snprintf(buf, SANDBOX_TEXT, "uid:%u,caps:none,seccomp:%s", r->uid,
	    r->filter ? "on" : "off");
	return buf;
}

int
lock_in(bool told)
{
	struct sandbox_rights got;

	if (sandbox_lock(&got) != 0)
		return -1;
	if (told)
		say_own("uid %u, no capability, system calls %sfiltered",
		    got.uid, got.filter ? "" : "not ");
	return 0;
}
