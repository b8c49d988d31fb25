/*
 * options.c - the command line of tcpfsm, see options.h.
 */
#include <string.h>

#include "base/clock.h"
#include "log.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "options.h"
#include "quirk.h"
#include "tcp/tcp.h"
#include "wire/parse.h"

static const char *const usage[] = {
    "[options] -f file                                serve a file",
    "[options] -e command                             serve by command",
    "[options] --hosts file                           a net of hosts",
    "[options] -s addr[:port] [-f file] -c addr:port  connect",
    "[options] -r capture [-s addr -c addr:port]      play a capture", NULL};

static const char about[] =
    "TCP as a filter: packet stream on stdin, packet stream on stdout.\n"
    "\n"
    "  rawcap eth0 | tcpfsm -f resp.txt | rawinject eth0\n"
    "  rawcap -a 10.0.0.5 eth0 | tcpfsm -c 10.0.0.9:80 -s 10.0.0.5 \\\n"
    "      -f request -o response | rawinject eth0\n";

static const char *
take_control(void *base, const struct opt *o, const char *arg)
{
	if (tcp_cong_find(arg) == NULL)
		return "not one of: cubic reno bbr";
	((struct options *)base)->run.cfg.cong = tcp_cong_find(arg);
	return NULL;
}

static const char *
take_quirk(void *base, const struct opt *o, const char *arg)
{
	quirk_option(&((struct options *)base)->run.cfg, arg);
	return NULL;
}

static const char *
take_remote(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (parse_endpoint(arg, &o->remote, &o->call.rport, 1) != 0 ||
	    !ip_is_host(&o->remote))
		return "not ADDR:PORT of a host";
	return NULL;
}

static const char *
take_local(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (parse_endpoint(arg, &o->local, &o->call.lport, 1) != 0 ||
	    !ip_is_host(&o->local))
		return "not ADDR or ADDR:PORT of a host";
	return NULL;
}

/*
 * take_ecn - what of ECN is refused, and what a client asks for; where it is
 * not given everything is accepted and nothing asked for
 */
static const char *
take_ecn(void *base, const struct opt *o, const char *arg)
{
	struct tcp_config *c = &((struct options *)base)->run.cfg;

	c->no_ecn = strcmp(arg, "off") == 0;
	c->no_accecn = c->ask_ecn = strcmp(arg, "classic") == 0;
	c->ask_accecn = strcmp(arg, "accurate") == 0;
	return c->no_ecn || c->ask_ecn || c->ask_accecn
		   ? NULL
		   : "not one of: off classic accurate";
}

static const char *
take_path_cache(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	o->have_path_cache = true;
	o->run.cfg.path_cache = strcmp(arg, "on") == 0;
	return o->run.cfg.path_cache || strcmp(arg, "off") == 0
		   ? NULL
		   : "not one of: on off";
}

