/*
 * find.h - where the other programs are.
 */
#ifndef PHANTOM_FIND_H
#define PHANTOM_FIND_H

/*
 * find_program - the path of a program: beside this one, in the bin or sbin
 * next to its folder, or in PATH. argv0 is this program's. NULL: nowhere; the
 * caller has it for good.
 */
char *find_program(const char *name, const char *argv0);

/* find_in_path - in PATH alone */
char *find_in_path(const char *name);

#endif
