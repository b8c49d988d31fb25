/*
 * uncut.c - where the reader of our output cuts frames, bulk data leaves in
 * long ones; see pipe/uncut.h.
 */
#include <unistd.h>

#include "pipe/uncut.h"
#include "run.h"

enum { ASK_EACH = 16 * 1024 }; /* bytes: less is not worth the question */

void
run_uncut(struct run *r)
{
	uint32_t mtu;

	if (!r->uncut || r->out.written - r->uncut_at < ASK_EACH)
		return;
	r->uncut_at = r->out.written;
	mtu = uncut_mtu(STDOUT_FILENO);
	/* what another MTU makes of them our peer may not be able to take */
	tcp_super(r->tcp, mtu == r->cfg.mtu ? mtu : 0);
}
