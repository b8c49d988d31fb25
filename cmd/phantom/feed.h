/*
 * feed.h - of --film-live: the file that tcp-film writes while the packets
 * come, and that it shows to each browser.
 */
#ifndef PHANTOM_FEED_H
#define PHANTOM_FEED_H

/* feed_make - the name of a new, empty file; or print what is wrong, and
   exit */
char *feed_make(void);

/* feed_visit - for sh: this tcp-film answers a browser from that file */
char *feed_visit(const char *program, const char *feed);

#endif
