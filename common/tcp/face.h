/*
 * face.h - the face of a phantom, as the engine shows it: face.c.
 */
#ifndef TCP_FACE_H
#define TCP_FACE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/face.h"

struct conn;
struct ip_addr;
struct seg;
struct tcb;
struct tcp;
struct tcp_hdr;

/* tcp_face - of this address of ours; NULL: it has none */
const struct face *tcp_face(const struct tcp *, const struct ip_addr *);

/* tcp_face_may_cut - its segments go without DF: routers may fragment them */
bool tcp_face_may_cut(const struct tcp *, const struct ip_addr *);

/* tcp_face_id - the next IPv4 identification; own: without a face */
uint16_t tcp_face_id(
    struct tcp *, enum face_id how, const struct ip_addr *at, uint16_t own);

/* tcp_face_options - of what a SYN offers, that which the face has, too; mss 0:
   it has not said */
void tcp_face_options(
    const struct face *, uint32_t mss, bool *ts, bool *sack, bool *wscale);

/* tcp_face_agree - do without the options that its face does without */
void tcp_face_agree(struct tcb *);

/* tcp_face_syn_ack - a SYN-ACK from that address: order, scale, window, MSS;
   buf: bytes of the receive buffer */
void tcp_face_syn_ack(const struct tcp *, const struct ip_addr *at,
    uint32_t buf, uint32_t peer_mss, struct tcp_hdr *);

/* tcp_face_odd - the same, to a SYN with a FIN */
void tcp_face_odd(const struct face *, struct tcp_hdr *);

/* tcp_face_ts - what the host's timestamp clock shows, with this offset */
uint32_t tcp_face_ts(
    const struct tcp *, const struct ip_addr *at, uint32_t off, uint64_t now);

/* tcp_face_offset - of the clock of a host that has been up this long; false:
   it is not known */
bool tcp_face_offset(
    const struct tcp *, const struct ip_addr *at, uint32_t *off);

/* tcp_face_echo - the segment, its echoed timestamp as if the clock were of
   milliseconds; it may be in own */
const struct seg *tcp_face_echo(
    const struct tcb *, uint64_t now, const struct seg *, struct seg *own);

/* tcp_face_isn - the number of systems whose sequence numbers can be predicted:
   false. True: *isn is a clock, to be added to what no outsider knows; it is
   the engine's own before */
bool tcp_face_isn(
    struct tcp *, const struct conn *, uint64_t now, uint32_t *isn);

/* tcp_face_syn_wait - until a SYN-ACK is retransmitted; own: without a face */
uint64_t tcp_face_syn_wait(const struct tcb *, uint64_t own);

/* tcp_face_wscale - of our windows; own: without a face */
uint8_t tcp_face_wscale(const struct tcb *, uint8_t own);

/* tcp_face_lone - to a segment without a connection: true when it is done
   with; open: the port is */
bool tcp_face_lone(struct tcp *, uint64_t now, const struct seg *, bool open);

/* tcp_reset_ack - what a reset acknowledges: all that the segment has;
   tcp_reset_tos - its class of service */
uint32_t tcp_reset_ack(const struct seg *);
uint8_t tcp_reset_tos(const struct tcp *, const struct seg *);

/* tcp_flow_label - RFC 6437, one for all packets of a connection; 0: none */
uint32_t tcp_flow_label(
    const struct tcp *, const struct conn *, const struct face *);

#endif
