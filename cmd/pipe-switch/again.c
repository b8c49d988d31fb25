/*
 * again.c - see again.h.
 */
#include <errno.h>
#include <string.h>

#include "base/die.h"

#include "again.h"
#include "idle.h"
#include "starter.h"

#define SHORTEST (100 * NS_PER_MS)
#define LONGEST	 (10 * NS_PER_SEC) /* one that lasts this long is well */

void
again_ended(struct run *r, struct port *p, uint64_t now)
{
	if (!p->again || p->at != 0 || r->state != RUN_ON)
		return;
	if (p->delay == 0 || now >= p->since + LONGEST)
		p->delay = SHORTEST;
	else if (2 * p->delay <= LONGEST)
		p->delay *= 2;
	p->at = now + p->delay;
	say("port %s: its command has ended, and is started again in %llu ms",
	    p->words->name, (unsigned long long)(p->delay / NS_PER_MS));
}

/* give_up - the process that could start one is gone */
static void
give_up(struct run *r)
{
	unsigned i;

	say("start a command again: %s: none is started any more",
	    strerror(errno));
	r->status = EXIT_NO;
	r->asked = false;
	for (i = 0; i < r->o.ports; i++)
		r->port[i].again = false;
}

uint64_t
again_next(struct run *r, uint64_t now)
{
	uint64_t next = TIME_NEVER;
	struct port *p;
	unsigned i;

	if (r->state != RUN_ON || r->asked || r->o.agains == 0)
		return next;
	for (i = 0; i < r->o.ports; i++) {
		p = &r->port[i];
		if (!p->again || p->at == 0)
			continue;
		if (now >= p->at) {
			port_close_in(p); /* of one that lives on behind it */
			if (starter_want(r->starter, i) != 0)
				give_up(r);
			else
				r->asked = true;
			return TIME_NEVER;
		}
		if (p->at - now < next)
			next = p->at - now;
	}
	return next;
}

void
again_come(struct run *r, uint64_t now)
{
	struct child c;
	struct port *p;
	int port, got = starter_take(r->starter, &port, &c);

	r->asked = false;
	if (port < 0 || port >= (int)r->o.ports) {
		give_up(r);
		return;
	}
	p = &r->port[port];
	p->at = 0;
	if (got != 0) {
		say("port %s: start its command: %s", p->words->name,
		    strerror(errno));
		again_ended(r, p, now);
		return;
	}
	port_again(p, &c);
	idle_wake(r, (unsigned)port);
	p->since = now;
	p->restarts++;
	bridge_up(r->bridge, (unsigned)port);
}
