/*
 * asleep.c - a machine that was suspended, as a preloaded library shows it: the
 * clock that counts this is ahead by as many seconds as the file ASLEEP says,
 * eight bytes in this machine's order, at this moment.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const volatile int64_t *asleep;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("ASLEEP");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p = MAP_FAILED;

	if (fd >= 0)
		p = mmap(NULL, sizeof(*asleep), PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		asleep = p;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	static int (*real)(clockid_t, struct timespec *);
	int r;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	r = real(id, ts);
	if (r == 0 && asleep != NULL && id == CLOCK_BOOTTIME)
		ts->tv_sec += *asleep;
	return r;
}
