/*
 * clean.h - the environment of commands: what they need, and nothing that
 * whoever started the phantom has in theirs.
 */
#ifndef COMMAND_CLEAN_H
#define COMMAND_CLEAN_H

/* clean_environment - of this process: PATH, TZ, TMPDIR, LANG and LC_... stay,
   HOME is /, all else goes; 0, or -1: no memory */
int clean_environment(void);

/* clean_set - UCSPI's variables of this connection, and the MACs */
struct spawn_msg;
void clean_set(const struct spawn_msg *);

/* clean_path - commands find the programs beside this one, after all others */
void clean_path(void);

#endif
