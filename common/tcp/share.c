/*
 * share.c - what one source may take of what is there for all: half-open
 * connections, TIME-WAIT, data out of order, and the table when it is full.
 *
 * A source is a v4 address or a v6 /64. What each has is counted by a keyed
 * hash: two that share a counter share its part, and no source can choose the
 * other one. One alone gets three quarters at most, so there is always room
 * for another, and of that no second one gets all, see base/part.h; of a table
 * that is full, the source that has most makes room for one that has less, so
 * that each keeps what an equal part is.
 *
 * Answers to what has no connection are bounded in time: in a flood of such
 * segments they would take more of the output than connections do. Refusals of
 * a SYN, for which a client waits, have a bound of their own, so that a flood
 * of anything else leaves them. It is ten times as high: one scanner asks many
 * hosts, and each of them would answer for itself. Of other segments so many
 * come only in a flood; then nearly all resets are to false sources, and each
 * costs as much as ten segments without one. What finds no room in the output
 * is dropped in any case, see replies.h.
 */
#include "base/bucket.h"
#include "base/clock.h"
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

/*
 * in_flood - all of a second are gone. Those that get no answer count, too, so
 * that the bucket stays empty until fewer come; meanwhile there are a few.
 */
static bool
in_flood(struct tcp *t, uint64_t now, uint64_t every)
{
	if (t->resets[0] < now + 2 * NS_PER_SEC)
		t->resets[0] += every;
	return bucket_take(&t->resets_flood, now, NS_PER_SEC / TCP_RESETS_FLOOD,
	    TCP_RESETS_AT_ONCE);
}

bool
tcp_may_reset(struct tcp *t, uint64_t now, const struct seg *seg)
{
	bool syn = (seg->h.flags & TH_SYN) != 0;
	const uint64_t rate = syn ? TCP_REFUSALS : TCP_RESETS, half = rate / 2;
	const uint64_t every = NS_PER_SEC / rate;
	uint64_t *source = &t->share[tcp_source(t, &seg->src)].resets;

	if (bucket_take(source, now, 2 * every, half) &&
	    (bucket_take(&t->resets[syn], now, every, rate) ||
		(!syn && in_flood(t, now, every))))
		return true;
	t->stats.resets_limited++;
	return false;
}

uint32_t
tcp_has(const struct tcp *t, const struct ip_addr *from)
{
	return t->share[tcp_source(t, from)].conns;
}
