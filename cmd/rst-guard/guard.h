/*
 * guard.h - a command, and the rule that is there while it runs.
 */
#ifndef RST_GUARD_GUARD_H
#define RST_GUARD_GUARD_H

#include <stdbool.h>

struct rule;

/*
 * guard_run - insert the rule, run the command, remove the rule, whatever
 * ends. Returns the command's exit status, 128 and the signal that ended it,
 * 126 or 127 when it cannot be executed; or exits, after a message.
 */
int guard_run(const struct rule *r, char **command, bool verbose);

#endif
