/*
 * sandbox.h - give up every right that the packets' parser does not need.
 *
 * Linux only, and the only file that knows it.
 */
#ifndef LINUX_SANDBOX_H
#define LINUX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* what is left after sandbox_enter(), for a message */
struct sandbox_rights {
	unsigned uid; /* after */
	int filter;   /* 1 when the seccomp filter is on */
};

/*
 * sandbox_enter - for good: no supplementary groups, nobody's ids when started
 * as root (where they are mapped; in a user namespace with a single id they
 * are not, and that is no error), no capability, no_new_privs, no core dump,
 * no new process, no new descriptor beyond those open now and files more, none
 * that reads what is typed at the terminal (keyboard.h), and a seccomp filter
 * that allows what SANDBOX_NEEDS() names, and the given uses, or-ed. Any other
 * call ends the process with SIGSYS. Where seccomp is missing, one line on
 * stderr says so. Returns 0, or -1 and errno when rights remain that should
 * not.
 *
 * Built with NO_SECCOMP or a sanitizer, ids and system calls are left alone:
 * those need files, ptrace and more.
 */
int sandbox_enter(unsigned files, unsigned uses, struct sandbox_rights *got);

/*
 * sandbox_keep_raw, sandbox_limit, sandbox_list, sandbox_lock - its parts:
 * nobody's ids, but still the capabilities that a packet socket wants; limits,
 * with files as above; the list; the rest. A process that is to hold a socket
 * can call the first three before it opens that. One that has become nobody
 * otherwise does without the first. SANDBOX_SENDS files: as many as its user
 * may have, for a process that hands descriptors over, see room_to_send().
 */
#define SANDBOX_SENDS (~0U)
int sandbox_keep_raw(void);
int sandbox_limit(unsigned files);
void sandbox_list(unsigned uses);
int sandbox_lock(struct sandbox_rights *got);

/*
 * lock_in - sandbox_lock(), after sandbox_limit() and sandbox_list(); print
 * which rights are left if asked to. 0, or -1 and errno.
 */
int lock_in(bool told);

/* sandbox_stay - from now on this process keeps its user, even root */
void sandbox_stay(void);

/* sandbox_nobody - as sandbox_user(NULL), of a process without a terminal */
int sandbox_nobody(void);

/*
 * sandbox_user - become this user, with its groups; NULL: the user nobody if
 * we are root (where that is possible), else no change. 0, or -1 and errno
 * (ENOENT: there is no such user). For a process that starts others; nothing
 * else is given up.
 */
int sandbox_user(const char *name);

/*
 * sandbox_no_new_privs - nothing that is executed from now on gains a right by
 * it, and no process may trace this one
 */
void sandbox_no_new_privs(void);

/*
 * sandbox_no_ambient - what is executed next inherits no capability, as it
 * would those that a service manager has given (capabilities(7), ambient)
 */
void sandbox_no_ambient(void);

/*
 * sandbox_end_with_parent - be killed when the parent, this process, ends; 0,
 * or -1 and errno when it has ended already. Becoming another user undoes it.
 */
int sandbox_end_with_parent(pid_t parent);

/* sandbox_close_from - close this descriptor and all above it */
void sandbox_close_from(int fd);

enum { SANDBOX_TEXT = 48 };

/* sandbox_text - "uid:65534,caps:none,seccomp:on" into buf; returns buf */
const char *sandbox_text(const struct sandbox_rights *, char *buf);

#endif
