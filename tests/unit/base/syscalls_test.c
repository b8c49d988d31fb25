/*
 * The note of a system call whose name is a macro, as some are in musl.
 */
#define pwrite64 pwrite
#include "base/syscalls.h"

#include "tap.h"

SANDBOX_NEEDS(pwrite64);
SANDBOX_NEEDS_FOR(HEAR, pwrite64);

int
main(void)
{
	check(sandbox_needs_pwrite64.call == SYS_pwrite64 &&
		  sandbox_needs_pwrite64.use == SANDBOX_ALWAYS,
	    "a note names the call, not what a macro makes of it");
	check(sandbox_needs_HEAR_pwrite64.call == SYS_pwrite64 &&
		  sandbox_needs_HEAR_pwrite64.use == SANDBOX_HEAR,
	    "also that of one use");
	return done();
}
