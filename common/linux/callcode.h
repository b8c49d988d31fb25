/*
 * callcode.h - a program of seccomp(2) as it grows, for what may be called: by
 * a stage that is locked in, and by the command of a stranger. Linux only.
 */
#ifndef LINUX_CALLCODE_H
#define LINUX_CALLCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

enum {
	CALLCODE_MAX = 512,
	X32_BIT = 0x40000000, /* in a number: other doors to the same calls */
};

struct callcode {
	struct sock_filter f[CALLCODE_MAX];
	unsigned short n;
	bool full; /* the program is larger */
};

/* put - one instruction; of a jump, how many are skipped if so, and if not */
static inline void
put(struct callcode *p, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
	if (p->n == CALLCODE_MAX) {
		p->full = true;
		return;
	}
	p->f[p->n++] = (struct sock_filter)BPF_JUMP(code, k, jt, jf);
}

/* put_load - A = the word there of struct seccomp_data */
static inline void
put_load(struct callcode *p, size_t offset)
{
	put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* put_argument - A = the low word of an argument: all machines that have such
   programs here are little-endian */
static inline void
put_argument(struct callcode *p, size_t i)
{
	put_load(p, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

static inline void
put_return(struct callcode *p, uint32_t action)
{
	put(p, BPF_RET | BPF_K, action, 0, 0);
}

#endif
