/*
 * net.h - the application of --hosts: each connection is served as the file
 * says of its address and port, by serve.h, by command.h, or by nobody: what
 * comes is taken and discarded.
 */
#ifndef TCPFSM_NET_NET_H
#define TCPFSM_NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "tcp/tcp.h"

struct app;
struct command;
struct hosts;
struct net;
struct serve;

struct net_config {
	const struct hosts *hosts;
	struct serve *serve;	 /* of each of hosts_files() */
	struct command *command; /* of hosts_commands(); NULL: there are none */
	uint64_t key[2];	 /* secret, of the hash over sources */
};

/* net_new - NULL without memory */
struct net *net_new(const struct net_config *);

/* its calls; ctx is the struct net */
extern const struct app net_app;

/* net_places - for the engine: ctx is the struct hosts */
extern const struct tcp_places net_places;

/* net_which - of the commands, for command.h; ctx is the struct hosts */
uint32_t net_which(void *hosts, struct tcb *);

#endif
