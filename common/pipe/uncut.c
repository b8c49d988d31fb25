/*
 * uncut.c - see uncut.h. The bytes are behind those of stream_copies() and of
 * pipe/turns.h. How many of them the reader has locked is the MTU.
 */
#include <fcntl.h>
#include <unistd.h>

#include "pipe/uncut.h"

#ifdef F_GETPIPE_SZ

/* none next to another: locks that touch become one */
enum { VOUCHED = 4, MTU = 8, MTU_MOST = 65535 };

static bool
lock(int fd, short type, off_t at, off_t n)
{
	struct flock f = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = n};

	return fcntl(fd, F_GETPIPE_SZ) >= 0 && fcntl(fd, F_SETLK, &f) == 0;
}

/* locked - how many bytes from there on another process has locked in this
   way */
static uint32_t
locked(int fd, short type, off_t at)
{
	struct flock f = {
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

	if (fcntl(fd, F_GETLK, &f) != 0 || f.l_type != type ||
	    f.l_start != at || f.l_len > MTU_MOST)
		return 0;
	return (uint32_t)f.l_len;
}

void
uncut_take(int fd, uint32_t mtu)
{
	if (mtu <= MTU_MOST)
		(void)lock(fd, F_RDLCK, MTU, (off_t)mtu);
}

uint32_t
uncut_mtu(int fd)
{
	return locked(fd, F_RDLCK, MTU);
}

bool
uncut_vouch(int fd)
{
	return lock(fd, F_WRLCK, VOUCHED, 1);
}

bool
uncut_vouched(int fd)
{
	return locked(fd, F_WRLCK, VOUCHED) == 1;
}

#else

void
uncut_take(int fd, uint32_t mtu)
{
	(void)fd;
	(void)mtu;
}

uint32_t
uncut_mtu(int fd)
{
	(void)fd;
	return 0;
}

bool
uncut_vouch(int fd)
{
	(void)fd;
	return false;
}

bool
uncut_vouched(int fd)
{
	(void)fd;
	return false;
}

#endif
