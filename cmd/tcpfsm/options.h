/*
 * options.h - the command line of tcpfsm.
 */
#ifndef TCPFSM_OPTIONS_H
#define TCPFSM_OPTIONS_H

#include <stdbool.h>

#include "client/client.h"
#include "client/cookies.h"
#include "linux/again.h"
#include "linux/sandbox.h"
#include "log/event.h"
#include "replay/replay.h"
#include "run.h"
#include "serve/serve.h"
#include "source.h"
#include "wire/ether.h"
#include "wire/ip.h"

/* MUST-28: no less than two hours by default */
#define KEEPALIVE UINT64_C(7200000000000)

struct options {
	struct run run;
	struct ip_addr addr;
	struct mac mac;
	const char *file, *log, *output, *recording;
	bool json, have_addr, have_mac, have_seed, md5, have_silence;

	/* a server of a file */
	struct serve serve;

	/* a server by commands */
	const char *command, *user; /* -e */
	uint32_t commands;	    /* at once */
	uint64_t idle;		    /* ns; 0: no limit */
	bool have_idle, have_keepalive, have_path_cache;
	unsigned files; /* that come later */

	/* many servers */
	const char *hosts, *os_db; /* --hosts: the file; of nmap */
	const char *table;
	struct hosts *net;
	struct again again; /* the process that reads it again */
	struct tcp_places places;

	/* either side of a recorded conversation */
	struct replay_config replay; /* -r */
	struct replay *conversation;

	/* a client */
	bool client; /* -c */
	struct client_config call;
	struct source request;
	struct ip_addr local, remote, next;
	struct mac gw;
	const char *hop; /* -g */
	const char *keys;
	const char *said, *guard;
	const char *cookies;
	struct cookies jar;
	bool have_local;
	uint32_t count, parallel; /* 0: not given */

	char args[EVENT_ARGS];
	char rights[SANDBOX_TEXT];
};

/* options_parse - fill in the options; dies where they are wrong */
void options_parse(struct options *, int argc, char **argv);

/* options_check - the same, of what was left open and what excludes what */
void options_check(struct options *);

#endif
