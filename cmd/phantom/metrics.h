/*
 * metrics.h - the totals in a file of --metrics, for those who collect them.
 */
#ifndef PHANTOM_METRICS_H
#define PHANTOM_METRICS_H

struct watch;

/* metrics_open - the file, or -1 where there is no name; dies of mistakes */
int metrics_open(const char *name);

/* metrics_write - what is there now, where it is new */
void metrics_write(struct watch *);

#endif
