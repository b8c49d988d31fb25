/*
 * options.c - the command line of pipe-switch; a mistake in it gives a message
 * here and ends the program.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/die.h"
#include "opt/opt.h"
#include "opt/rows.h"
#include "pipe/stage.h"
#include "wire/parse.h"

#include "frame.h"
#include "options.h"

static const char *
add_pcap(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (o->pcaps == PCAPS_MAX)
		return "too many files";
	o->pcap[o->pcaps++] = (struct pcap_words){.file = arg};
	return NULL;
}

static const char *
add_in(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (o->ins == PORTS_MAX)
		return "too many";
	o->in[o->ins++] = arg;
	return NULL;
}

static const char *
add_out(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (o->outs == PORTS_MAX)
		return "too many";
	o->out[o->outs++] = arg;
	return NULL;
}

static const char *
add_again(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (o->agains == PORTS_MAX)
		return "too many";
	o->again[o->agains++] = arg;
	return NULL;
}

static const char *
add_types(void *base, const struct opt *opt, const char *arg)
{
	struct options *o = base;

	if (o->kinds == PORTS_MAX)
		return "too many";
	o->types[o->kinds++] = arg;
	return NULL;
}

#define OPT_BASE struct options

static const struct opt table[] = {
    {.text = "what a switch does"},
    {LETTER('N', "max"), NUM(macs), RANGE(8, 1 << 20),
	.text = "maximum number of MAC addresses in the table (4096)"},
    {NAME("age", "time"), TIME(age), .min = NS_PER_SEC,
	.text = "forget a MAC that has sent nothing for this long (300s)"},
    {NAME("hub", NULL), FLAG(hub),
	.text = "learn nothing: send every frame to all ports of its VLAN"},
    {NAME("isolate", NULL), FLAG(isolate),
	.text = "all ports but the first one reach only the first one"},
    {NAME("types", "port:types"), .take = add_types,
	.text = "only frames of these types to this port: tcp, udp, icmp, arp, "
		"other, error (of ICMP), joined by commas; may be repeated"},
    {NAME("storm", "number"), NUM(storm), RANGE(0, 1000000),
	.text = "frames a second that one port may send to all others (5000; "
		"0: any number)"},
    {NAME("queue", "bytes"), NUM(queue), RANGE(1 << 17, 1 << 28),
	.text = "what may wait for each port (1048576); more is dropped"},
    {.text = "its commands"},
    {NAME("restart", "port"), .take = add_again,
	.text = "start the command of this port again when it has ended; may "
		"be repeated"},
    {NAME("until", "port"), TEXT(last),
	.text = "end when the command of this port ends, with its exit status"},
    {NAME("together", NULL), FLAG(together),
	.text = "end when the command of any port ends, with its exit status"},
    {NAME("direct", NULL), FLAG(direct),
	.text = "with --isolate and a first port -: commands write to stdout "
		"themselves"},
    {.text = "bad networks, recordings, time"},
    {NAME("in", "port:words"), .take = add_in,
	.text = "what impair does to frames to this port; may be repeated"},
    {NAME("out", "port:words"), .take = add_out,
	.text = "what impair does to frames from this port; may be repeated"},
    {NAME("pcap", "file"), .take = add_pcap,
	.text =
	    "record all frames to a pcap file, or with port:file those of a "
	    "port, both ways; may be repeated"},
    {LETTER('q', NULL), FLAG(quiet), .text = "no summary lines"},
    OPT_ROW_SEED(seed, seeded),
    {LETTER('T', NULL), FLAG(lockstep),
	.text = "keep one virtual time for all commands, which have -T, too"},
    {0},
};

static char *
copy(const char *s, size_t n)
{
	char *t = strndup(s, n);

	if (t == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	return t;
}

/* port_named - of n bytes at s; -1: there is none */
static int
port_named(const struct options *o, const char *s, size_t n)
{
	unsigned i;

	for (i = 0; i < o->ports; i++)
		if (strlen(o->port[i].name) == n &&
		    strncmp(o->port[i].name, s, n) == 0)
			return (int)i;
	return -1;
}

static void
set_vlan(struct bridge_port *p, const char *word, const char *whole)
{
	uint64_t vid;

	if (parse_num(word, 1, VLANS - 2, &vid) != 0)
		die_usage("%s: not a port: give VLAN:COMMAND with a VLAN from "
			  "1 to 4094, or trunk:COMMAND",
		    whole);
	if (p->trunk)
		p->has[vid / 8] |= (uint8_t)(1 << vid % 8);
	else
		p->vid = (uint16_t)vid;
}

/* read_where - "10", "trunk" or "trunk,10,20" */
static void
read_where(struct bridge_port *p, char *text, const char *whole)
{
	char *word = strtok(text, ",");

	p->trunk = word != NULL && strcmp(word, "trunk") == 0;
	if (!p->trunk) {
		set_vlan(p, word != NULL ? word : "", whole);
		if (strtok(NULL, ",") != NULL)
			die_usage("%s: an access port has one VLAN: give "
				  "trunk,VLAN,...:COMMAND for more",
			    whole);
		return;
	}
	word = strtok(NULL, ",");
	if (word == NULL)
		memset(p->has, 0xff, sizeof(p->has));
	for (; word != NULL; word = strtok(NULL, ","))
		set_vlan(p, word, whole);
}

