/*
 * trigger.h - the command that makes the device connect, run by a process of
 * its own: the one that reads packets may start nothing.
 */
#ifndef DRILL_TRIGGER_H
#define DRILL_TRIGGER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/ip.h"

/*
 * trigger_start - the process, before any socket is open; what the command
 * writes is thrown away unless loud. False and errno.
 */
bool trigger_start(const char *command, const struct ip_addr *, bool loud);
/*
 * trigger_run - the command, for a connection to port; what is left of its
 * last run for that port is ended. trigger_stop - only that.
 */
void trigger_run(uint16_t port);
void trigger_stop(uint16_t port);

#endif
