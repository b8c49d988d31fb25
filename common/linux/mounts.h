/*
 * mounts.h - where else a folder is. Linux only.
 */
#ifndef LINUX_MOUNTS_H
#define LINUX_MOUNTS_H

/* mounts_see - of a path; what is its own is kept */
typedef void mounts_see(void *ctx, const char *path);

/*
 * mounts_each - see() each path, as mounts are now, below which there is this
 * folder, or a part of it, once more: what it is on, or a folder above or in
 * it, is mounted elsewhere as well; and each at which there is a file system
 * through which a process may change others of its user (proc, cgroup...). dir:
 * without links; NULL: only the latter. 0, or -1 and errno: that cannot be
 * known.
 */
int mounts_each(const char *dir, mounts_see *, void *ctx);

#endif