static void
read_port(struct options *o, const char *text)
{
	size_t head = strcspn(text, ":"); /* bytes before the colon */
	const char *equals;
	struct port_words *p = &o->port[o->ports];
	char number[12];
	char *where;

	if (o->ports == PORTS_MAX)
		die_usage("%s: more than %d ports", text, PORTS_MAX);
	if (text[head] == '\0' || text[head + 1] == '\0')
		die_usage("%s: not a port: give VLAN:COMMAND", text);
	equals = memchr(text, '=', head);
	snprintf(number, sizeof(number), "%u", o->ports + 1);
	p->name = equals == NULL ? copy(number, strlen(number))
				 : copy(text, (size_t)(equals - text));
	if (p->name[0] == '\0' || port_named(o, p->name, strlen(p->name)) >= 0)
		die_usage("%s: a port needs a name of its own", text);
	p->command = text + head + 1;
	where = equals != NULL
		    ? copy(equals + 1, head - (size_t)(equals - text) - 1)
		    : copy(text, head);
	read_where(&p->vlan, where, text);
	free(where);
	if (strcmp(p->command, "-") == 0) {
		if (o->own >= 0)
			die_usage(
			    "%s: one port can have the standard streams", text);
		o->own = (int)o->ports;
	}
	o->ports++;
}

/* port_of - that of "PORT:WORDS"; *words is behind the colon */
static struct port_words *
port_of(
    struct options *o, const char *option, const char *text, const char **words)
{
	const char *colon = strchr(text, ':');
	int i = colon == NULL ? -1
			      : port_named(o, text, (size_t)(colon - text));

	if (i < 0)
		die_usage("%s %s: not PORT:WORDS with the name or number of a "
			  "port",
		    option, text);
	if (i == o->own)
		die_usage("%s %s: the port of the standard streams: put impair "
			  "before or behind the switch",
		    option, text);
	*words = colon + 1;
	return &o->port[i];
}

/* set_again - --restart: the port is one whose command can be started */
static void
set_again(struct options *o, const char *text)
{
	int i = port_named(o, text, strlen(text));

	if (i < 0)
		die_usage("--restart %s: no such port", text);
	if (i == o->own || i == o->until)
		die_usage("--restart %s: the switch ends with this port", text);
	if (o->lockstep)
		die_usage("--restart %s: not with -T: commands end at no "
			  "virtual time",
		    text);
	o->port[i].again = true;
}

static void
set_types(struct options *o, const char *text)
{
	const char *words;
	struct port_words *p = port_of(o, "--types", text, &words);

	p->types = frame_types(words);
	if (p->types == 0)
		die_usage(
		    "--types %s: not words of tcp, udp, icmp, arp, other, "
		    "error joined by commas",
		    text);
}

/* resolve - what names a port, now that all are known */
static void
resolve(struct options *o)
{
	struct port_words *p;
	const char *words;
	unsigned i;

	for (i = 0; i < o->ins; i++) {
		p = port_of(o, "--in", o->in[i], &words);
		p->in = words;
	}
	for (i = 0; i < o->outs; i++) {
		p = port_of(o, "--out", o->out[i], &words);
		p->out = words;
	}
	for (i = 0; i < o->pcaps; i++) {
		const char *f = o->pcap[i].file, *colon = strchr(f, ':');

		o->pcap[i].port = colon == NULL
				      ? -1
				      : port_named(o, f, (size_t)(colon - f));
		if (o->pcap[i].port >= 0)
			o->pcap[i].file = colon + 1;
	}
	if (o->last != NULL) {
		o->until = port_named(o, o->last, strlen(o->last));
		if (o->until < 0)
			die_usage("--until %s: no such port", o->last);
	}
	for (i = 0; i < o->agains; i++)
		set_again(o, o->again[i]);
	for (i = 0; i < o->kinds; i++)
		set_types(o, o->types[i]);
}

/* check_direct - what comes out does not come by, and there is one reader */
static void
check_direct(const struct options *o)
{
	if (!o->direct)
		return;
	if (!o->isolate || o->own != 0)
		die_usage("--direct: only with --isolate, and - as the first "
			  "port");
	if (o->pcaps > 0 || o->lockstep || o->until >= 0 || o->agains > 0)
		die_usage("--direct: not with --pcap, --restart, --until or "
			  "-T, for which the switch reads what commands write");
}

/* check_together - the switch ends with the first command that does */
static void
check_together(const struct options *o)
{
	if (o->together && (o->until >= 0 || o->agains > 0))
		die_usage("--together: not with --until or --restart, which "
			  "go on when a command has ended");
}

void
options_read(struct options *o, int argc, char **argv)
{
	static const char *const usage[] = {"[options] [name=]vlan:command ...",
	    "[options] [name=]trunk[,vlan...]:command ...", NULL};
	const struct opt_program program = {
	    .usage = usage,
	    .about =
		"Be an Ethernet switch between the standard streams of "
		"commands.\n"
		"\n"
		"  pipe-switch 10:'tcpfsm -f resp.txt' 10:'rawcap -r a.pcap'\n"
		"\n"
		"The command - stands for the switch's own stdin and stdout.\n",
	    .first_word_ends = true,
	    .table = {{table, o}},
	};
	int i;

	o->own = o->until = -1;
	i = opt_parse(&program, argc, argv);
	if (i == argc)
		die_usage("missing ports: give VLAN:COMMAND for each");
	for (; i < argc; i++)
		read_port(o, argv[i]);
	resolve(o);
	check_direct(o);
	check_together(o);
	if (o->lockstep && o->own >= 0 && !stage_lockstep())
		die_usage("-T: the port of the standard streams: only as the "
			  "command of a switch that keeps the time");
}
