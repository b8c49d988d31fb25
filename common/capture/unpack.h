/*
 * unpack.h - a compressed capture, unpacked by the program that made it.
 */
#ifndef CAPTURE_UNPACK_H
#define CAPTURE_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { UNPACK_MAGIC = 6 }; /* bytes that show it */

/*
 * unpack_program - that unpacks what begins with these n bytes: gzip, xz,
 * zstd, bzip2 or lz4; NULL when it is not compressed
 */
const char *unpack_program(const uint8_t *p, size_t n);

/*
 * unpack_peek - the same for what is open at fd, of which no byte is taken;
 * NULL too when that cannot be (a pipe)
 */
const char *unpack_peek(int fd);

/*
 * unpack_start - start the program, which reads fd; without any right of ours,
 * as the user nobody when we are root. The descriptor of its output, or -1 and
 * errno (ENOENT: there is no such program). Before the sandbox.
 */
int unpack_start(const char *program, int fd, pid_t *pid);

/* unpack_wait - for its end, behind that of what it wrote: 0, or it failed */
int unpack_wait(pid_t pid);

#endif
