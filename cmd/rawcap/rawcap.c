/*
 * rawcap.c - an interface, or a capture file, to a packet stream.
 *
 * The right to open a raw socket is used once and given up before the first
 * frame is read; see rawcap(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/die.h"
#include "base/syscalls.h"
#include "linux/sandbox.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/loop.h"
#include "rawcap.h"
#include "wire/ip.h"
#include "wire/parse.h"

struct options {
	struct match match;
	const char *filter, *read, *iface;
	uint64_t limit, group, spin;
	bool has_group, quiet, verbose, decap;
	int flags;
};

static const char *
add_addr(void *base, const struct opt *o, const char *arg)
{
	struct match *m = &((struct options *)base)->match;
	struct ip_addr a;
	unsigned len;

	if (parse_prefix(arg, &a, &len) != 0)
		return "not an address or prefix";
	if (m->naddr == MATCH_MAX)
		return "too many addresses";
	m->len[m->naddr] = (uint8_t)len;
	memcpy(m->addr[m->naddr++], a.b, sizeof(a.b));
	return NULL;
}

static const char *
add_port(void *base, const struct opt *o, const char *arg)
{
	struct match *m = &((struct options *)base)->match;
	uint64_t n;

	if (parse_num(arg, 1, UINT16_MAX, &n) != 0)
		return "not a port from 1 to 65535";
	if (m->nport == MATCH_MAX)
		return "too many ports";
	m->port[m->nport++] = (uint16_t)n;
	return NULL;
}

/* take_types - words joined by commas */
static const char *
take_types(void *base, const struct opt *o, const char *arg)
{
	static const struct {
		const char *word;
		unsigned type;
	} known[] = {
	    {"tcp", MATCH_TCP},
	    {"udp", MATCH_UDP},
	    {"icmp", MATCH_ICMP},
	    {"arp", MATCH_ARP},
	    {"other", MATCH_OTHER},
	};
	const size_t count = sizeof(known) / sizeof(known[0]);
	unsigned *types = &((struct options *)base)->match.types;
	const char *p = arg;
	size_t n, i;

	for (;;) {
		n = strcspn(p, ",");
		for (i = 0; i < count; i++)
			if (strlen(known[i].word) == n &&
			    memcmp(p, known[i].word, n) == 0)
				break;
		if (i == count)
			return "not words of tcp, udp, icmp, arp, other joined "
			       "by commas";
		*types |= known[i].type;
		if (p[n] == '\0')
			return NULL;
		p += n + 1;
	}
}

static const char *
take_flag(void *base, const struct opt *o, const char *arg)
{
	struct options *options = base;

	if (o->letter == 'O')
		options->flags |= PKTSOCK_OUTGOING;
	else
		options->flags &= ~PKTSOCK_PROMISC;
	return NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {BOTH('a', "addr", "ADDR[/LEN]"), .take = add_addr,
	.text = "only packets of or about this address or prefix (repeats)"},
    {NAME("to", NULL), FLAG(match.to),
	.text = "IP packets only to it, not from it"},
    {BOTH('p', "port", "PORT"), .take = add_port,
	.text = "only TCP and UDP to this port (repeats)"},
    {NAME("either", NULL), FLAG(match.either),
	.text = "to a port of -p, or from it"},
    {BOTH('t', "type", "WORDS"), .take = take_types,
	.words = "tcp udp icmp arp other",
	.text = "only tcp, udp, icmp, arp, other (joined by commas)"},
    {BOTH('F', "filter", "FILE"), TEXT(filter),
	.text = "a filter printed by tcpdump -ddd (- is stdin)"},
    {BOTH('c', "count", "N"), NUM(limit), .min = 1,
	.text = "end after N packets"},
    {BOTH('O', "outgoing", NULL), .take = take_flag,
	.text = "also the frames that this host sends"},
    {BOTH('P', "no-promisc", NULL), .take = take_flag,
	.text = "only what the interface receives by itself"},
    {BOTH('G', "group", "N"), NUM(group), GIVEN(has_group),
	RANGE(0, UINT16_MAX),
	.text = "share the flows with other rawcaps of group N"},
    {NAME("spin", "TIME"), TIME(spin), RANGE(0, NS_PER_SEC),
	.text = "poll for this long before each sleep: it takes CPU"},
    {BOTH('r', "read", "FILE"), TEXT(read),
	.text = "read a pcap or pcapng file, packed or not"},
    {NAME("decap", NULL), FLAG(decap),
	.text = "of -r: only the innermost IP packet of each frame"},
    {BOTH('q', "quiet", NULL), FLAG(quiet), .text = "no summary line"},
    {BOTH('v', "verbose", NULL), FLAG(verbose),
	.text = "print which rights are left"},
    {0},
};

