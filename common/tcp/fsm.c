/*
 * fsm.c - the state of a connection: names, what each state allows, and
 * the only place that changes it. RFC 9293 3.3.2.
 */
#include "tcp/tcp_var.h"

/* what a state allows */
enum {
	MAY_RECEIVE = 1, /* the peer's data is wanted */
	MAY_SEND = 2,	 /* new data may go out */
	FIN_SENT = 4,
	SYNCHRONIZED = 8,
};

static const struct {
	const char *name;
	unsigned flags;
} state[] = {
    [TCPS_CLOSED] = {"CLOSED", 0},
    [TCPS_LISTEN] = {"LISTEN", 0},
    [TCPS_SYN_SENT] = {"SYN-SENT", 0},
    [TCPS_SYN_RECEIVED] = {"SYN-RECEIVED", 0},
    [TCPS_ESTABLISHED] = {"ESTABLISHED", MAY_RECEIVE | MAY_SEND | SYNCHRONIZED},
    [TCPS_CLOSE_WAIT] = {"CLOSE-WAIT", MAY_SEND | SYNCHRONIZED},
    [TCPS_FIN_WAIT_1] = {"FIN-WAIT-1", MAY_RECEIVE | FIN_SENT | SYNCHRONIZED},
    [TCPS_CLOSING] = {"CLOSING", FIN_SENT | SYNCHRONIZED},
    [TCPS_LAST_ACK] = {"LAST-ACK", FIN_SENT | SYNCHRONIZED},
    [TCPS_FIN_WAIT_2] = {"FIN-WAIT-2", MAY_RECEIVE | FIN_SENT | SYNCHRONIZED},
    [TCPS_TIME_WAIT] = {"TIME-WAIT", FIN_SENT | SYNCHRONIZED},
};

const char *
tcp_state_name(enum tcp_state s)
{
	return state[s].name;
}

bool
tcp_is_early(const struct tcb *tcb)
{
	return tcb->c.fast_open && tcb->passive &&
	       tcb->c.state == TCPS_SYN_RECEIVED;
}

bool
tcp_may_receive(const struct tcb *tcb)
{
	return state[tcb->c.state].flags & MAY_RECEIVE;
}

bool
tcp_may_send(const struct tcb *tcb)
{
	return (state[tcb->c.state].flags & MAY_SEND) || tcp_is_early(tcb);
}

bool
tcp_fin_sent(const struct tcb *tcb)
{
	return state[tcb->c.state].flags & FIN_SENT;
}

bool
tcp_synchronized(const struct tcb *tcb)
{
	return state[tcb->c.state].flags & SYNCHRONIZED;
}

void
tcp_set_state(struct tcb *tcb, enum tcp_state s, uint64_t time, uint64_t frame)
{
	struct tcp_event ev;

	tcp_event_tcb(&ev, TCP_EV_STATE, time, tcb);
	ev.frame = frame;
	ev.state_old = tcb->c.state;
	ev.state_new = s;
	tcb->c.state = s;
	tcb->tcp->host.event(tcb->tcp->host_ctx, &ev);
}
