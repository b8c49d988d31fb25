/*
 * list.c - the congestion controls by their names.
 */
#include <stddef.h>
#include <string.h>

#include "tcp/cong.h"
#include "tcp/tcp.h"

static const struct tcp_cong *const all[] = {&tcp_cubic, &tcp_reno, &tcp_bbr};

const struct tcp_cong *
tcp_cong_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	return NULL;
}