/* take_keepalive - two hours where no time is given: MUST-28 */
static const char *
take_keepalive(void *base, const struct opt *o, const char *arg)
{
	struct tcp_config *c = &((struct options *)base)->run.cfg;

	((struct options *)base)->have_keepalive = true;
	c->keepalive = KEEPALIVE;
	if (arg != NULL && parse_time(arg, &c->keepalive) != 0)
		return "not a time in seconds";
	return c->keepalive > 0 && c->keepalive < NS_PER_SEC
		   ? "not a time of at least 1 s"
		   : NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('a', "addr"), HOST(addr), GIVEN(have_addr),
	.text = "answer for this address, at any MAC (default: every address "
		"whose MAC is 02:50 and its last four bytes)"},
    {LETTER('m', "mac"), MAC(mac), GIVEN(have_mac),
	.text = "the phantom's MAC address"},
    {LETTER('p', "ports"), PORTS(run.ports), GIVEN(run.have_ports),
	.text = "open ports, as 80 or 22,8000-8100, may be repeated (default: "
		"all are open)"},
    {LETTER('N', "max"), NUM(run.cfg.max_conns), RANGE(1, 10000000),
	.text = "maximum number of connections (100000)"},
    {LETTER('C', "control"), .take = take_control, .words = "cubic reno bbr",
	.text = "congestion control (cubic)"},
    {LETTER('Q', "quirk"), .take = take_quirk,
	.text = "misbehave: name[@when][:arg], may be repeated; \"list\" "
		"prints them with the bugs that they find"},
    {.text = "a server"},
    {LETTER('f', "file"), TEXT(file),
	.text = "file to send to every client; with -c: the request"},
    {LETTER('d', "seconds"), TIME(serve.silence), GIVEN(have_silence),
	.text = "start sending after the client has been silent this long "
		"(0.2); with -r: time to wait for a peer that sends less than "
		"recorded (5)"},
    {LETTER('o', "output"), TEXT(output),
	.text = "append what clients send to this file; with -c: the "
		"response, %d is the connection's number"},
    {LETTER('e', "command"), TEXT(command),
	.text = "run this by sh for every connection, which is its stdin and "
		"stdout"},
    {NAME("commands", "number"), NUM(commands), RANGE(1, 100000),
	.text = "commands at once; other connections wait (100)"},
    {NAME("idle", "seconds"), TIME(idle), GIVEN(have_idle),
	.text = "end a connection of -e without a byte for this long (14400; "
		"0: never)"},
    {NAME("user", "name"), TEXT(user),
	.text = "user that runs the commands (as root: nobody)"},
    {NAME("guard", "dir"), TEXT(guard),
	.text = "the commands may write nothing in this directory"},
    {NAME("hosts", "file"), TEXT(hosts),
	.text = "serve each port of each address as this file says, "
		"phantom-hosts(5)"},
    {NAME("table", "fds"), TEXT(table),
	.text = "of --hosts: phantom(8) has read the file, and hands over the "
		"table here"},
    {NAME("said", "dir"), TEXT(said),
	.text = "of --hosts: a file there for what the client of each session "
		"has sent"},
    OPT_ROW_OS_DB(os_db),
    {.text = "a client"},
    {LETTER('c', "addr:port"), .take = take_remote, GIVEN(client),
	.text = "connect to, and exit when the connection is closed"},
    {LETTER('s', "addr[:port]"), .take = take_local, GIVEN(have_local),
	.text = "connect from"},
    {LETTER('g', "hop"), TEXT(hop),
	.text = "next hop: its MAC, its address, or \"phantom\" (default: "
		"resolve the peer with ARP or ND)"},
    {LETTER('H', NULL), FLAG(call.half_close),
	.text = "close our side after the request"},
    {LETTER('j', "number"), NUM(parallel), RANGE(1, 1000000),
	.text = "connections at once (1)"},
    {NAME("count", "number"), NUM(count), RANGE(1, 1000000000),
	.text = "connections in all (as many as -j)"},
    {NAME("cookies", "file"), TEXT(cookies),
	.text = "keep the cookies of --fastopen here from run to run"},
    {.text = "a recorded conversation"},
    {LETTER('r', "capture"), TEXT(replay.name),
	.text = "play the server's side of a connection in it; with -c the "
		"client's"},
    {NAME("capture-bytes", "bytes"), NUM(replay.bytes),
	RANGE(1, UINT64_C(1) << 40),
	.text = "of -r kept in memory (134217728)"},
    {NAME("all", NULL), FLAG(replay.all),
	.text = "every connection in the capture, in its order, each at its "
		"own port"},
    {NAME("decap", NULL), FLAG(replay.decap),
	.text = "also those in GRE, VXLAN, Geneve, GTP-U and IP in IP"},
    {NAME("pauses", NULL), FLAG(replay.pauses),
	.text = "with the pauses of the recording"},
    {NAME("stream", "number"), NUM(replay.stream), RANGE(0, UINT32_MAX),
	.text = "which connection, from 0"},
    {.text = "log and repetition"},
    OPT_ROW_LOG(log),
    OPT_ROW_JSON(json),
    {LETTER('v', NULL), MORE(run.level), .text = "log every segment"},
    {LETTER('q', NULL), LESS(run.level),
	.text = "log only connections that open and close, and scans; twice: "
		"nothing"},
    {NAME("md5", NULL), FLAG(md5),
	.text = "log digests of what was sent and received"},
    OPT_ROW_SEED(run.cfg.seed, have_seed),
    OPT_ROW_STAMPS(run.packet_time),
    {LETTER('R', "file"), TEXT(recording),
	.text = "record the run, to be repeated with -T -S"},
    {.text = "TCP and IP"},
    {NAME("backlog", "number"), NUM(run.cfg.backlog), RANGE(0, 10000000),
	.text = "half-open connections, then SYN cookies "
		"(1024)"},
    {NAME("dscp", "number"), NUM(run.cfg.dscp), RANGE(0, 63),
	.text = "DiffServ code point of every packet (0)"},
    {NAME("ecn", "kind"), .take = take_ecn, .words = "off classic accurate",
	.text = "congestion notification: off, as in RFC 3168, or accurate, "
		"RFC 9768 (default: whatever a client asks for)"},
    {NAME("fastopen", NULL), FLAG(run.cfg.fastopen),
	.text = "TCP Fast Open: data on the SYN"},
    {NAME("keys", "file"), TEXT(keys),
	.text = "64 secret bytes: machines that share them take each other's "
		"SYN cookies"},
    {NAME("fin-wait-2", "seconds"), TIME(run.cfg.fin_wait_2),
	.text = "silence allowed in FIN-WAIT-2 (300)"},
    {NAME("frag-bytes", "bytes"), NUM(run.cfg.frag_bytes), RANGE(0, 1 << 30),
	.text = "memory for IP fragments (4194304)"},
    {NAME("keepalive", "[seconds]"), .take = take_keepalive,
	.text = "send keep-alives to silent peers (7200); -e does anyway, 0: "
		"never"},
    {NAME("min-rto", "seconds"), TIME(run.cfg.min_rto),
	.text = "minimum retransmission time-out (0.2)"},
    {NAME("msl", "seconds"), TIME(run.cfg.msl),
	.text = "half of TIME-WAIT (30)"},
    {NAME("mss", "bytes"), NUM(run.cfg.mss), .min = 48,
	.text = "announce an MSS of at most this (what the MTU allows)"},
    {NAME("mtu", "bytes"), NUM(run.cfg.mtu), RANGE(576, 65535),
	.text = "of the network (1500)"},
    {NAME("no-cksum", NULL), FLAG(run.cfg.trust_cksum),
	.text = "accept segments with a wrong checksum"},
    {NAME("no-ecn", NULL), FLAG(run.cfg.no_ecn),
	.text = "the same as --ecn off"},
    {NAME("path-cache", "switch"), .take = take_path_cache, .words = "on off",
	.text = "remember each path's MTU, window and round trip for ten "
		"minutes: on or off (on, but off with -R, -S and -T)"},
    {NAME("rcvbuf", "bytes"), NUM(run.cfg.rcvbuf), RANGE(1, 1 << 30),
	.text = "receive window (1048576)"},
    {NAME("ts-optional", NULL), FLAG(run.cfg.ts_optional),
	.text = "take segments without the timestamp agreed on"},
    {NAME("ttl", "number"), NUM(run.cfg.ttl), .min = 1,
	.text = "of every packet; the hop limit (64)"},
    {NAME("user-timeout", "seconds"), TIME(run.cfg.user_timeout),
	.text = "give up when nothing is acknowledged (900)"},
    {NAME("spin", "seconds"), TIME(run.spin), RANGE(0, NS_PER_SEC),
	.text = "poll for this long before each sleep: it takes CPU (0)"},
    {NAME("vmsplice", NULL), FLAG(run.lend),
	.text = "gift pages to any reader, instead of copying"},
    {0},
};

void
options_parse(struct options *o, int argc, char **argv)
{
	const struct opt_program program = {
	    .usage = usage, .about = about, .table = {{table, o}}};

	opt_no_more(opt_parse(&program, argc, argv), argc, argv);
	if (o->have_addr)
		o->run.cfg.addr = &o->addr;
	if (o->have_mac)
		o->run.cfg.mac = &o->mac;
	o->run.cfg.no_listen = o->run.have_ports;
	options_check(o);
	if (o->run.level < LOG_NOTHING)
		o->run.level = LOG_NOTHING;
	o->run.cfg.segments = o->run.level >= LOG_SEGMENTS;
}
