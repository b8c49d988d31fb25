/*
 * sh.h - programs as lines for sh(1).
 */
#ifndef PHANTOM_SH_H
#define PHANTOM_SH_H

#include <stdio.h>

struct prog;

/* sh_word - quoted where sh needs it */
void sh_word(FILE *, const char *);

/* sh_prog - a program and its words, on stdout */
void sh_prog(const struct prog *);

#endif
