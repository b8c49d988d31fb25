/*
 * check.c - which options of tcpfsm do not go together, and the values of
 * those not given: see options.h.
 */
#include <string.h>

#include "base/die.h"
#include "options.h"
#include "replay/capture.h"
#include "wire/parse.h"

/* recorded connections that may be open at once, unless -j is given */
enum { ALL_PARALLEL = 1000 };

static uint32_t
most_at_once(const struct tcp_config *c)
{
	return c->max_conns < ALL_PARALLEL ? c->max_conns : ALL_PARALLEL;
}

/* check_hosts - --hosts: what is served, and where, is in the file */
static void
check_hosts(struct options *o)
{
	if (o->command != NULL || o->file != NULL || o->replay.name != NULL ||
	    o->output != NULL)
		die_usage("--hosts with -e, -f, -o or -r: what is served is in "
			  "the file");
	if (o->have_addr || o->have_mac || o->run.have_ports)
		die_usage("--hosts with -a, -m or -p: addresses, MACs and "
			  "ports are in the file");
	if (o->run.cfg.nquirks > 0)
		die_usage("--hosts with -Q: quirks are in the file");
	if (!o->have_keepalive)
		o->run.cfg.keepalive = KEEPALIVE;
}

static void
check_server(struct options *o)
{
	if (o->have_local || o->hop != NULL || o->parallel > 0 ||
	    o->count > 0 || o->call.half_close)
		die_usage("-g, -H, -j, -s and --count are a client's: "
			  "give -c addr:port");
	if (o->hosts != NULL) {
		check_hosts(o);
		return;
	}
	if (o->command == NULL &&
	    (o->user != NULL || o->commands > 0 || o->have_idle))
		die_usage("--user, --commands and --idle are of -e");
	if (o->command == NULL && o->file == NULL && o->replay.name == NULL)
		die_usage("nothing to serve: give -f file, -e command, -r "
			  "capture or --hosts file");
	if (o->command != NULL && o->command[0] == '\0')
		die_usage("-e: the command is empty");
	if (o->command != NULL && o->file != NULL)
		die_usage("-e with -f: the command sends, or the file");
	if (o->command != NULL && (o->recording != NULL || o->run.packet_time))
		die_usage("-e with -R or -T: what the command sends is not in "
			  "the packets, the run cannot be repeated");
	/* a peer that is gone would keep its command for ever */
	if (o->command != NULL && !o->have_keepalive)
		o->run.cfg.keepalive = KEEPALIVE;
}

/* check_hop - -g: a MAC, an address to ask for, or a phantom's rule */
static void
check_hop(struct options *o)
{
	struct mac *mac = &o->gw;

	o->next = o->remote;
	if (o->hop == NULL)
		return;
	if (strcmp(o->hop, "phantom") == 0) {
		mac_of_phantom(&o->remote, mac);
		o->call.gw = mac;
	} else if (parse_mac(o->hop, mac) == 0 && !mac_is_group(mac)) {
		o->call.gw = mac;
	} else if (parse_addr(o->hop, &o->next) != 0 || !ip_is_host(&o->next)) {
		die_usage("-g %s: not \"phantom\", a unicast MAC address or a "
			  "host's address",
		    o->hop);
	} else if (ip_is_v4(&o->next) != ip_is_v4(&o->local)) {
		die_usage("-g %s: IPv4 and IPv6 do not meet", o->hop);
	}
}

/* check_client - and fill in what was not given */
static void
check_client(struct options *o)
{
	struct tcp_config *c = &o->run.cfg;

	if (o->command != NULL || o->user != NULL || o->commands > 0 ||
	    o->have_idle)
		die_usage("-c with -e: one connects, the other serves");
	if (o->hosts != NULL)
		die_usage("-c with --hosts: one connects, the other serves");
	if (!o->have_local)
		die_usage("-c: whom to connect from is missing: give -s addr");
	if (c->addr != NULL || o->run.have_ports)
		die_usage("-a and -p are a server's: a client has -s");
	if (ip_is_v4(&o->local) != ip_is_v4(&o->remote))
		die_usage("-c and -s: IPv4 and IPv6 do not meet");
	if (ip_equal(&o->local, &o->remote))
		die_usage("-s: the address that -c connects to");
	if (o->cookies != NULL && !c->fastopen)
		die_usage("--cookies is of --fastopen: give that, too");
	check_hop(o);
	if (o->call.rport == 0 && !o->replay.all)
		die_usage("-c: the port is missing: give -c addr:port");
	if (o->parallel == 0)
		o->parallel = o->replay.all ? most_at_once(c) : 1;
	if (o->count == 0)
		o->count = o->parallel;
	if (o->parallel > o->count)
		o->parallel = o->count;
	if (o->parallel > c->max_conns)
		die_usage("-j: more connections than -N allows");
	if (o->count > 1 && o->call.lport != 0)
		die_usage("-s: a port is for one connection: leave it out");
	if (o->count > 1 && o->output != NULL &&
	    strstr(o->output, "%d") == NULL)
		die_usage("-o %s: many connections want a file each: put %%d "
			  "where the number goes",
		    o->output);
}

/* check_replay - -r: the record sends, nothing else */
static void
check_replay(struct options *o)
{
	struct replay_config *r = &o->replay;

	if (r->name == NULL &&
	    (r->pauses || r->bytes > 0 || r->stream != CAPTURE_ANY || r->all ||
		r->decap))
		die_usage("--all, --capture-bytes, --decap, --pauses and "
			  "--stream are of -r");
	if (r->name == NULL)
		return;
	if (o->file != NULL || o->command != NULL || o->call.half_close)
		die_usage("-r with -e, -f or -H: what is sent, and when it is "
			  "closed, is in the capture");
	if (r->all && (r->stream != CAPTURE_ANY || o->count > 0))
		die_usage("--all with --stream or --count: all are played, "
			  "once");
	if (r->all && o->client && o->output != NULL)
		die_usage("--all with -o: not for a client; the log has the "
			  "digests (--md5)");
	if (strcmp(r->name, "-") == 0)
		die_usage("-r -: stdin is the packet stream: give a file");
	if (r->bytes == 0)
		r->bytes = CAPTURE_BYTES;
	r->silence = o->have_silence ? o->serve.silence : REPLAY_SILENCE;
	r->server = !o->client;
}

void
options_check(struct options *o)
{
	if (o->said != NULL && o->hosts == NULL)
		die_usage("--said is of --hosts: see -o");
	if (o->keys != NULL && (o->have_seed || o->recording != NULL))
		die_usage(
		    "--keys with -S or -R: all keys are of the seed then");
	if (o->file != NULL && strcmp(o->file, "-") == 0)
		die_usage("-f -: stdin is the packet stream: give a file");
	if (o->output != NULL && strcmp(o->output, "-") == 0)
		die_usage("-o -: stdout is the packet stream: give a file");
	check_replay(o);
	if (o->client)
		check_client(o);
	else
		check_server(o);
	if (o->recording != NULL && o->run.packet_time)
		die_usage("-R with -T: a run in packet time is its own input");
	/* a run that is to be repeated does not depend on what came before */
	if (!o->have_path_cache)
		o->run.cfg.path_cache = !o->have_seed && !o->run.packet_time &&
					o->recording == NULL;
}
