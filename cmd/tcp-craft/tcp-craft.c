/*
 * tcp-craft - segments from words to a packet stream; see tcp-craft(1).
 *
 * All words are read before anything is written, so a wrong one leaves no
 * half stream behind.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/stage.h"
#include "pipe/stream.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"

#include "craft.h"

static const char fields[] =
    "Fields; any field not given is filled in correctly. The last two lines "
    "make\n"
    "wrong ones:\n"
    "  flags FSRPAUEWe  seq N  ack N  win N  urg N\n"
    "  mss N  wscale N  sackok  sack A-B,C-D  ts VAL ECR  nop  eol\n"
    "  option KIND HEX  options HEX\n"
    "  data 'GET / HTTP/1.0\\r\\n\\r\\n'  hex HEX  datafile FILE\n"
    "  ttl N  tos N  dscp N  ecn N  id N  df  nodf  flow N  ipopt HEX\n"
    "  vlan N  at SECONDS  after SECONDS  back  sport N  dport N\n"
    "  badsum  sum HEX  hlen N  reserved N  badipsum  ipsum HEX  iphlen N\n"
    "  iplen N  proto N  version N  cut N\n"
    "Example: tcp-craft -s 10.0.0.7:1024 -c 10.0.0.5:80 flags S seq 100 "
    "mss 1460 |\n"
    "             tcpdump -n -r -";

struct options {
	struct craft craft;
	bool from, to, src, dst;
};

static const char *
take_from(void *base, const struct opt *o, const char *arg)
{
	struct craft *c = &((struct options *)base)->craft;

	return parse_endpoint(arg, &c->ip.src, &c->tcp.sport, 0) == 0
		   ? NULL
		   : "not ADDR:PORT or [ADDR]:PORT";
}

static const char *
take_to(void *base, const struct opt *o, const char *arg)
{
	struct craft *c = &((struct options *)base)->craft;

	return parse_endpoint(arg, &c->ip.dst, &c->tcp.dport, 0) == 0
		   ? NULL
		   : "not ADDR:PORT or [ADDR]:PORT";
}

/* take_any_mac - a group's, too: a test may want it */
static const char *
take_any_mac(void *base, const struct opt *o, const char *arg)
{
	return parse_mac(arg, (struct mac *)((char *)base + o->at)) == 0
		   ? NULL
		   : "not a MAC address";
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {LETTER('s', "addr:port"), .take = take_from, GIVEN(from),
	.text = "from here ([addr]:port for IPv6)"},
    {LETTER('c', "addr:port"), .take = take_to, GIVEN(to), .text = "to there"},
    {LETTER('g', "mac"), .take = take_any_mac, AT(craft.dst), GIVEN(dst),
	.text = "the next hop's MAC (default: that of a phantom there)"},
    {LETTER('m', "mac"), .take = take_any_mac, AT(craft.src), GIVEN(src),
	.text = "the source MAC (default: that of a phantom at -s)"},
    {0},
};

/* read_options - returns where the fields begin */
static int
read_options(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "-s addr:port -c addr:port [-g mac] [-m mac] field ...", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Write one TCP segment, or several with \"next\" between "
		     "them, to stdout as a\npacket stream.\n",
	    .more = fields,
	    .first_word_ends = true,
	    .table = {{table, o}},
	};
	struct craft *c = &o->craft;
	int i = opt_parse(&program, argc, argv);

	if (!o->from || !o->to)
		die_usage("missing endpoints: give -s and -c");
	if (ip_is_v4(&c->ip.src) != ip_is_v4(&c->ip.dst))
		die_usage("-s and -c: one is IPv4, one IPv6");
	if (!o->src)
		mac_of_phantom(&c->ip.src, &c->src);
	if (!o->dst)
		mac_of_phantom(&c->ip.dst, &c->dst);
	return i;
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
	int words;

	die_start(argv);
	words = read_options(&o, argc, argv);
	stage_refuse_tty();
	signal(SIGPIPE, SIG_IGN);
	if (stream_out_init(&out, 2 * CRAFT_FRAME_MAX) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	craft_all(&o.craft, &out, argv + words, argc - words);
	if (sandbox_enter(0, SANDBOX_LIBC, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (stream_out_drain(&out, STDOUT_FILENO) != 0 && errno != EPIPE)
		die(EXIT_NO, "write stdout: %s", strerror(errno));
	return EXIT_DONE;
}
