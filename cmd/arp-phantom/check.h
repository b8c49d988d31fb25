/*
 * check.h - may an address be claimed at all?
 */
#ifndef ARP_PHANTOM_CHECK_H
#define ARP_PHANTOM_CHECK_H

#include <stdbool.h>

struct hosts;
struct list;
struct prefix;

enum { CHECK_TEXT = 128 };

/* check_prefix - false, and what is wrong with it: no host can have it, or it
   is an exception */
bool check_prefix(
    const struct list *except, const struct prefix *, char wrong[CHECK_TEXT]);

/* check_hosts - the same of all hosts of a file */
bool check_hosts(
    const struct list *except, const struct hosts *, char wrong[CHECK_TEXT]);

#endif
