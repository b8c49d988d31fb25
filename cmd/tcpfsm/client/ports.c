/*
 * ports.c - see ports.h.
 */
#include <string.h>

#include "base/chance.h"
#include "client/ports.h"
#include "tcp/tcp.h"
#include "wire/ip.h"

/* RFC 6056 3.2 */
enum { FIRST_PORT = 1024, PORTS = 65536 - FIRST_PORT };

void
dial_init(struct dial *d, const struct ip_addr *laddr, uint16_t lport,
    const struct ip_addr *raddr, uint16_t rport, uint64_t seed)
{
	uint8_t ends[34];
	uint64_t key[2];
	struct chance chance;

	*d = (struct dial){
	    .laddr = *laddr, .lport = lport, .raddr = *raddr, .rport = rport};
	/* the engine has this seed, too: another stream of it */
	chance_seed(&chance, ~seed);
	key[0] = chance_u64(&chance);
	key[1] = chance_u64(&chance);
	memcpy(ends, laddr->b, 16);
	memcpy(ends + 16, raddr->b, 16);
	ends[32] = (uint8_t)(rport >> 8);
	ends[33] = (uint8_t)rport;
	d->offset = hash_keyed(key, ends, sizeof(ends)) % PORTS;
}

struct tcb *
dial(struct dial *d, struct tcp *t, uint64_t now, const struct mac *gw)
{
	struct tcb *tcb = NULL;
	uint16_t port = d->lport;
	unsigned tries;

	if (port != 0)
		return tcp_connect(
		    t, now, &d->laddr, port, &d->raddr, d->rport, gw);
	for (tries = 0; tcb == NULL && tries < PORTS; tries++) {
		port = (uint16_t)(FIRST_PORT +
				  (d->offset + d->next_port++) % PORTS);
		tcb = tcp_connect(
		    t, now, &d->laddr, port, &d->raddr, d->rport, gw);
	}
	return tcb;
}
