/*
 * fastopen.h - TCP Fast Open, RFC 7413, see fastopen.c. Nothing of it is done
 * unless the configuration asks for it.
 */
#ifndef TCP_FASTOPEN_H
#define TCP_FASTOPEN_H

#include <stdbool.h>
#include <stdint.h>

struct seg;
struct tcb;
struct tcp;
struct tcp_hdr;

bool tcp_fastopen_init(struct tcp *);
void tcp_fastopen_free(struct tcp *);

/* the passive side */

/*
 * tcp_fastopen_listen - a SYN has made tcb: with a valid cookie its data is
 * taken, and tcb may send before the handshake is over. True: it is.
 */
bool tcp_fastopen_listen(struct tcb *, uint64_t now, const struct seg *syn);
/* tcp_fastopen_answer - the cookie of a SYN-ACK, if one is due */
void tcp_fastopen_answer(struct tcb *, uint64_t now, struct tcp_hdr *);
/* tcp_fastopen_done - the handshake is over, or the connection; reset: by the
   peer */
void tcp_fastopen_done(struct tcb *, uint64_t now, bool reset);

/* tcp_fastopen_ack - the handshake is over, no data is acknowledged: what was
   sent before a SYN-ACK that was lost was not taken */
void tcp_fastopen_ack(struct tcb *, uint64_t now);

/* the active side */

/* tcp_fastopen_syn - the cookie of a SYN; how many bytes of data it takes */
uint32_t tcp_fastopen_syn(struct tcb *, uint64_t now, struct tcp_hdr *);
/* tcp_fastopen_syn_ack - from the answer to such a SYN */
void tcp_fastopen_syn_ack(
    struct tcb *, uint64_t now, const struct seg *, bool again);
/* tcp_fastopen_failed - no answer at all */
void tcp_fastopen_failed(struct tcb *, uint64_t now);

#endif
