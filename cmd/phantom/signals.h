/*
 * signals.h - those that phantom takes: blocked, for ppoll() to let in.
 */
#ifndef PHANTOM_SIGNALS_H
#define PHANTOM_SIGNALS_H

#include <stdbool.h>

/* signals_catch - from the first moment: none of them ends us half-way; but
   those that are to end us do so at once before ends is true */
void signals_catch(bool ends);

/* signals_release - as they were before, for a program in our place */
void signals_release(void);

/* signals_stop - one that ends us has come, but has not been let in yet */
bool signals_stop(void);

/*
 * signals_took - SIGUSR1, SIGUSR2 or SIGHUP has come since this was last
 * asked; SIGTERM: that, or SIGINT
 */
bool signals_took(int sig);

#endif
