/*
 * filter.c - the socket filter (classic BPF): ARP, and ICMPv6 types 135 and
 * 136, so that bulk traffic costs this program nothing. It judges no more
 * than it must; nd.c does. One of many other frames that this host sends is
 * let through as a sample. Linux only.
 */
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <stddef.h>

#include "filter.h"
#include "linux/gate.h"

enum {
	T_ARP = 0x0806,
	T_IP6 = 0x86dd,
	T_VLAN = 0x8100,
	T_QINQ = 0x88a8,
	NEXT_ICMP6 = 58,
	NS = 135,
	NA = 136,
	AT_TYPE = 12,
	AT_NEXT = 14 + 6,
	AT_ICMP = 14 + 40,
	ALL = 262144,
	ONE_IN = 4096, /* a power of two */
};

/* places of the program: what is behind IPv6, and its ends */
enum { P_V6 = 16, P_ACCEPT = 21, P_OTHER = 22, P_SAMPLE = 26, P_DROP = 27 };

/* at place i: to place t when it equals k, else to f */
#define IF(i, k, t, f)                                                         \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), (t) - (i)-1, (f) - (i)-1)
/* the same when any of the bits of k is set */
#define ANY_OF(i, k, t, f)                                                     \
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (k), (t) - (i)-1, (f) - (i)-1)
#define ABOUT(what)                                                            \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + (what))
#define TAGS(n)	  BPF_STMT(BPF_LDX | BPF_IMM, 4 * (n))
#define TYPE(n)	  BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT_TYPE + 4 * (n))
#define BYTE(at)  BPF_STMT(BPF_LD | BPF_B | BPF_IND, (at))
#define RETURN(n) BPF_STMT(BPF_RET | BPF_K, (n))

static struct sock_filter code[] = {
    /*  0 */ TAGS(0),
    /*  1 */ TYPE(0),
    /*  2 */ IF(2, T_ARP, P_ACCEPT, 3),
    /*  3 */ IF(3, T_IP6, P_V6, 4),
    /*  4 */ IF(4, T_VLAN, 6, 5),
    /*  5 */ IF(5, T_QINQ, 6, P_OTHER),
    /*  6 */ TAGS(1),
    /*  7 */ TYPE(1),
    /*  8 */ IF(8, T_ARP, P_ACCEPT, 9),
    /*  9 */ IF(9, T_IP6, P_V6, 10),
    /* 10 */ IF(10, T_VLAN, 12, 11),
    /* 11 */ IF(11, T_QINQ, 12, P_OTHER),
    /* 12 */ TAGS(2),
    /* 13 */ TYPE(2),
    /* 14 */ IF(14, T_ARP, P_ACCEPT, 15),
    /* 15 */ IF(15, T_IP6, P_V6, P_OTHER),
    /* 16 */ BYTE(AT_NEXT),
    /* 17 */ IF(17, NEXT_ICMP6, 18, P_OTHER),
    /* 18 */ BYTE(AT_ICMP),
    /* 19 */ IF(19, NS, P_ACCEPT, 20),
    /* 20 */ IF(20, NA, P_ACCEPT, P_OTHER),
    /* 21 */ RETURN(ALL),
    /* 22 */ ABOUT(SKF_AD_PKTTYPE),
    /* 23 */ IF(23, PACKET_OUTGOING, 24, P_DROP),
    /* 24 */ ABOUT(SKF_AD_RANDOM),
    /* 25 */ ANY_OF(25, ONE_IN - 1, P_DROP, P_SAMPLE),
    /* 26 */ RETURN(GATE_SAMPLE),
    /* 27 */ RETURN(0),
};

const struct sock_fprog *
filter_neigh(void)
{
	static const struct sock_fprog prog = {
	    .len = sizeof code / sizeof *code,
	    .filter = code,
	};

	return &prog;
}
