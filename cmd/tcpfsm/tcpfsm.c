/*
 * tcpfsm - TCP as a filter: packet stream in, packet stream out. Every
 * connection to a phantom gets the bytes of a file, or a command of its own;
 * or a phantom connects.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/chance.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/hangup.h"
#include "capture/capin.h"
#include "base/syscalls.h"
#include "command/command.h"
#include "command/room.h"
#include "command/spawn.h"
#include "hosts/hosts.h"
#include "keys.h"
#include "linux/opener.h"
#include "linux/sandbox.h"
#include "log.h"
#include "net/net.h"
#include "net/said.h"
#include "options.h"
#include "pipe/loop.h"
#include "pipe/uncut.h"
#include "quirk.h"
#include "replay/capture.h"
#include "tcp/quirk/quirk.h"
#include "wire/ether.h"
#include "wire/ip.h"

static int
open_out(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);

	if (fd < 0)
		die(EXIT_WRONG, "open %s: %s", path, strerror(errno));
	return fd;
}

/* response_path - the pattern with a connection's number in it, from 1 */
static void
response_path(char *buf, size_t cap, const char *pattern, uint32_t no)
{
	const char *at = strstr(pattern, "%d");
	int n;

	if (at == NULL)
		n = snprintf(buf, cap, "%s", pattern);
	else
		n = snprintf(buf, cap, "%.*s%u%s", (int)(at - pattern), pattern,
		    no + 1, at + 2);
	if (n < 0 || (size_t)n >= cap)
		die(EXIT_WRONG, "open %s: the name is too long", pattern);
}

/*
 * open_responses - all of them now, as nothing can be opened later. What is
 * a pipe must not make TCP wait; in a run that is to be repeated it may.
 */
