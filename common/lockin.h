/*
 * lockin.h - for mains: the end of the sandbox, and a line about it.
 */
#ifndef LOCKIN_H
#define LOCKIN_H

#include <stdbool.h>

/*
 * lock_in - sandbox_lock(), after sandbox_limit() and sandbox_list(); say
 * which rights are left if told. 0, or -1 and errno.
 */
int lock_in(bool told);

#endif
