/*
 * clean.h - the environment of commands: what they need, and nothing that
 * whoever started the phantom has in theirs.
 */
#ifndef COMMAND_CLEAN_H
#define COMMAND_CLEAN_H

/* clean_environment - of this process: PATH, TZ, TMPDIR, LANG and LC_... stay,
   HOME is /, all else goes; 0, or -1: no memory */
int clean_environment(void);

#endif
