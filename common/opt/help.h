/*
 * help.h - what is made of a table of options: --help, --list-options
 * for the completion of shells.
 */
#ifndef OPT_HELP_H
#define OPT_HELP_H

#include "opt/opt.h"

/* help_print - to stdout, then exit 0 */
_Noreturn void help_print(const struct opt_program *, const char *argv0);

/*
 * help_list - a line for each option on stdout, then exit 0: its forms joined
 * by commas, the value's word ("-": none), the words that the value can be
 * ("-": any), and the text, with tabs between
 */
_Noreturn void help_list(const struct opt_program *);

#endif
