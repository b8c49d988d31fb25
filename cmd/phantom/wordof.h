/*
 * wordof.h - the program that a command for sh names, as far as that can be
 * known without running it.
 */
#ifndef PHANTOM_WORDOF_H
#define PHANTOM_WORDOF_H

/* command_wrong - NULL, or that its first word names no program; the text is
   good until the next call */
const char *command_wrong(const char *text);

#endif
