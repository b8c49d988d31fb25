/*
 * keyboard.h - what is typed at the terminal is not for a process that reads
 * packets. Linux only.
 */
#ifndef LINUX_KEYBOARD_H
#define LINUX_KEYBOARD_H

/*
 * keyboard_leave - from now on none of stdin, stdout and stderr can read what
 * is typed: a terminal stays to write to; as stdin, if it is that of our
 * session, /dev/null takes its place. To be called before the user changes,
 * who may not open the terminal. errno stays.
 */
void keyboard_leave(void);

#endif
