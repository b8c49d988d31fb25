/*
 * net.h - the application of --hosts: each connection is served as the file
 * asks for its address and port: by serve.h, by command.h, or by neither: what
 * comes is taken and discarded.
 */
#ifndef TCPFSM_NET_NET_H
#define TCPFSM_NET_NET_H

#include <stddef.h>
#include <stdint.h>

#include "linux/again.h"
#include "serve/serve.h"
#include "tcp/tcp.h"

struct app;
struct command;
struct event_log;
struct hosts;
struct net;
struct said_dir;

struct net_config {
	struct hosts *hosts;   /* the net owns it */
	struct serve like;     /* how files are served */
	uint64_t key[2];       /* secret, of the hash over sources */
	struct again *again;   /* the process that reads the file again */
	struct said_dir *said; /* where what clients send goes; or NULL */
	struct event_log *log; /* NULL: a file read again is not logged */
};

/* net_new - NULL: *bad is a file that could not be opened (errno), or NULL:
   no memory */
struct net *net_new(const struct net_config *, const char **bad);

/* net_commands - start the process that runs the commands of hosts_commands();
   before all else */
void net_commands(struct net *, struct command *);

/* net_watch_max - descriptors that it may wait for */
uint32_t net_watch_max(const struct net *);

/* net_soon - a frame comes soon, see stream_in_soon(); ctx is the struct net */
void net_soon(void *net, const uint8_t *frame, size_t len);

/* its calls; ctx is the struct net */
extern const struct app net_app;

/* net_places - for the engine: ctx is the struct net */
extern const struct tcp_places net_places;

/* net_which - of the commands, for command.h; ctx is the struct net */
uint32_t net_which(void *net, struct tcb *);

#endif
