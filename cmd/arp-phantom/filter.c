/*
 * filter.c - the socket filter (classic BPF): ARP, ICMPv6 types 135 and 136,
 * DHCP; of other IP packets the headers, of broadcasts all, of the rest one in
 * many, so that bulk traffic costs this program nothing. It judges no more
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
	T_IP4 = 0x0800,
	T_IP6 = 0x86dd,
	T_VLAN = 0x8100,
	T_QINQ = 0x88a8,
	NEXT_ICMP6 = 58,
	NS = 135,
	NA = 136,
	AT_TYPE = 12,
	AT_NEXT = 14 + 6,
	AT_ICMP = 14 + 40,
	AT_IHL = 14,
	NO_OPTIONS = 0x45,
	AT_FRAG = 14 + 6,
	FRAGMENT = 0x3fff,
	AT_PROTO = 14 + 9,
	UDP = 17,
	AT_SPORT = 14 + 20,
	DHCP_SERVER = 67,
	ALL = 262144,
	SIGN = 14 + 8 + 40, /* up to the addresses of a packet */
	SIGN_IN = 64,	    /* powers of two: one in so many */
	ONE_IN = 4096,
};

/* places of the program: what is behind IPv6 and IPv4, plain packets, ends */
enum {
	P_V6 = 19,
	P_V4 = 24,
	P_IP = 34,
	P_SIGN = 39,
	P_ACCEPT = 40,
	P_OTHER = 41,
	P_SENT = 43,
	P_SAMPLE = 45,
	P_DROP = 46,
};

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
#define HALF(at)  BPF_STMT(BPF_LD | BPF_H | BPF_IND, (at))
#define RETURN(n) BPF_STMT(BPF_RET | BPF_K, (n))

static struct sock_filter code[] = {
    /*  0 */ TAGS(0),
    /*  1 */ TYPE(0),
    /*  2 */ IF(2, T_ARP, P_ACCEPT, 3),
    /*  3 */ IF(3, T_IP6, P_V6, 4),
    /*  4 */ IF(4, T_IP4, P_V4, 5),
    /*  5 */ IF(5, T_VLAN, 7, 6),
    /*  6 */ IF(6, T_QINQ, 7, P_OTHER),
    /*  7 */ TAGS(1),
    /*  8 */ TYPE(1),
    /*  9 */ IF(9, T_ARP, P_ACCEPT, 10),
    /* 10 */ IF(10, T_IP6, P_V6, 11),
    /* 11 */ IF(11, T_IP4, P_V4, 12),
    /* 12 */ IF(12, T_VLAN, 14, 13),
    /* 13 */ IF(13, T_QINQ, 14, P_OTHER),
    /* 14 */ TAGS(2),
    /* 15 */ TYPE(2),
    /* 16 */ IF(16, T_ARP, P_ACCEPT, 17),
    /* 17 */ IF(17, T_IP6, P_V6, 18),
    /* 18 */ IF(18, T_IP4, P_V4, P_OTHER),
    /* 19 */ BYTE(AT_NEXT),
    /* 20 */ IF(20, NEXT_ICMP6, 21, P_IP),
    /* 21 */ BYTE(AT_ICMP),
    /* 22 */ IF(22, NS, P_ACCEPT, 23),
    /* 23 */ IF(23, NA, P_ACCEPT, P_IP),
    /* 24 */ BYTE(AT_IHL),
    /* 25 */ IF(25, NO_OPTIONS, 26, P_IP),
    /* 26 */ BYTE(AT_PROTO),
    /* 27 */ IF(27, UDP, 28, P_IP),
    /* 28 */ HALF(AT_FRAG),
    /* 29 */ ANY_OF(29, FRAGMENT, P_IP, 30),
    /* 30 */ HALF(AT_SPORT),
    /* 31 */ IF(31, DHCP_SERVER, P_ACCEPT, 32),
    /* 32 */ HALF(AT_SPORT + 2),
    /* 33 */ IF(33, DHCP_SERVER, P_ACCEPT, P_IP),
    /* 34 */ ABOUT(SKF_AD_PKTTYPE),
    /* 35 */ IF(35, PACKET_OUTGOING, P_SENT, 36),
    /* 36 */ IF(36, PACKET_BROADCAST, P_SIGN, 37),
    /* 37 */ ABOUT(SKF_AD_RANDOM),
    /* 38 */ ANY_OF(38, SIGN_IN - 1, P_DROP, P_SIGN),
    /* 39 */ RETURN(SIGN),
    /* 40 */ RETURN(ALL),
    /* 41 */ ABOUT(SKF_AD_PKTTYPE),
    /* 42 */ IF(42, PACKET_OUTGOING, P_SENT, P_DROP),
    /* 43 */ ABOUT(SKF_AD_RANDOM),
    /* 44 */ ANY_OF(44, ONE_IN - 1, P_DROP, P_SAMPLE),
    /* 45 */ RETURN(GATE_SAMPLE),
    /* 46 */ RETURN(0),
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
