/*
 * planner.c - the process that reads frames, for the one that holds the
 * socket: it decides which segments leave as one super-frame, and what becomes
 * of a frame longer than the MTU. It has two pipes, one for the news that
 * there are records to plan, one for the news that there is a plan, and can do
 * nothing else.
 *
 * The two end together. Signals are its parent's: a terminal sends its to
 * both.
 */
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "rawinject.h"
#include "wire/ether.h"

enum {
	ASKED = 0, /* its descriptors */
	PLANNED = 1,
	END_WAIT_MS = 1000,
	VLAN_HLEN = 4,
};

/* ---- the process ---- */

SANDBOX_NEEDS_FOR(PLAN, read);
SANDBOX_NEEDS_FOR(PLAN, write);
SANDBOX_NEEDS_FOR(PLAN, restart_syscall);
SANDBOX_NEEDS_FOR(PLAN, exit_group);

static struct draft draft;
static struct run joined;
static uint32_t mtu;
static bool single;

/* a kernel without virtio headers, or -1: cut as it would be cut */
static void
plan_pieces(const struct segment *s, uint32_t size)
{
	uint32_t at, n;
	uint16_t i = 0;

	for (at = 0; at < s->payload; at += n, i++) {
		n = s->payload - at < size ? s->payload - at : size;
		segment_cut(
		    s, at, n, i, draft_make(&draft, s->hlen + (size_t)n));
	}
}

/* a TCP segment that exceeds the MTU: let the kernel cut it */
static void
plan_large(const struct segment *s)
{
	uint32_t heads = s->hlen - s->l3;
	uint16_t size = (uint16_t)(mtu - heads);
	uint8_t *head;

	if (mtu <= heads || (s->flags & (TCP_SYN | TCP_RST | TCP_URG)) != 0) {
		draft.plan->refused++;
		return;
	}
	if (!(draft.ask->vouched && segment_unfilled(s)) &&
	    !segment_verify(s)) {
		draft.plan->bad++;
		return;
	}
	if (single || !draft.ask->vnet) {
		plan_pieces(s, size);
		return;
	}
	draft_frame(&draft, s->frame, s->len);
	head = draft_super(&draft, s);
	pktsock_super(head, s, s->payload, s->flags, size);
}

/* is_long - no interface of this MTU takes it */
static bool
is_long(const struct stream_rec *rec)
{
	uint32_t head = ETHER_HLEN;

	if (get_be16(rec->data + 12) == ETHER_VLAN)
		head += VLAN_HLEN;
	return rec->caplen > mtu + head;
}

static void
plan_record(const struct stream_rec *rec)
{
	struct segment s;
	bool tcp;

	if (rec->caplen < rec->len || rec->caplen < ETHER_HLEN)
		return; /* it is skipped and counted where it was read */
	tcp = segment_decode(rec->data, rec->caplen, &s) == 0;
	if (tcp && rec->caplen - s.l3 > mtu) {
		run_close(&joined);
		plan_large(&s);
		return;
	}
	if (tcp && !single && draft.ask->vnet && run_add(&joined, &draft, &s))
		return;
	run_close(&joined);
	if (is_long(rec))
		draft.plan->refused++;
	else
		draft_frame(&draft, rec->data, rec->caplen);
}

static void
hear(void)
{
	char byte;

	if (read(ASKED, &byte, 1) != 1)
		_exit(0);
}

static void
hand_over(bool more)
{
	draft.plan->more = more;
	if (write(PLANNED, "", 1) != 1)
		_exit(0);
	hear();
	draft_begin(&draft);
}

static void
full(void)
{
	hand_over(true);
}

static _Noreturn void
serve(void)
{
	struct stream_rec rec;
	struct stream_in in;

	hear();
	draft_begin(&draft);
	for (;;) {
		in = draft.ask->in;
		while (stream_in_next(&in, &rec) > 0)
			plan_record(&rec);
		run_close(&joined);
		hand_over(false);
	}
}

/*
 * become_planner - with two descriptors, no signal and no right. Who it
 * becomes comes first: changing that would undo being killed with the parent.
 */
static _Noreturn void
become_planner(const struct planner *pl, int asked, int plan, pid_t parent)
{
	struct sandbox_rights got;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (dup2(asked, ASKED) < 0 || dup2(plan, PLANNED) < 0)
		_exit(1);
	sandbox_close_from(PLANNED + 1);
	draft = (struct draft){.ask = pl->ask, .plan = pl->plan, .full = full};
	sandbox_list(SANDBOX_PLAN);
	if (sandbox_nobody() < 0 || sandbox_end_with_parent(parent) < 0 ||
	    mprotect(pl->ask, sizeof(*pl->ask), PROT_READ) < 0 ||
	    sandbox_limit(0) < 0 || sandbox_lock(&got) < 0)
		_exit(1);
	serve();
}

/* ---- its parent ---- */

static void *
share(size_t n)
{
	return mmap(
	    NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int
planner_start(struct planner *pl, uint32_t most, bool no_super)
{
	pid_t parent = getpid();
	int to[2], from[2];

	pl->ask = share(sizeof(*pl->ask));
	pl->plan = share(sizeof(*pl->plan));
	if (pl->ask == MAP_FAILED || pl->plan == MAP_FAILED || pipe(to) != 0 ||
	    pipe(from) != 0)
		return -1;
	mtu = most;
	single = no_super;
	pl->pid = fork();
	if (pl->pid == 0)
		become_planner(pl, to[0], from[1], parent);
	close(to[0]);
	close(from[1]);
	pl->to = to[1];
	pl->from = from[0];
	return pl->pid < 0 ? -1 : 0;
}

void
planner_end(struct planner *pl)
{
	struct pollfd p = {.fd = pl->from, .events = POLLIN};
	char byte;
	int i;

	close(pl->to);
	/* one plan may still come */
	for (i = 0; i < 2 && poll(&p, 1, END_WAIT_MS) == 1; i++)
		if (read(pl->from, &byte, 1) <= 0) {
			(void)waitpid(pl->pid, NULL, 0);
			break;
		}
	close(pl->from);
}
