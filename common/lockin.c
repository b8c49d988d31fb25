/*
 * lockin.c - see lockin.h.
 */
#include "die.h"
#include "lockin.h"
#include "sandbox.h"

int
lock_in(bool told)
{
	struct sandbox_rights got;

	if (sandbox_lock(&got) != 0)
		return -1;
	if (told)
		say("uid %u, %s, %s", got.uid,
		    got.caps ? "capabilities left" : "no capability",
		    got.filter ? "system calls filtered"
			       : "system calls not filtered");
	return 0;
}
