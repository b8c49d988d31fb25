/*
 * opener.h - a process that opens one file, as often as it is asked, for one
 * that may open nothing any more. It reads one byte, opens the file that was
 * named at the start, hands the descriptor over, and can do nothing else. It
 * keeps the user that started it, without capabilities, and ends with the one
 * that asks. Linux only.
 */
#ifndef LINUX_OPENER_H
#define LINUX_OPENER_H

#include <stdint.h>
#include <sys/types.h>

/*
 * opener_start - for this file, by open(2)'s flags, mode 0600; before
 * sandbox_enter(), which then needs SANDBOX_REOPEN and room for one file. A
 * socket to ask it by, or -1 and errno.
 */
int opener_start(const char *path, int flags);

/*
 * opener_start_by - the same for what fn() opens, a descriptor or -1 and
 * errno; what is the byte that it was asked by; uses: the system calls that it
 * needs (base/syscalls.h)
 */
int opener_start_by(
    int (*fn)(void *ctx, uint8_t what), void *ctx, unsigned uses);

/*
 * opener_become - this process, just forked by parent, is an opener from now
 * on: signals are its parent's, with which it ends; it has these n descriptors,
 * as 0 and so on, and no other; uses: the system calls that it needs beside
 * those of an opener (base/syscalls.h)
 */
enum { OPENER_FDS = 16 };
void opener_become(pid_t parent, const int *keep, unsigned n, unsigned uses);

/* opener_answer - to the one that asks: a descriptor, or -1 and errno; -1: it
   is gone */
int opener_answer(int sock, int fd, int error);

/* opener_ask, opener_ask_for - the file, opened again; or -1 and errno */
int opener_ask(int sock);
int opener_ask_for(int sock, uint8_t what);

/*
 * opener_want, opener_take - the same in two steps, for what may take long:
 * ask; then, when the socket is readable, the descriptor, or -1 and errno
 */
int opener_want(int sock, uint8_t what);
int opener_take(int sock);

#endif
