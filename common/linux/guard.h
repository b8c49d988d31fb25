/*
 * guard.h - a folder that nothing executed from here on may write in: neither
 * its files nor the names in it, whoever owns them (landlock(7), since Linux
 * 5.13). Linux only.
 */
#ifndef LINUX_GUARD_H
#define LINUX_GUARD_H

/*
 * guard_make - a rule for this folder, or none, and for /proc, cgroups and
 * their like, through which a process may change others of its user; for each
 * wherever it is mounted now. The kernel's rules only allow: all that is beside
 * it, and beside the folders above it, as it is now, may be written; what comes
 * later in a folder above may not. A descriptor, or -1 and errno: ENODATA,
 * /proc does not say what is mounted; others, the kernel knows no such rules.
 */
int guard_make(const char *dir);

/* guard_up - for this process and all that come of it, for good: what was made;
   needs no right, but no_new_privs */
void guard_up(int guard);

#endif
