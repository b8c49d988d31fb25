/*
 * path.c - the path MTU of each destination, RFC 9040: what one connection
 * has learned, the next need not learn by a loss. Kept for ten minutes (RFC
 * 1191 6.3), after which a route that got wider is found.
 *
 * The table has a fixed size; two destinations that meet in it forget each
 * other's, and by a keyed hash nobody can choose with whom to meet. Only what
 * a connection has accepted gets here, with the least MTU of mtu.c.
 */
#include "base/allocator.h"
#include "base/chance.h"
#include "tcp/path.h"
#include "tcp/tcp_inline.h"
#include "tcp/tcp_var.h"

enum { PATHS = 1024 };

#define KEPT (600 * NS_S)

struct tcp_path {
	struct ip_addr to;
	uint64_t until;
	uint32_t mtu;
};

bool
tcp_path_init(struct tcp *t)
{
	if (!t->cfg.keep_mtu)
		return true;
	t->paths = allocator_zero(t->from, PATHS * sizeof(*t->paths));
	return t->paths != NULL;
}

void
tcp_path_free(struct tcp *t)
{
	allocator_put(t->from, t->paths);
}

static struct tcp_path *
path_to(const struct tcp *t, const struct ip_addr *to)
{
	return &t->paths[hash_keyed(t->hash_key, to->b, sizeof(to->b)) % PATHS];
}

void
tcp_path_learn(const struct tcb *tcb, uint32_t mtu, uint64_t now)
{
	if (tcb->tcp->paths == NULL)
		return;
	*path_to(tcb->tcp, &tcb->c.raddr) = (struct tcp_path){
	    .to = tcb->c.raddr, .until = now + KEPT, .mtu = mtu};
}

uint32_t
tcp_path_mtu(const struct tcb *tcb, uint64_t now)
{
	const struct tcp *t = tcb->tcp;
	const struct tcp_path *p;

	if (t->paths == NULL)
		return t->cfg.mtu;
	p = path_to(t, &tcb->c.raddr);
	if (now >= p->until || p->mtu > t->cfg.mtu ||
	    !ip_equal(&p->to, &tcb->c.raddr))
		return t->cfg.mtu;
	return p->mtu;
}
