/*
 * firewall.h - the one rule, by iptables, ip6tables or nft. Include ip.h
 * first.
 *
 * A rule carries a tag, rst-guard-PID-START: the process that it serves and
 * when that was started, so that a rule whose process is gone can be
 * distinguished from one that is in use, also after the PID was given to
 * another.
 */
#ifndef RST_GUARD_FIREWALL_H
#define RST_GUARD_FIREWALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "wire/ip.h"

enum { RULE_TAG = 64, RULE_PORT = 6, TOOL_PATH = 256 };

struct rule {
	char addr[IP_TEXT];
	char port[RULE_PORT];
	char tag[RULE_TAG];
	char tool[TOOL_PATH]; /* the program that knows it */
	bool nft;
};

/*
 * rule_init - for an address and port, served by process pid; nft by wish,
 * or where there is no iptables. 0, or -1 when there is no such program.
 */
int rule_init(struct rule *r, const struct ip_addr *addr, uint16_t port,
    pid_t pid, bool nft);

/* rule_insert - 0, or -1; the program's message is on stderr */
int rule_insert(const struct rule *r);

/* rule_there - 1 yes, 0 no (somebody has flushed it), -1 unknown */
int rule_there(const struct rule *r);

/*
 * rule_remove - 1 when it was there and is removed, 0 when it was gone; -1
 * when it is still there
 */
int rule_remove(const struct rule *r);

/* rule_alive - the process that it serves, *pid, is there */
bool rule_alive(const struct rule *r, pid_t *pid);

/*
 * rule_each - call each for every rule of ours that any of the programs
 * knows; the number of them
 */
int rule_each(void (*each)(void *ctx, const struct rule *), void *ctx);

#endif
