/*
 * syscalls.h - notes of the system calls that code makes once it is locked in,
 * beside that code. linux/sandbox.c gathers them; elsewhere they mean nothing.
 */
#ifndef BASE_SYSCALLS_H
#define BASE_SYSCALLS_H

/* what not every run of a program does: bits for sandbox_enter() */
enum sandbox_use {
	SANDBOX_ALWAYS = 0,
	SANDBOX_LIBC = 1 << 0,	    /* malloc(), stdio, poll() and so on */
	SANDBOX_HEAR = 1 << 1,	    /* frames of a packet socket */
	SANDBOX_HEAR_MANY = 1 << 2, /* some with one call */
	SANDBOX_SEND = 1 << 3,	    /* a frame to a packet socket */
	SANDBOX_SEND_MANY = 1 << 4, /* a batch of them */
	SANDBOX_GATE = 1 << 5,	    /* to be a gate (gate.h): without libc */
	SANDBOX_COMMANDS = 1 << 6,  /* descriptors from another process */
	SANDBOX_SORT = 1 << 7,	    /* a capture, read at the start */
	SANDBOX_GIFT = 1 << 8,	    /* pages to a pipe, without a copy */
	SANDBOX_PLAN = 1 << 9,	    /* to be rawinject's planner: likewise */
	SANDBOX_OVERHEAR = 1 << 10, /* own frames now and then only */
	SANDBOX_DIVIDE = 1 << 11,   /* another filter for a socket */
	SANDBOX_OPENER = 1 << 12,   /* to be an opener (opener.h) */
	SANDBOX_REOPEN = 1 << 13,   /* to ask one */
	SANDBOX_DIAL = 1 << 14,	    /* to connect, or wait for one that does */
	SANDBOX_TERMINAL = 1 << 15, /* for whom what is typed there is */
	SANDBOX_HELD = 1 << 16,	    /* how much waits in a pipe */
	SANDBOX_READER = 1 << 17,   /* to read files again (linux/again.h) */
	SANDBOX_SPIN = 1 << 18,	    /* to poll without sleep (pipe/loop.h) */
	SANDBOX_MAP = 1 << 19,	    /* to read what is mapped, from a file */
};

/*
 * SANDBOX_NEEDS(clock_gettime); - the code below makes this system call after
 * sandbox_enter(). Written in the file that calls it: the linker gathers the
 * notes of what a program is made of. SANDBOX_NEEDS_FOR(HEAR, recvmsg); is
 * allowed in runs of that use alone. Neither hands the name to another macro
 * by itself: in musl some names, as pread64, are macros.
 */
#ifdef __linux__
#include <sys/syscall.h>
struct sandbox_note {
	unsigned use;
	int call;
};
#define SANDBOX_NOTE(note, use, call)                                          \
	static const struct sandbox_note note                                  \
	    __attribute__((section("sandbox_calls"), used)) = {use, call}
#else
#define SANDBOX_NOTE(note, use, call) struct note
#endif
#define SANDBOX_NEEDS(name)                                                    \
	SANDBOX_NOTE(sandbox_needs_##name, SANDBOX_ALWAYS, SYS_##name)
#define SANDBOX_NEEDS_FOR(use, name)                                           \
	SANDBOX_NOTE(sandbox_needs_##use##_##name, SANDBOX_##use, SYS_##name)

#endif
