/*
 * files.h - the files that phantom-hosts(5) is read from.
 */
#ifndef HOSTS_FILES_H
#define HOSTS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* file_text - all bytes of a file, to be freed; NULL, and *why. waits: also
   those of a FIFO or a device, which may not come to an end */
char *file_text(const char *path, bool waits, size_t *n, const char **why);

/* file_wrong - with a file to serve, of most bytes: NULL, or a reason */
const char *file_wrong(const char *path, uint64_t most);

/*
 * file_print - the fingerprint of this name in nmap's database: the first
 * whose maximum segment size is that of Ethernet, else the first. 1, 0: there
 * is none, -1 and errno: the file cannot be read
 */
int file_print(const char *name, const char *db, char *print, size_t cap);

#endif