static void
check_options(struct options *o)
{
	const int plain = PKTSOCK_PROMISC;

	if (o->iface == NULL &&
	    (o->has_group || o->spin > 0 || o->flags != plain))
		die_usage("-O, -P, -G and --spin need an interface");
	if (o->decap && o->read == NULL)
		die_usage("--decap needs -r");
	if (o->filter != NULL &&
	    (o->match.naddr != 0 || o->match.nport != 0 || o->match.types != 0))
		die_usage("-F and -a, -p or -t cannot be used together");
	if (o->match.to && o->match.naddr == 0)
		die_usage("--to needs -a");
	if (o->match.either && o->match.nport == 0)
		die_usage("--either needs -p");
	if (o->filter != NULL && strcmp(o->filter, "-") == 0 &&
	    o->iface == NULL && (o->read == NULL || strcmp(o->read, "-") == 0))
		die_usage("-F - and the packets cannot both be stdin");
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {
	    "[options] iface     capture from an interface",
	    "[options] -         filter the packet stream on stdin",
	    "[options] -r file   read a pcap or pcapng file (- is stdin)",
	    NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about = "Write packets to stdout as a packet stream.\n",
	    .more = "Example: rawcap -a 10.0.0.5 eth0 | tcpdump -n -r -",
	    .table = {{table, o}},
	};
	int i;

	*o = (struct options){.flags = PKTSOCK_PROMISC};
	i = opt_parse(&program, argc, argv);
	if (o->read == NULL && i == argc)
		die_usage("missing interface");
	if (o->read == NULL)
		o->iface = argv[i++];
	opt_no_more(i, argc, argv);
	if (o->read == NULL && strcmp(o->iface, "-") == 0)
		o->iface = NULL;
	check_options(o);
}

static struct sock_fprog
program(const struct bpf *b)
{
	return (struct sock_fprog){(unsigned short)b->n, b->f};
}

/*
 * prepare_division - the filters of a flood. Only where the reader's pipe
 * shows how much it holds, and not in a group: two sockets of one flow might
 * be in different pipelines.
 */
static void
prepare_division(struct rawcap *rc)
{
	static struct bpf rest, apart;
	uint32_t random[2];

	if (rc->has_group || !rc->piped)
		return;
	rest.f = calloc(BPF_MAX, sizeof(*rest.f));
	apart.f = calloc(BPF_MAX, sizeof(*apart.f));
	if (rest.f == NULL || apart.f == NULL ||
	    bpf_divide(&rc->filter, &rest, &apart) != 0)
		return;
	rc->rest = program(&rest);
	rc->apart = program(&apart);
	rc->side_flags = (rc->flags & ~PKTSOCK_PROMISC) | PKTSOCK_BURST;
	rc->divisible = chance_bytes(random, sizeof(random)) == 0;
	rc->by_source = spread_by_source(rc->flags & PKTSOCK_OUTGOING);
	rc->key = random[0] | 1;
	/* no other socket can join a complete group by its number: take one of
	   the upper half, as those of -G are small in practice */
	rc->group = PKTSOCK_BY_PROGRAM | 0x8000 | (random[1] & 0x7fff);
}

