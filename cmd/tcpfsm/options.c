/*
 * options.c - the command line of tcpfsm, see options.h.
 */
#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "base/die.h"
#include "log.h"
#include "options.h"
#include "quirk.h"
#include "tcp/tcp.h"
#include "wire/parse.h"

static const char help[] =
    "usage: tcpfsm [-JTqv] [-a addr] [-C control] [-d seconds] [-l log]\n"
    "              [-m mac] [-N max] [-o output] [-p port] [-Q quirk]\n"
    "              [-R recording] [-S seed] -f file\n"
    "       tcpfsm [-Jqv] [-a addr] [-C control] [-l log] [-m mac] [-N max]\n"
    "              [-p port] [-Q quirk] [-S seed] -e command\n"
    "       tcpfsm [-HJTqv] [-C control] [-f request] [-g hop] [-j number]\n"
    "              [-l log] [-m mac] [-N max] [-o output] [-Q quirk]\n"
    "              [-R recording] [-S seed] -s addr[:port] -c addr:port\n"
    "       tcpfsm [-JTqv] [-d seconds] [...] -r capture\n"
    "       tcpfsm [-JTqv] [-d seconds] [...] -r capture -s addr -c addr:port\n"
    "Serve the file's bytes to every TCP connection in the packet stream;\n"
    "or run a command for each; or connect, say the request and keep the\n"
    "response; or play one side of a recorded conversation.\n"
    "\n"
    "  rawcap eth0 | tcpfsm -f resp.txt | rawinject eth0\n"
    "  rawcap -a 10.0.0.5 eth0 | tcpfsm -c 10.0.0.9:80 -s 10.0.0.5 \\\n"
    "      -f request -o response | rawinject eth0\n"
    "\n"
    "  -f file      what to say to every client; with -c: the request\n"
    "  -a addr      answer for this address, at any MAC (default: for every\n"
    "               address whose MAC is 02:50 and its last four bytes)\n"
    "  -C control   congestion control: cubic (default), reno or bbr\n"
    "  -c addr:port connect to, and exit when it is closed\n"
    "  -d seconds   speak after so much silence of the client (default 0.2);\n"
    "               with -r: of a peer that says less than the record (5)\n"
    "  -e command   run this by sh for every connection, which is its stdin\n"
    "               and stdout\n"
    "  -g hop       MAC or address of the next hop, or \"phantom\"\n"
    "               (default: ask for the peer's MAC)\n"
    "  -H           close our side behind the request\n"
    "  -J           log as JSON lines\n"
    "  -j number    connections at once (default 1)\n"
    "  -l log       append the event log to this file (default: stderr)\n"
    "  -m mac       the phantom's MAC\n"
    "  -N max       most connections at once (default 100000)\n"
    "  -o output    append what clients say to this file; with -c: the\n"
    "               response, %d is the connection's number\n"
    "  -p port      open port, may be repeated (default: all are open)\n"
    "  -Q quirk     misbehave: quirk[@when][:arg], may be repeated; \"list\"\n"
    "               tells which there are, and the bugs that they find\n"
    "  -q           log only how connections end; twice: nothing\n"
    "  -r capture   play the server's side of a connection in it; with -c the\n"
    "               client's\n"
    "  -R file      record the run, to be repeated with -T -S\n"
    "  -S seed      fix all chance (the log's first line tells the seed)\n"
    "  -s addr[:port]\n"
    "               whom to connect from\n"
    "  -T           take the time from the packets' stamps\n"
    "  -v           log every segment\n"
    "      --backlog number        half-open connections, then SYN cookies\n"
    "                              (1024)\n"
    "      --capture-bytes bytes   of -r kept in memory (67108864)\n"
    "      --commands number       of -e at once; others wait (100)\n"
    "      --count number          connections in all (as many as -j)\n"
    "      --dscp number           DiffServ code point of every packet (0)\n"
    "      --fin-wait-2 seconds    silence allowed in FIN-WAIT-2 (300)\n"
    "      --frag-bytes bytes      IP fragments kept (4194304)\n"
    "      --keepalive[=seconds]   ask silent peers whether they live (7200)\n"
    "      --md5                   log digests of what was sent and received\n"
    "      --min-rto seconds       least retransmission time-out (0.2)\n"
    "      --msl seconds           half of TIME-WAIT (30)\n"
    "      --mtu bytes             of the network (1500)\n"
    "      --no-cksum              take segments with a wrong checksum\n"
    "      --no-ecn                do not use congestion notification\n"
    "      --pauses                of -r, as recorded\n"
    "      --rcvbuf bytes          receive window (1048576)\n"
    "      --stream number         of -r: which connection, from 0\n"
    "      --ttl number            of every packet; the hop limit (64)\n"
    "      --user name             whom commands run as (root: nobody)\n"
    "      --user-timeout seconds  give up when nothing is answered (900)\n"
    "      --vmsplice              lend the reader, rawinject, our pages\n"
    "  -h, --help, -V, --version\n";

