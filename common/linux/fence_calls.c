/*
 * fence_calls.c - see fence.h: what a process may do to all others of its user
 * without a signal, and to a terminal. Who lowers their limits ends them:
 * poll() fails when more descriptors are given than may be open.
 *
 * A command may be a program of the machine's other word size, whose calls have
 * other numbers: so all machines are in one filter.
 */
#include <errno.h>
#include <linux/audit.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "linux/callcode.h"
#include "linux/fence.h"

enum {
	PROCESS = 0,	 /* PRIO_PROCESS */
	IO_PROCESS = 1,	 /* IOPRIO_WHO_PROCESS */
	BY_PID = 4,	 /* calls whose first argument is a process */
	X32_IOCTL = 514, /* of these only this one differs there */
};

#define ALLOW SECCOMP_RET_ALLOW
#define DENY  (SECCOMP_RET_ERRNO | EPERM)

/* numbers of calls; of the last four: sched_setaffinity, _setscheduler,
   _setparam, _setattr */
static const struct calls {
	uint32_t arch, ioctl, prlimit64, setpriority, ioprio_set,
	    by_pid[BY_PID];
} machines[] = {
    {AUDIT_ARCH_X86_64, 16, 302, 141, 251, {203, 144, 142, 314}},
    {AUDIT_ARCH_I386, 54, 340, 97, 289, {241, 156, 154, 351}},
    {AUDIT_ARCH_AARCH64, 29, 261, 140, 30, {122, 119, 118, 274}},
    {AUDIT_ARCH_ARM, 54, 369, 97, 314, {241, 156, 154, 380}},
};

/* put_equal - go on if it is that, else skip so many */
static void
put_equal(struct callcode *p, uint32_t value, uint8_t skip)
{
	put(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

static void
put_verdict(struct callcode *p)
{
	put_return(p, ALLOW);
	put_return(p, DENY);
}

/* put_by_pid - 0, ourselves, is allowed */
static void
put_by_pid(struct callcode *p, uint32_t call)
{
	put_equal(p, call, 4);
	put_argument(p, 0);
	put_equal(p, 0, 1);
	put_verdict(p);
}

/* put_priority - of a process, ourselves: not of a user, nor of a group, as a
   process may join that of any other in its session */
static void
put_priority(struct callcode *p, uint32_t call, uint32_t process)
{
	put_equal(p, call, 6);
	put_argument(p, 0);
	put_equal(p, process, 3);
	put_argument(p, 1);
	put_equal(p, 0, 1);
	put_verdict(p);
}

/* put_limits - those of others may be read: there is no pointer to new ones */
static void
put_limits(struct callcode *p, uint32_t call)
{
	put_equal(p, call, 8);
	put_argument(p, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0);
	put_argument(p, 2);
	put_equal(p, 0, 3);
	put_load(p, offsetof(struct seccomp_data, args[2]) + sizeof(uint32_t));
	put_equal(p, 0, 1);
	put_verdict(p);
}

/* put_terminal - nothing is written to one as if it had been typed there */
static void
put_terminal(struct callcode *p, uint32_t call)
{
	put_equal(p, call, 5);
	put_argument(p, 1);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 2, 0);
	put(p, BPF_JMP | BPF_JEQ | BPF_K, TIOCLINUX, 1, 0);
	put_verdict(p);
}

static void
put_machine(struct callcode *p, const struct calls *m)
{
	unsigned short start;
	int i;

	put_load(p, offsetof(struct seccomp_data, arch));
	put_equal(p, m->arch, 0);
	start = p->n;
	put_load(p, offsetof(struct seccomp_data, nr));
	put(p, BPF_ALU | BPF_AND | BPF_K, ~(uint32_t)X32_BIT, 0, 0);
	put_terminal(p, m->ioctl);
	if (m->arch == AUDIT_ARCH_X86_64)
		put_terminal(p, X32_IOCTL);
	put_limits(p, m->prlimit64);
	put_priority(p, m->setpriority, PROCESS);
	put_priority(p, m->ioprio_set, IO_PROCESS);
	for (i = 0; i < BY_PID; i++)
		put_by_pid(p, m->by_pid[i]);
	put_return(p, ALLOW);
	p->f[start - 1].jf = (uint8_t)(p->n - start);
}

void
fence_calls(void)
{
	static struct callcode p; /* half of its room is enough */
	struct sock_fprog prog;
	size_t i;

	p.n = 0;
	for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		put_machine(&p, &machines[i]);
	put_return(&p, ALLOW);
	prog = (struct sock_fprog){p.n, p.f};
	(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
}
