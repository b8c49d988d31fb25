/*
 * tcp-craft - segments from words to a packet stream; see tcp-craft(1).
 *
 * All words are read before anything is written, so a wrong one leaves no
 * half stream behind.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"

#include "craft.h"

static const char help[] =
    "usage: tcp-craft -s addr:port -c addr:port [-g mac] [-m mac] word ...\n"
    "Write one TCP segment, or several with \"next\" between them, as a "
    "packet\n"
    "stream to stdout.\n"
    "\n"
    "  -s addr:port  from here ([addr]:port for IPv6)\n"
    "  -c addr:port  to there\n"
    "  -g mac        the next hop's MAC (default: that of a phantom there)\n"
    "  -m mac        the source MAC (default: that of a phantom at -s)\n"
    "  -h, --help, -V, --version\n"
    "\n"
    "Words, each but the last line's in its true form unless it is told:\n"
    "  flags SAFRPUEWe  seq N  ack N  win N  urg N\n"
    "  mss N  wscale N  sackok  sack A-B,C-D  ts VAL ECR  nop  eol\n"
    "  option KIND HEX  options HEX\n"
    "  data 'GET / HTTP/1.0\\r\\n\\r\\n'  hex HEX  datafile FILE\n"
    "  ttl N  tos N  dscp N  ecn N  id N  df  nodf  flow N  ipopt HEX\n"
    "  vlan N  at SECONDS  after SECONDS  back  sport N  dport N\n"
    "  badsum  sum HEX  hlen N  reserved N  badipsum  ipsum HEX  iphlen N\n"
    "  iplen N  proto N  version N  cut N\n"
    "Example: tcp-craft -s 10.0.0.7:1024 -c 10.0.0.5:80 flags S seq 100 "
    "mss 1460 |\n"
    "             tcpdump -n -r -\n";

struct options {
	struct craft craft;
	bool from, to, src, dst;
};

static void
take_endpoint(int letter, const char *arg, struct ip_addr *a, uint16_t *port)
{
	if (parse_endpoint(arg, a, port, 0) != 0)
		die_usage(
		    "read -%c %s: not ADDR:PORT or [ADDR]:PORT", letter, arg);
}

static void
take_mac(int letter, const char *arg, struct mac *m)
{
	if (parse_mac(arg, m) != 0)
		die_usage("read -%c %s: not a MAC", letter, arg);
}

static void
take_option(struct options *o, int opt)
{
	struct craft *c = &o->craft;

	switch (opt) {
	case 'c':
		take_endpoint(opt, optarg, &c->ip.dst, &c->tcp.dport);
		o->to = true;
		break;
	case 'g':
		take_mac(opt, optarg, &c->dst);
		o->dst = true;
		break;
	case 'm':
		take_mac(opt, optarg, &c->src);
		o->src = true;
		break;
	case 's':
		take_endpoint(opt, optarg, &c->ip.src, &c->tcp.sport);
		o->from = true;
		break;
	case 'h':
		die_help(help);
	case 'V':
		die_version();
	default:
		if (optopt == 0)
			die_usage("read options: no such option");
		die_usage("read -%c: no such option, or no argument", optopt);
	}
}

static void
read_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	struct craft *c = &o->craft;
	int opt;

	opterr = 0;
	while (
	    (opt = getopt_long(argc, argv, "+c:g:hm:s:V", longs, NULL)) != -1)
		take_option(o, opt);
	if (!o->from || !o->to)
		die_usage("read options: -s and -c are wanted: from where, to "
			  "where");
	if (ip_is_v4(&c->ip.src) != ip_is_v4(&c->ip.dst))
		die_usage("read options: -s and -c: one is IPv4, one IPv6");
	if (!o->src)
		mac_of_phantom(&c->ip.src, &c->src);
	if (!o->dst)
		mac_of_phantom(&c->ip.dst, &c->dst);
}

/* make_room - for one more frame, however long */
static void
make_room(struct stream_out *out)
{
	uint8_t *more;

	if (stream_out_room(out) >= CRAFT_FRAME_MAX)
		return;
	more = realloc(out->buf, 2 * out->cap);
	if (more == NULL)
		die(EXIT_NO, "make packets: %s", strerror(ENOMEM));
	out->buf = more;
	out->cap *= 2;
}

static void
craft_all(struct craft *first, struct stream_out *out, char **words, int n)
{
	static uint8_t frame[CRAFT_FRAME_MAX];
	static struct craft c;
	char error[WORDS_ERROR];
	struct clock clock;
	int k;

	clock_start(&clock);
	first->stamp = clock_now(&clock);
	do {
		c.src = first->src;
		c.dst = first->dst;
		c.ip = first->ip;
		c.tcp = first->tcp;
		c.stamp = first->stamp;
		k = words_read(&c, words, n, error);
		if (k < 0)
			die_usage("%s", error);
		first->stamp = c.stamp; /* "after" counts from here */
		make_room(out);
		stream_out_put(
		    out, c.stamp, frame, craft_frame(&c, frame), NULL, 0);
		words += k;
		n -= k;
	} while (n > 0);
}

int
main(int argc, char **argv)
{
	static struct options o;
	static struct stream_out out;
	struct sandbox_rights got;

	die_name(argv[0]);
	read_options(&o, argc, argv);
	stage_refuse_tty();
	signal(SIGPIPE, SIG_IGN);
	if (stream_out_init(&out, 2 * CRAFT_FRAME_MAX) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	craft_all(&o.craft, &out, argv + optind, argc - optind);
	if (sandbox_enter(0, SANDBOX_LIBC, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (stream_out_drain(&out, STDOUT_FILENO) != 0 && errno != EPIPE)
		die(EXIT_NO, "write stdout: %s", strerror(errno));
	return EXIT_DONE;
}
