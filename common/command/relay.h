/*
 * relay.h - the process between a command of UDP and the parser.
 *
 * A command's stdin and stdout are a socket, to keep the bounds of datagrams.
 * But who has one can send more than bytes: open files (unix(7), SCM_RIGHTS),
 * and who receives one of these closes it. That may last as long as its sender
 * likes: a TCP socket with SO_LINGER. No kernel before 6.16 can refuse them. So
 * a process of its own for each command receives what the command sends, and
 * only bytes go on. Whatever it waits for, nobody waits for it.
 */
#ifndef COMMAND_RELAY_H
#define COMMAND_RELAY_H

#include <sys/types.h>

/*
 * relay_start - fork it; -1 and errno when that fails. parser, command: the
 * sockets of either. It ends when one of them is closed, and a last message of
 * the command has gone on.
 */
pid_t relay_start(int *parser, int *command);

/* relay_end - the command has ended: what it has sent goes on, if the parser
   takes it within a second */
void relay_end(pid_t);

#endif
