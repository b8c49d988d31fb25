/*
 * habits.c - which requests the system that an address has answers, and how.
 */
#include "hosts/hosts.h"
#include "wire/ip.h"

#include "claim_var.h"

/* is_foreign - of IPv4: of another network. Which one the target is in is not
   known; those of one first byte may be in one */
static bool
is_foreign(const struct neigh *m)
{
	return ip_is_v4(&m->target) && m->odd == 0 &&
	       m->sender.b[12] != m->target.b[12];
}

bool
claim_answers_odd(const struct claim *c, const struct neigh *m)
{
	uint16_t odd = is_foreign(m) ? ODD_FOREIGN : m->odd;

	return odd == 0 ||
	       (odd & ~hosts_habits_of(c->hosts, &m->target).odd) == 0;
}

size_t
claim_answer(const struct claim *c, const struct neigh *m,
    const struct mac *mac, uint8_t *buf)
{
	unsigned how = 0;
	struct hosts_habits is;

	if (!ip_is_v4(&m->target)) {
		is = hosts_habits_of(c->hosts, &m->target);
		how = (is.router ? (unsigned)ANSWER_ROUTER : 0) |
		      (is.advert_full ? (unsigned)ANSWER_FULL : 0);
	}
	return neigh_answer(m, mac, how, buf);
}
