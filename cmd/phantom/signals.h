/*
 * signals.h - those that phantom takes: blocked, for ppoll() to let in.
 */
#ifndef PHANTOM_SIGNALS_H
#define PHANTOM_SIGNALS_H

#include <stdbool.h>

void signals_catch(void);

/*
 * signals_took - SIGUSR1, SIGUSR2 or SIGHUP has come since this was last
 * asked; SIGTERM: that, or SIGINT
 */
bool signals_took(int sig);

#endif
