/*
 * check.c - see check.h.
 */
#include <stdio.h>

#include "hosts/hosts.h"
#include "wire/ip.h"
#include "wire/prefix.h"

#include "check.h"
#include "claim.h"
#include "options.h"

bool
check_prefix(
    const struct list *except, const struct prefix *p, char wrong[CHECK_TEXT])
{
	char text[IP_TEXT];
	bool one = p->len == 128;
	size_t k;

	ip_text(&p->addr, text);
	if (ip_is_multicast(&p->addr) || ip_is_loopback(&p->addr) ||
	    (one && !ip_is_host(&p->addr))) {
		snprintf(wrong, CHECK_TEXT, "claim %s: no host can have %s",
		    text, one ? "that address" : "addresses of that prefix");
		return false;
	}
	for (k = 0; one && k < except->n; k++)
		if (prefix_holds(&except->p[k], &p->addr)) {
			snprintf(wrong, CHECK_TEXT, "claim %s: it is %s", text,
			    except->what[k]);
			return false;
		}
	return true;
}

bool
check_hosts(
    const struct list *except, const struct hosts *h, char wrong[CHECK_TEXT])
{
	const struct hosts_entry *e;
	size_t i, n;

	e = hosts_entries(h, &n);
	for (i = 0; i < n; i++)
		if (!check_prefix(except, &e[i].at, wrong))
			return false;
	return true;
}
