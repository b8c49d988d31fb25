/*
 * older.c - for LD_PRELOAD: a program on an older kernel. OLDER names what
 * that does not know:
 *
 *	landlock	the fence around commands (Linux 6.12)
 *	own		that a group of packet sockets does without what this
 *			host sends (6.1)
 *	group		groups that a program divides (4.3), as where they are
 *			refused
 *	close		close_range() (5.9)
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool
older(const char *what)
{
	const char *all = getenv("OLDER");

	return all != NULL && strstr(all, what) != NULL;
}

/* one word and half of it: flags and type of a group, and its number */
static bool
is_unknown(const uint16_t *group)
{
	const uint16_t own = 0x4000;

	return (older("own") && (group[1] & own) != 0) ||
	       (older("group") && (group[1] & 0xff) == PACKET_FANOUT_CBPF);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
	if (level == SOL_PACKET && name == PACKET_FANOUT && is_unknown(value)) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, n);
}

long
syscall(long number, ...)
{
	long (*next)(long, ...), a[6];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	errno = ENOSYS;
	if (number >= SYS_landlock_create_ruleset &&
	    number <= SYS_landlock_restrict_self && older("landlock"))
		return -1;
	if (number == SYS_close_range && older("close"))
		return -1;
	*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
