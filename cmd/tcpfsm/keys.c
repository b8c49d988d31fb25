/*
 * keys.c - see keys.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/die.h"
#include "keys.h"

void
keys_read(uint64_t secrets[TCP_SECRETS], const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t b[TCP_SECRETS * 8];
	struct stat sb;
	ssize_t n;
	int i;

	if (fd < 0 || fstat(fd, &sb) != 0)
		die(EXIT_WRONG, "--keys: open %s: %s", path, strerror(errno));
	if (!S_ISREG(sb.st_mode) || (sb.st_mode & 077) != 0)
		die(EXIT_WRONG,
		    "--keys: %s: others can read it, or it is no file: chmod "
		    "600",
		    path);
	n = read(fd, b, sizeof(b));
	if (n != (ssize_t)sizeof(b))
		die(EXIT_WRONG,
		    "--keys: %s: shorter than %zu bytes: make it by head -c "
		    "%zu /dev/urandom",
		    path, sizeof(b), sizeof(b));
	close(fd);
	for (i = 0; i < TCP_SECRETS; i++)
		secrets[i] = (uint64_t)get_be32(b + 8 * i) << 32 |
			     get_be32(b + 8 * i + 4);
	memset(b, 0, sizeof(b));
}
