/*
 * port.c - see port.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"

#include "port.h"

enum {
	LARGE_PIPES = 16, /* ports: more would use up the user's share */
	HELD_MAX = 64 << 20,
};

/* put_quoted - 'words' for sh, at the end of text */
static char *
put_quoted(char *at, const char *words)
{
	*at++ = '\'';
	for (; *words != '\0'; words++)
		if (*words == '\'')
			at += sprintf(at, "'\\''");
		else
			*at++ = *words;
	*at++ = '\'';
	return at;
}

/* impaired - the command between two impairs, for sh */
static char *
impaired(const struct port_words *w, const struct options *o, unsigned port)
{
	char impair[64];
	size_t n = strlen(w->command) + 2 * sizeof(impair) + 16;
	char *text, *at;

	if (o->lockstep)
		snprintf(impair, sizeof(impair), "impair -q -T -S %llu -- ",
		    (unsigned long long)o->seed + port);
	else
		snprintf(impair, sizeof(impair), "impair -q -- ");
	n += 4 * (w->in != NULL ? strlen(w->in) : 0);
	n += 4 * (w->out != NULL ? strlen(w->out) : 0);
	at = text = malloc(n);
	if (text == NULL)
		die(EXIT_NO, "start: %s", strerror(ENOMEM));
	if (w->in != NULL) {
		at += sprintf(at, "%s", impair);
		at = put_quoted(at, w->in);
		at += sprintf(at, "|");
	}
	at += sprintf(at, "{ %s\n}", w->command);
	if (w->out != NULL) {
		at += sprintf(at, "|%s", impair);
		at = put_quoted(at, w->out);
		*at = '\0';
	}
	return text;
}

int
port_command(struct child *c, const struct child_group *g,
    const struct options *o, unsigned i, const char *argv0)
{
	const struct port_words *w = &o->port[i];
	char *text = NULL;
	int r;

	if (w->in != NULL || w->out != NULL)
		text = impaired(w, o, i);
	r = child_shell(c, g, text != NULL ? text : w->command, argv0);
	free(text);
	if (r == 0 && o->ports <= LARGE_PIPES) {
		stream_pipe_size(c->in);
		stream_pipe_size(c->out);
	}
	return r;
}

void
port_start(struct port *p, const struct child_group *g, const struct options *o,
    unsigned i, const char *argv0)
{
	p->words = &o->port[i];
	p->again = p->words->again;
	p->open = true;
	if (stream_in_init(&p->in) != 0 ||
	    stream_out_init(&p->out, (size_t)o->queue) != 0)
		die(EXIT_NO, "start: out of memory");
	p->own = (int)i == o->own;
	if (p->own) {
		p->child = (struct child){
		    .in = STDIN_FILENO, .out = STDOUT_FILENO};
		p->file = stream_to_file(STDOUT_FILENO);
		if (g->out > 0) /* it has the header already */
			stream_out_forget(&p->out);
		if (o->ports <= LARGE_PIPES) {
			stream_pipe_size(p->child.in);
			stream_pipe_size(p->child.out);
		}
	} else if (port_command(&p->child, g, o, i, argv0) != 0) {
		die(EXIT_NO, "start %s: %s", p->words->command,
		    strerror(errno));
	} else {
		p->open = p->child.in >= 0;
	}
	stream_copies(p->child.in);
}

void
port_again(struct port *p, const struct child *c)
{
	uint64_t count = p->out.count, dropped = p->out.dropped;
	size_t cap = p->out.cap;

	p->child = *c;
	stream_copies(c->in);
	p->open = true;
	p->full = p->stalled = false;
	p->in.start = p->in.end = 0;
	p->in.header = false;
	stream_out_free(&p->out);
	if (stream_out_init(&p->out, cap) != 0)
		die(EXIT_NO, "go on: out of memory");
	p->out.count = count;
	p->out.dropped = dropped;
}

void
port_close_out(struct port *p)
{
	if (p->child.out >= 0) {
		close(p->child.out);
		p->pipes++;
	}
	p->child.out = -1;
	stream_out_forget(&p->out);
}

void
port_close_in(struct port *p)
{
	p->open = false;
	if (p->child.in >= 0)
		close(p->child.in);
	p->child.in = -1;
}

bool
port_busy(const struct port *p)
{
	return p->child.out >= 0 &&
	       stream_out_waiting(&p->out) > p->out.cap / 2;
}

int
port_write(struct port *p)
{
	int r;

	if (p->child.out < 0)
		return 0;
	errno = p->failed;
	if (p->failed != 0)
		return -1;
	if (p->full || stream_out_waiting(&p->out) == 0)
		return 0;
	do /* a file that took a part says why, the next time */
		r = stream_out_write(&p->out, p->child.out);
	while (r == 0 && p->file);
	if (r < 0 && p->file) {
		p->failed = errno;
		stream_out_cut(&p->out, p->child.out);
	}
	if (r < 0)
		return -1;
	p->full = r == 0;
	if (!port_busy(p))
		p->stalled = false;
	return 0;
}

bool
port_hold(struct port *p, const uint8_t *frame, uint32_t n)
{
	size_t need = p->nheld + sizeof(n) + n;
	uint8_t *more;

	if (need > p->cap) {
		more = need <= HELD_MAX ? realloc(p->held, 2 * need) : NULL;
		if (more == NULL)
			return false;
		p->held = more;
		p->cap = 2 * need;
	}
	memcpy(p->held + p->nheld, &n, sizeof(n));
	memcpy(p->held + p->nheld + sizeof(n), frame, n);
	p->nheld = need;
	return true;
}
