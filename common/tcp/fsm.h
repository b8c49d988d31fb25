/*
 * fsm.h - the states of a connection, RFC 9293 3.3.2.
 */
#ifndef TCP_FSM_H
#define TCP_FSM_H

enum tcp_state {
	TCPS_CLOSED,
	TCPS_LISTEN,
	TCPS_SYN_SENT,
	TCPS_SYN_RECEIVED,
	TCPS_ESTABLISHED,
	TCPS_CLOSE_WAIT,
	TCPS_FIN_WAIT_1,
	TCPS_CLOSING,
	TCPS_LAST_ACK,
	TCPS_FIN_WAIT_2,
	TCPS_TIME_WAIT,
};

#ifdef __cplusplus
extern "C" {
#endif

/* tcp_state_name - as the RFC writes it: "SYN-RECEIVED" */
const char *tcp_state_name(enum tcp_state);

#ifdef __cplusplus
}
#endif

#endif