static const int *
open_responses(const struct options *o)
{
	bool wait = o->recording != NULL || o->run.packet_time;
	int *fd = calloc(o->count, sizeof(*fd));
	char path[PATH_MAX];
	struct stat sb;
	uint32_t i;

	if (fd == NULL)
		die(EXIT_NO, "start: out of memory");
	for (i = 0; i < o->count; i++) {
		response_path(path, sizeof(path), o->output, i);
		fd[i] = open_out(path, O_TRUNC);
		if (!wait && fstat(fd[i], &sb) == 0 &&
		    (S_ISFIFO(sb.st_mode) || S_ISSOCK(sb.st_mode)))
			fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	return fd;
}

/* open_replay - the capture; it is read when we are locked in */
static struct replay *
open_replay(struct options *o)
{
	struct replay_config *c = &o->replay;
	struct replay *r;

	c->in = calloc(1, sizeof(*c->in));
	if (c->in == NULL)
		die(EXIT_NO, "start: out of memory");
	capin_open(c->in, c->name);
	c->serve = &o->serve;
	c->log = &o->run.log;
	c->tell = o->run.level >= LOG_EVENTS;
	c->addr = o->run.cfg.addr;
	c->mac = o->run.cfg.mac;
	c->seed = o->run.cfg.seed;
	c->emit = upcall_emit;
	c->run = &o->run;
	r = replay_new(c);
	if (r == NULL)
		die(EXIT_NO, "start: out of memory");
	o->run.want_data = true;
	return r;
}

/* cannot_open - a file of the command line; memory that is short is not the
   user's mistake */
static _Noreturn void
cannot_open(const char *path)
{
	die(errno == ENOMEM ? EXIT_NO : EXIT_WRONG, "open %s: %s", path,
	    strerror(errno));
}

static void
open_server(struct options *o)
{
	struct serve *s = &o->serve;

	s->out = o->output != NULL ? open_out(o->output, O_APPEND) : -1;
	s->md5 = o->md5;
	if (o->replay.name != NULL) {
		o->run.app = &replay_app;
		o->run.app_ctx = o->conversation = open_replay(o);
		return;
	}
	if (source_open(&s->file, o->file) != 0)
		cannot_open(o->file);
	o->run.want_data = s->out >= 0 || s->md5;
	o->run.app = &serve_app;
	o->run.app_ctx = s;
}

static void
get_key(uint64_t key[2])
{
	if (chance_from_kernel(&key[0]) != 0 ||
	    chance_from_kernel(&key[1]) != 0)
		die(EXIT_WRONG, "get a secret: %s", strerror(errno));
}

/* open_commands - of these n, and of those that come at `more` (-1: none do);
   a net's connections have one each of them */
static struct command *
open_commands(struct options *o, const char *const *command, uint32_t n,
    struct net *net, int more)
{
	uint32_t max = o->commands > 0 ? o->commands : COMMAND_MAX;
	const struct spawn_config spawn = {.command = command,
	    .n = n,
	    .max = max,
	    .more = more,
	    .user = o->user,
	    .guard = o->guard};
	bool log = o->run.level >= LOG_CLOSES;
	struct command_config cf = {.max = max,
	    .md5 = o->md5,
	    .idle = o->have_idle ? o->idle : COMMAND_IDLE,
	    .log = log ? &o->run.log : NULL};
	struct command *c;

	get_key(cf.key);
	cf.sock = spawn_begin(&spawn);
	if (net != NULL) {
		cf.which = net_which;
		cf.which_ctx = net;
	}
	o->files = max * 2; /* come from the spawner, two for each command */
	room_for(o->files);
	/* behind the spawner: no command has the file */
	if (o->output != NULL) {
		o->serve.out = open_out(o->output, O_APPEND);
		cf.keep = &o->serve;
	}
	c = command_new(&cf);
	if (c == NULL)
		die(EXIT_NO, "start: out of memory");
	o->run.want_data = true;
	o->run.watch_max = command_watch_max(c);
	return c;
}

static void
open_command(struct options *o)
{
	o->run.app_ctx = open_commands(o, &o->command, 1, NULL, -1);
	o->run.app = &command_app;
}

/* reading - the file, and what is made of it */
static struct again_config
reading(const struct options *o)
{
	return (struct again_config){.path = o->hosts,
	    .proto = PROTO_TCP,
	    .commands = true,
	    .use = {.quirk = quirk_wrong, .faces = true, .os_db = o->os_db}};
}

/* open_reader - start the process that reads the file again; a run that is to
   be repeated goes on as it began */
static void
open_reader(struct options *o)
{
	const struct again_config cf = reading(o);

	if (o->recording != NULL || o->run.packet_time) {
		o->again.sock = -1;
		return;
	}
	again_start(&o->again, &cf, o->net);
	hangup_catch();
}

/* open_net - the file, and all that it names */
static void
open_net(struct options *o)
{
	struct net_config cf = {.hosts = o->net, .like = o->serve};
	const char *const *name;
	struct net *net;
	const char *bad;
	uint32_t i, n;

	name = hosts_quirks(o->net, &n);
	for (i = 0; i < n; i++)
		quirk_option(&o->run.cfg, name[i]);
	cf.like.out = -1;
	cf.like.md5 = o->md5;
	open_reader(o);
	cf.again = &o->again;
	cf.log = o->run.level >= LOG_CLOSES ? &o->run.log : NULL;
	get_key(cf.key);
	if (o->said != NULL)
		cf.said = said_open(o->said, cf.key, SAID_ALL);
	net = net_new(&cf, &bad);
	if (net == NULL)
		die(bad != NULL ? EXIT_WRONG : EXIT_NO, "open %s: %s",
		    bad != NULL ? bad : o->hosts, strerror(errno));
	name = hosts_commands(o->net, &n);
	net_commands(net, open_commands(o, name, n, net, o->again.told));
	if (o->again.told >= 0)
		close(o->again.told);
	o->places = net_places;
	o->places.ctx = net;
	o->run.cfg.places = &o->places;
	o->run.app = &net_app;
	o->run.app_ctx = net;
	o->run.watch_max = net_watch_max(net);
	o->run.soon = net_soon;
}

/* open_client - our address; only packets for it are looked at */
static void
open_client(struct options *o)
{
	struct tcp_config *cfg = &o->run.cfg;
	struct client_config *c = &o->call;
	struct client *client;

	if (o->file != NULL && source_open(&o->request, o->file) != 0)
		cannot_open(o->file);
	if (o->cookies != NULL && cookies_open(&o->jar, o->cookies) != 0)
		die(EXIT_WRONG, "open %s: %s", o->cookies, strerror(errno));
	if (cfg->mac == NULL)
		mac_of_phantom(&o->local, &o->mac);
	cfg->mac = &o->mac;
	cfg->addr = &o->local;
	cfg->no_listen = cfg->quiet = true;
	c->laddr = &o->local;
	c->raddr = &o->remote;
	c->mac = &o->mac;
	c->next = &o->next;
	c->request = &o->request;
	c->md5 = o->md5;
	c->fastopen = cfg->fastopen;
	if (o->cookies != NULL)
		c->cookies = &o->jar;
	c->count = o->count;
	c->parallel = o->parallel;
	c->out = o->output != NULL ? open_responses(o) : NULL;
	c->seed = cfg->seed;
	c->patience = cfg->user_timeout;
	c->linger = 2 * cfg->msl;
	c->quiet = o->run.level <= LOG_NOTHING;
	c->all = o->replay.all;
	c->pauses = o->replay.pauses;
	if (o->replay.name != NULL)
		c->replay = o->conversation = open_replay(o);
	client = client_new(c);
	if (client == NULL)
		die(EXIT_NO, "start: out of memory");
	o->run.want_data = c->out != NULL || c->md5 || c->replay != NULL;
	o->run.app = &client_app;
	o->run.app_ctx = client;
	o->run.watch_max = client_watch_max(client);
}

/*
 * draw_seed - the log shows a seed that was given, or with which a recording
 * is to be repeated. All keys follow from such a seed; else they follow from
 * none.
 */
static void
draw_seed(struct options *o)
{
	struct tcp_config *c = &o->run.cfg;

	o->run.tell_seed = o->have_seed || o->recording != NULL;
	c->has_secrets = !o->run.tell_seed;
	if (o->keys != NULL) {
		c->shared = c->has_secrets = true;
		keys_read(c->secrets, o->keys);
	}
	if ((!o->have_seed && chance_from_kernel(&c->seed) != 0) ||
	    (c->has_secrets && !c->shared &&
		chance_bytes(c->secrets, sizeof(c->secrets)) != 0))
		die(EXIT_WRONG, "get a seed: %s: give -S", strerror(errno));
}

/* load_hosts - a wrong line is the user's mistake, as a wrong option is */
static void
load_hosts(struct options *o)
{
	const struct again_config cf = reading(o);

	if (o->hosts != NULL)
		o->net = again_load(&o->again, &cf, o->table);
}

/* acquire - everything that takes a right: files first, then none is left */
static void
acquire(struct options *o)
{
	struct run *r = &o->run;

	draw_seed(o);
	if (o->client)
		open_client(o);
	else if (o->net != NULL)
		open_net(o);
	else if (o->command != NULL)
		open_command(o);
	else
		open_server(o);
	r->record_name = o->recording;
	if (o->recording != NULL)
		r->record_fd = open_out(o->recording, O_TRUNC);
	event_open(&r->log, o->log, o->json);
	if (r->tell_seed)
		event_seed(&r->log, r->cfg.seed);
	if (o->log != NULL)
		event_reopen(
		    &r->log, opener_start(o->log, EVENT_LOG_FLAGS), opener_ask);
	stage_pipes();
	r->offer = !r->lend && stream_can_lend(STDOUT_FILENO);
	/* a run that is repeated gives the same bytes, whoever reads them */
	if (!r->packet_time && r->record_fd < 0) {
		r->uncut = uncut_vouch(STDOUT_FILENO);
		r->unsummed = stream_unsummed(STDIN_FILENO);
	}
	if (run_init(r) != 0)
		die(EXIT_NO, "start: %s", strerror(errno));
}

static void
enter_sandbox(struct options *o)
{
	unsigned uses = SANDBOX_LIBC | SANDBOX_HELD;
	struct sandbox_rights got;

	if (o->files > 0)
		uses |= SANDBOX_COMMANDS;
	if (o->conversation != NULL)
		uses |= SANDBOX_SORT;
	if (o->log != NULL || o->net != NULL)
		uses |= SANDBOX_REOPEN;
	if (o->net != NULL)
		uses |= SANDBOX_MAP;
	if (o->run.lend || o->run.offer)
		uses |= SANDBOX_GIFT;
	if (o->run.spin > 0)
		uses |= SANDBOX_SPIN;
	loop_spin(o->run.spin);
	if (sandbox_enter(o->files + (o->log != NULL) + 2 * (o->net != NULL),
		uses, &got) != 0)
		die(EXIT_WRONG, "give up rights: %s", strerror(errno));
	o->run.rights = sandbox_text(&got, o->rights);
}

int
main(int argc, char **argv)
{
	static struct options o;
	int status = EXIT_DONE;

	die_start(argv);
	tcp_defaults(&o.run.cfg);
	o.run.cfg.like_linux = true;
	o.serve.silence = 200 * NS_PER_MS;
	o.run.record_fd = -1;
	o.replay.stream = CAPTURE_ANY;
	options_parse(&o, argc, argv);
	event_args(o.args, argc, argv);
	o.run.start = o.args;
	stage_refuse_tty();
	load_hosts(&o);
	acquire(&o);
	stage_batch(); /* commands of -e are not concerned: they are begun */
	enter_sandbox(&o);
	/* a signal still ends it: the capture may be a pipe */
	if (o.conversation != NULL)
		status = replay_read(o.conversation);
	if (status != EXIT_DONE)
		return status;
	stage_signals();
	return run_loop(&o.run);
}
