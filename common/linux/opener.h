/*
 * opener.h - a process that opens one file, as often as it is asked, for one
 * that may open nothing any more. It reads one byte, opens the file that was
 * named at the start, hands the descriptor over, and can do nothing else. It
 * keeps the user that started it, without capabilities, and ends with the one
 * that asks. Linux only.
 */
#ifndef LINUX_OPENER_H
#define LINUX_OPENER_H

/*
 * opener_start - for this file, by open(2)'s flags, mode 0600; before
 * sandbox_enter(), which then needs SANDBOX_REOPEN and room for one file. A
 * socket to ask it by, or -1 and errno.
 */
int opener_start(const char *path, int flags);

/* opener_ask - the file, opened once more; or -1 and errno */
int opener_ask(int sock);

#endif
