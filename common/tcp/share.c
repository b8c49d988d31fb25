/*
 * share.c - what one source may take of what is there for all: half-open
 * connections, TIME-WAIT, data out of order, and the table when it is full.
 *
 * A source is a v4 address or a v6 /64. What each has is counted by a keyed
 * hash: two that share a counter share its part, and nobody can choose with
 * whom. One alone gets three quarters at most, so there is always room for
 * another; of a table that is full, a source keeps a quarter whatever comes.
 */
#include "tcp/tcp_var.h"

uint32_t
tcp_source(const struct tcp *t, const struct ip_addr *from)
{
	return (uint32_t)ip_source(from, t->hash_key) % TCP_SOURCES;
}

size_t
tcp_part(size_t n)
{
	return n - n / 4;
}

bool
tcp_is_large(const struct tcp *t, const struct ip_addr *from)
{
	return t->share[tcp_source(t, from)].conns > t->cfg.max_conns / 4;
}