/* prepare_live - all that can be done before there is a socket */
static void
prepare_live(struct rawcap *rc, const struct options *o)
{
	struct stat sb;
	unsigned i;

	rc->iface = o->iface;
	rc->flags = o->flags;
	rc->has_group = o->has_group;
	rc->group = PKTSOCK_BY_FLOW | (uint32_t)o->group;
	if (pktsock_look(&rc->cs, o->iface) != 0)
		die(rc->cs.status, "open %s: %s", o->iface, rc->cs.error);
	for (i = 0; i <= SIDES; i++)
		rc->side[i] = rc->cs;
	for (i = 0; i < PKTSOCK_MANY; i++)
		rc->frame[i].buf = rc->many[i];
	pktsock_prepare(rc->frame);
	rc->whole = rc->filter.f != NULL ? program(&rc->filter) : pktsock_each;
	rc->piped = fstat(STDOUT_FILENO, &sb) == 0 && S_ISFIFO(sb.st_mode);
	prepare_division(rc);
	if (sandbox_keep_raw() != 0 ||
	    sandbox_limit(rc->divisible ? 2 + SIDES : 1) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_list(SANDBOX_LIBC | SANDBOX_HEAR | SANDBOX_HEAR_MANY |
		     SANDBOX_GIFT | (rc->piped ? SANDBOX_HELD : 0) |
		     (rc->divisible ? SANDBOX_DIVIDE : 0) |
		     (o->spin > 0 ? SANDBOX_SPIN : 0));
	loop_spin(o->spin);
}

static void
open_file(struct rawcap *rc, const struct options *o)
{
	capin_open(&rc->in, o->read != NULL ? o->read : "-");
	rc->in.strict = o->read == NULL;
	rc->decap = o->decap;
	rc->st.in = rc->in.fd;
	rc->st.input = input_file;
}

void
rawcap_summary(void *ctx)
{
	struct rawcap *rc = ctx;
	size_t i;

	for (i = 0; rc->iface != NULL && i <= 1 + SIDES; i++)
		rc->dropped += pktsock_dropped(
		    i == 0 ? &rc->cs : &rc->side[i - 1]);
	say_own("%llu captured, %llu dropped by the kernel",
	    (unsigned long long)rc->out.count, (unsigned long long)rc->dropped);
}

/* run_file - the whole stage */
static enum stage_end
run_file(struct rawcap *rc)
{
	if (sandbox_user(NULL) != 0 || sandbox_limit(0) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	sandbox_list(SANDBOX_LIBC);
	rc->locked = lock_in(rc->verbose) == 0;
	return rc->locked ? stage_run(&rc->st) : STAGE_FAILED;
}

static bool
has_all(const struct rawcap *rc)
{
	return rc->out.count == rc->limit;
}

/* the end of a file needs no message; any other end does */
static bool
tells(const struct rawcap *rc, enum stage_end end)
{
	return end == STAGE_SIGNAL || (end == STAGE_INPUT_END && has_all(rc));
}

/* run_live - live.c; stdout is left as it was, others share it */
static enum stage_end
run_live(struct rawcap *rc)
{
	int flags = -1, error;
	enum stage_end end;
	struct stat sb;

	if (fstat(STDOUT_FILENO, &sb) == 0 &&
	    (S_ISFIFO(sb.st_mode) || S_ISSOCK(sb.st_mode))) {
		flags = fcntl(STDOUT_FILENO, F_GETFL);
		fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
	}
	end = live(rc);
	error = errno;
	if (flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, flags);
	errno = error;
	return end == STAGE_FAILED && error == EPIPE ? STAGE_READER_GONE : end;
}

/* tell_failure - and end with its status, if there was one */
static void
tell_failure(struct rawcap *rc, const struct options *o, enum stage_end end)
{
	uint64_t lost = 0;

	if (end == STAGE_FAILED && rc->locked)
		lost = rc->st.lost + stream_out_cut(&rc->out, STDOUT_FILENO);
	if (*pktsock_why(&rc->cs) != '\0')
		die(rc->cs.status, "open %s: %s", o->iface, rc->cs.error);
	if (!rc->locked)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	if (end == STAGE_FAILED)
		die(EXIT_NO, "write stdout: %s: it ends after %llu packets",
		    strerror(errno),
		    (unsigned long long)(rc->out.count - lost));
	if (rc->down != 0 && rc->ended && !has_all(rc))
		die(EXIT_NO, "capture %s: %s", o->iface,
		    rc->down == ENETDOWN ? "the interface is gone"
					 : strerror(rc->down));
	if (rc->error[0] != '\0')
		die(rc->status, "%s", rc->error);
}

/* nothing - there were packets, and none of them could be read */
static bool
nothing(const struct rawcap *rc)
{
	return rc->in.count > 0 && leftout_total(&rc->in.left) == rc->in.count;
}

int
main(int argc, char **argv)
{
	static struct rawcap rc;
	static struct options o;
	enum stage_end end;

	die_start(argv);
	parse_options(&o, argc, argv);
	stage_refuse_tty();
	program_make(&rc.filter, &o.match, o.filter);
	stage_signals();
	stage_batch();
	clock_start(&rc.clock);
	rc.limit = o.limit != 0 ? o.limit : UINT64_MAX;
	rc.st.clock = &rc.clock;
	rc.st.ctx = &rc;
	rc.st.out = STDOUT_FILENO;
	rc.st.stream = &rc.out;
	rc.st.may_block = true;
	rc.st.summary = rawcap_summary;
	if (stream_out_init(
		&rc.out, o.iface != NULL ? RAWCAP_RING : RAWCAP_OUT) != 0)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	rc.ring = rc.out.buf;
	stream_pipe_size(STDOUT_FILENO);
	rc.verbose = o.verbose;
	if (o.iface != NULL)
		prepare_live(&rc, &o);
	else
		open_file(&rc, &o);
	end = o.iface != NULL ? run_live(&rc) : run_file(&rc);
	leftout_say(&rc.in.left);
	leftout_beyond(rc.out.beyond);
	tell_failure(&rc, &o, end);
	if (!o.quiet && tells(&rc, end))
		rawcap_summary(&rc);
	return nothing(&rc) ? EXIT_NO : EXIT_DONE;
}
