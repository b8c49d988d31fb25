/*
 * hints.h - what can be tried, now that the address answers.
 */
#ifndef PHANTOM_HINTS_H
#define PHANTOM_HINTS_H

struct options;
struct watch;

/* hints_look - at the file that is served, while it can be opened */
void hints_look(const struct options *);

/* hints_asks - arp-phantom asks now, and found nothing wrong before that */
void hints_asks(struct watch *, const struct options *);

void hints(struct watch *, const struct options *);

#endif
