/*
 * spread.c - which source has which side socket in a flood.
 *
 * One host that floods fills its own socket, and leaves the other sockets to
 * other hosts. A source is an IPv4 address, an IPv6 /64, or else a MAC. What
 * of it is hashed is multiplied by a secret odd number, whose top bits are
 * taken (Dietzfelbinger et al. 1997): two sources share a socket by chance,
 * and not for long, as the number changes.
 */
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "rawcap.h"

enum { OWN = 3, TOP = 28, KEY = 0 }; /* a place, a shift, a memory */

_Static_assert(SIDES == 1 + (1 << (32 - TOP)), "the bits that are taken");

#define AD(what)    (uint32_t)(SKF_AD_OFF + SKF_AD_##what)
#define NET(at)	    (uint32_t)(SKF_NET_OFF + (at))
#define LINK(at)    (uint32_t)(SKF_LL_OFF + (at))
#define LOAD(at)    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)
#define MATH(op, k) BPF_STMT(BPF_ALU | (op), k)
#define IF(k, n)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, n, 0)
#define GO(n)	    BPF_STMT(BPF_JMP | BPF_JA, n)

static struct sock_filter by_source[] = {
    [SPREAD_KEY] = BPF_STMT(BPF_LDX | BPF_IMM, 0),
    BPF_STMT(BPF_STX, KEY),
    LOAD(AD(PKTTYPE)),
    IF(PACKET_OUTGOING, 17),
    LOAD(AD(PROTOCOL)),
    IF(ETH_P_IP, 3),
    IF(ETH_P_IPV6, 4),
    LOAD(LINK(8)), /* the end of the source's MAC */
    GO(8),
    LOAD(NET(12)),
    GO(6),
    LOAD(NET(8)),
    MATH(BPF_MUL | BPF_X, 0),
    BPF_STMT(BPF_MISC | BPF_TAX, 0),
    LOAD(NET(12)),
    MATH(BPF_ADD | BPF_X, 0),
    BPF_STMT(BPF_LDX | BPF_MEM, KEY),
    MATH(BPF_MUL | BPF_X, 0),
    MATH(BPF_RSH | BPF_K, TOP),
    [SPREAD_FROM] = MATH(BPF_ADD | BPF_K, 1),
    BPF_STMT(BPF_RET | BPF_A, 0),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

struct sock_fprog
spread_by_source(bool own_wanted)
{
	if (own_wanted) /* a kind that no frame is of */
		by_source[OWN].k = UINT8_MAX;
	return (struct sock_fprog){
	    sizeof(by_source) / sizeof(by_source[0]), by_source};
}
