/*
 * options.h - the command line of pipe-switch.
 */
#ifndef PIPE_SWITCH_OPTIONS_H
#define PIPE_SWITCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"

enum { PORTS_MAX = 512, PCAPS_MAX = 64 };

struct port_words {
	const char *name;     /* its number, unless it was given one */
	const char *command;  /* "-": our own standard streams */
	const char *in, *out; /* words of impair, or NULL */
	bool again;	      /* it is started again when it has ended */
	unsigned types; /* frames of these only, FRAME_TCP and so on; 0: all */
	struct bridge_port vlan;
};

struct pcap_words {
	const char *file;
	int port; /* -1: all */
};

struct options {
	bool hub, isolate, direct, together, quiet, seeded, lockstep;
	uint64_t seed, age, storm, queue;
	uint32_t macs;
	struct port_words port[PORTS_MAX];
	unsigned ports;
	int own;   /* the port of our own streams, or -1 */
	int until; /* its end is that of all; -1: none */
	struct pcap_words pcap[PCAPS_MAX];
	unsigned pcaps;
	/* as given, until the ports are known */
	const char *in[PORTS_MAX], *out[PORTS_MAX], *last;
	const char *again[PORTS_MAX], *types[PORTS_MAX];
	unsigned ins, outs, agains, kinds;
};

void options_read(struct options *, int argc, char **argv);

#endif