/* options that have no letter */
enum {
	OPT_BACKLOG = 256,
	OPT_CAPTURE_BYTES,
	OPT_COMMANDS,
	OPT_COUNT,
	OPT_DSCP,
	OPT_FIN_WAIT_2,
	OPT_FRAG_BYTES,
	OPT_KEEPALIVE,
	OPT_MD5,
	OPT_MIN_RTO,
	OPT_MSL,
	OPT_MTU,
	OPT_NO_CKSUM,
	OPT_NO_ECN,
	OPT_PAUSES,
	OPT_RCVBUF,
	OPT_STREAM,
	OPT_TTL,
	OPT_USER,
	OPT_USER_TIMEOUT,
	OPT_VMSPLICE,
};

static const struct option long_options[] = {
    {"backlog", required_argument, NULL, OPT_BACKLOG},
    {"capture-bytes", required_argument, NULL, OPT_CAPTURE_BYTES},
    {"commands", required_argument, NULL, OPT_COMMANDS},
    {"count", required_argument, NULL, OPT_COUNT},
    {"dscp", required_argument, NULL, OPT_DSCP},
    {"fin-wait-2", required_argument, NULL, OPT_FIN_WAIT_2},
    {"frag-bytes", required_argument, NULL, OPT_FRAG_BYTES},
    {"keepalive", optional_argument, NULL, OPT_KEEPALIVE},
    {"md5", no_argument, NULL, OPT_MD5},
    {"min-rto", required_argument, NULL, OPT_MIN_RTO},
    {"msl", required_argument, NULL, OPT_MSL},
    {"mtu", required_argument, NULL, OPT_MTU},
    {"no-cksum", no_argument, NULL, OPT_NO_CKSUM},
    {"no-ecn", no_argument, NULL, OPT_NO_ECN},
    {"pauses", no_argument, NULL, OPT_PAUSES},
    {"rcvbuf", required_argument, NULL, OPT_RCVBUF},
    {"stream", required_argument, NULL, OPT_STREAM},
    {"ttl", required_argument, NULL, OPT_TTL},
    {"user", required_argument, NULL, OPT_USER},
    {"user-timeout", required_argument, NULL, OPT_USER_TIMEOUT},
    {"vmsplice", no_argument, NULL, OPT_VMSPLICE},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static uint64_t
num_option(const char *name, const char *s, uint64_t min, uint64_t max)
{
	uint64_t n;

	if (parse_num(s, min, max, &n) != 0)
		die_usage("%s %s: not a number from %llu to %llu", name, s,
		    (unsigned long long)min, (unsigned long long)max);
	return n;
}

static uint64_t
time_option(const char *name, const char *s)
{
	uint64_t ns;

	if (parse_time(s, &ns) != 0)
		die_usage("%s %s: not a time in seconds", name, s);
	return ns;
}

static void
add_port(struct tcp_config *c, const char *s)
{
	if (c->nports == TCP_MAXPORTS)
		die_usage("-p %s: more than %d ports", s, TCP_MAXPORTS);
	c->port[c->nports++] = (uint16_t)num_option("-p", s, 1, 65535);
}

/* keepalive_option - two hours unless told: MUST-28 */
static uint64_t
keepalive_option(const char *s)
{
	uint64_t ns = s != NULL ? time_option("--keepalive", s)
				: 7200 * NS_PER_SEC;

	if (ns > 0 && ns < NS_PER_SEC)
		die_usage("--keepalive %s: less than a second", s);
	return ns;
}

static void
long_option(struct options *o, int opt)
{
	struct tcp_config *c = &o->run.cfg;

	switch (opt) {
	case OPT_BACKLOG:
		c->backlog = (uint32_t)num_option(
		    "--backlog", optarg, 0, 10000000);
		break;
	case OPT_DSCP:
		c->dscp = (uint8_t)num_option("--dscp", optarg, 0, 63);
		break;
	case OPT_FIN_WAIT_2:
		c->fin_wait_2 = time_option("--fin-wait-2", optarg);
		break;
	case OPT_FRAG_BYTES:
		c->frag_bytes = num_option("--frag-bytes", optarg, 0, 1 << 30);
		break;
	case OPT_KEEPALIVE:
		c->keepalive = keepalive_option(optarg);
		break;
	case OPT_MD5:
		o->md5 = true;
		break;
	case OPT_MIN_RTO:
		c->min_rto = time_option("--min-rto", optarg);
		break;
	case OPT_MSL:
		c->msl = time_option("--msl", optarg);
		break;
	case OPT_MTU:
		c->mtu = (uint32_t)num_option("--mtu", optarg, 576, 65535);
		break;
	case OPT_NO_CKSUM:
		c->trust_cksum = true;
		break;
	case OPT_NO_ECN:
		c->no_ecn = true;
		break;
	case OPT_RCVBUF:
		c->rcvbuf = (uint32_t)num_option(
		    "--rcvbuf", optarg, 1, 1 << 30);
		break;
	case OPT_TTL:
		c->ttl = (uint8_t)num_option("--ttl", optarg, 1, 255);
		break;
	case OPT_USER_TIMEOUT:
		c->user_timeout = time_option("--user-timeout", optarg);
		break;
	case OPT_VMSPLICE:
		o->run.lend = true;
		break;
	default:
		die_usage("unknown option");
	}
}

/* engine_option - what the engine's configuration takes; false: not one */
static bool
engine_option(struct options *o, int opt)
{
	struct tcp_config *c = &o->run.cfg;

	switch (opt) {
	case 'a':
		if (parse_addr(optarg, &o->addr) != 0 || !ip_is_host(&o->addr))
			die_usage("-a %s: not a host's address", optarg);
		c->addr = &o->addr;
		return true;
	case 'C':
		if (!tcp_cong_known(optarg))
			die_usage("-C %s: not cubic, reno or bbr", optarg);
		c->cong = optarg;
		return true;
	case 'm':
		if (parse_mac(optarg, &o->mac) != 0 || mac_is_group(&o->mac))
			die_usage("-m %s: not a unicast MAC address", optarg);
		c->mac = &o->mac;
		return true;
	case 'N':
		c->max_conns = (uint32_t)num_option("-N", optarg, 1, 10000000);
		return true;
	case 'p':
		add_port(c, optarg);
		return true;
	case 'Q':
		quirk_option(c, optarg);
		return true;
	case 'S':
		c->seed = num_option("-S", optarg, 0, UINT64_MAX);
		o->have_seed = true;
		return true;
	default:
		return false;
	}
}

/* command_option - what only -e takes; false: not one */
static bool
command_option(struct options *o, int opt)
{
	switch (opt) {
	case 'e':
		o->command = optarg;
		return true;
	case OPT_COMMANDS:
		o->commands = (uint32_t)num_option(
		    "--commands", optarg, 1, 100000);
		return true;
	case OPT_USER:
		o->user = optarg;
		return true;
	default:
		return false;
	}
}

/* replay_option - what only -r takes; false: not one */
static bool
replay_option(struct options *o, int opt)
{
	switch (opt) {
	case 'r':
		o->replay.name = optarg;
		return true;
	case OPT_CAPTURE_BYTES:
		o->replay.bytes = num_option(
		    "--capture-bytes", optarg, 1, UINT64_C(1) << 40);
		return true;
	case OPT_PAUSES:
		o->replay.pauses = true;
		return true;
	case OPT_STREAM:
		o->replay.stream = (int64_t)num_option(
		    "--stream", optarg, 0, UINT32_MAX);
		return true;
	default:
		return false;
	}
}

/* client_option - what only a client takes; false: not one */
static bool
client_option(struct options *o, int opt)
{
	switch (opt) {
	case 'c':
		if (parse_endpoint(optarg, &o->remote, &o->call.rport, 0) !=
			0 ||
		    !ip_is_host(&o->remote) || o->call.rport == 0)
			die_usage("-c %s: not ADDR:PORT of a host", optarg);
		o->client = true;
		return true;
	case 'g':
		o->hop = optarg;
		return true;
	case 'H':
		o->call.half_close = true;
		return true;
	case OPT_COUNT:
		o->count = (uint32_t)num_option(
		    "--count", optarg, 1, 1000000000);
		return true;
	case 'j':
		o->parallel = (uint32_t)num_option("-j", optarg, 1, 1000000);
		return true;
	case 's':
		if (parse_endpoint(optarg, &o->local, &o->call.lport, 1) != 0 ||
		    !ip_is_host(&o->local))
			die_usage(
			    "-s %s: not a host's ADDR or ADDR:PORT", optarg);
		o->have_local = true;
		return true;
	default:
		return false;
	}
}

static void
one_option(struct options *o, int opt)
{
	switch (opt) {
	case 'd':
		o->serve.silence = time_option("-d", optarg);
		o->have_silence = true;
		break;
	case 'f':
		o->file = optarg;
		break;
	case 'J':
		o->json = true;
		break;
	case 'l':
		o->log = optarg;
		break;
	case 'o':
		o->output = optarg;
		break;
	case 'q':
		o->run.level--;
		break;
	case 'R':
		o->recording = optarg;
		break;
	case 'T':
		o->run.packet_time = true;
		break;
	case 'v':
		o->run.level++;
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		if (!engine_option(o, opt) && !command_option(o, opt) &&
		    !replay_option(o, opt) && !client_option(o, opt))
			long_option(o, opt);
	}
}

void
options_parse(struct options *o, int argc, char **argv)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv,
		    ":a:c:C:d:e:f:g:hHj:Jl:m:N:o:p:qQ:r:R:s:S:TvV",
		    long_options, NULL)) != -1) {
		if (opt == '?' || opt == ':')
			die_usage("%s: %s", argv[optind - 1],
			    opt == ':' ? "wants a value" : "unknown option");
		/* "--keepalive 60" as well as "--keepalive=60" */
		if (opt == OPT_KEEPALIVE && optarg == NULL && optind < argc &&
		    isdigit((unsigned char)argv[optind][0]))
			optarg = argv[optind++];
		one_option(o, opt);
	}
	if (optind < argc)
		die_usage("%s: unexpected argument", argv[optind]);
	options_check(o);
	if (o->run.level < LOG_NOTHING)
		o->run.level = LOG_NOTHING;
	o->run.cfg.segments = o->run.level >= LOG_SEGMENTS;
}
