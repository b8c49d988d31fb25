/*
 * script.c - the lines of a script, one after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"
#include "script/lines.h"

struct script {
	struct run *run;
	bool batch;
};

/* play_batch - "batch {" and "}": frames in between arrive at once */
static bool
play_batch(struct script *s, bool open)
{
	if (s->batch == open)
		return fail(s->run, "batch: %s", open ? "again" : "not open");
	s->batch = open;
	return open || run_flush(s->run);
}

/* play_event - a line that begins with a time */
static bool
play_event(struct script *s, const char *text)
{
	const char *p = text, *why;
	struct seg_text seg;
	struct when w;

	if (when_parse(&p, &w) != 0)
		return fail(s->run, "neither a time nor a command: %s", text);
	p += strspn(p, " \t");
	if (*p != '<' && *p != '>') {
		if (strncmp(p, "raw ", 4) == 0)
			return run_raw(s->run, &w, p + 4);
		return run_command(s->run, &w, p);
	}
	if (strncmp(p, "< icmp ", 7) == 0)
		return run_icmp(s->run, &w, p + 7, !s->batch);
	if (strncmp(p, "< piece ", 8) == 0)
		return run_piece(s->run, &w, p + 8, !s->batch);
	if (seg_parse(p + 1 + strspn(p + 1, " \t"), &seg, &why, NULL) != 0)
		return fail(s->run, "cannot read %s in: %s", why, text);
	if (*p == '<')
		return run_inject(s->run, &w, &seg, !s->batch);
	return run_expect(s->run, &w, &seg, text);
}

static bool
play_line(struct script *s, const char *text)
{
	char a[64] = "", b[64] = "";
	int n = 0;

	if (strcmp(text, "batch {") == 0 || strcmp(text, "}") == 0)
		return play_batch(s, *text == 'b');
	if (sscanf(text, "set %63s %63s", a, b) == 2)
		return run_set(s->run, a, b);
	if (sscanf(text, "on %63s app %n", a, &n) == 1 && n > 0)
		return run_on(s->run, a, text + n);
	return play_event(s, text);
}

bool
play(const char *path, bool verbose)
{
	struct script s = {.run = run_new(verbose)};
	struct lines l = {0};
	unsigned i;
	bool ok = true;

	if (!lines_load(&l, path))
		ok = fail(s.run, "%s", l.error);
	for (i = 0; ok && i < l.n; i++)
		ok = play_line(&s, l.line[i].text);
	ok = ok && run_finish(s.run);
	if (!ok)
		printf("# %s:%d\n#   %s\n", i > 0 ? l.line[i - 1].file : path,
		    i > 0 ? l.line[i - 1].number : 0, run_error(s.run));
	lines_free(&l);
	run_free(s.run);
	return ok;
}
