/*
 * hangup.h - SIGHUP as a word to a program that goes on: open the log again,
 * read a file again. Who is interested compares the count with the last one.
 */
#ifndef BASE_HANGUP_H
#define BASE_HANGUP_H

/* hangup_catch - from now on; the signal is blocked, for ppoll() to let in */
void hangup_catch(void);

/* hangup_count - how often it has come */
unsigned hangup_count(void);

#endif
