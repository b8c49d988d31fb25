/*
 * script.c - the lines of a script, one after the other.
 */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkt.h"

enum { LINE = 1000, DEEP = 3 };

struct script {
	struct run *run;
	const char *path;
	int line;
	bool batch;
};

static bool play_file(struct script *, const char *path, int depth);

/* chomp - without comment and white space at its ends; the # of data#1 begins
   no comment */
static char *
chomp(char *s)
{
	char *hash = strchr(s, '#');
	size_t n;

	while (hash != NULL && hash > s && strchr(" \t", hash[-1]) == NULL)
		hash = strchr(hash + 1, '#');
	if (hash != NULL)
		*hash = '\0';
	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
		s[--n] = '\0';
	return s;
}

static bool
play_include(struct script *s, const char *name, int depth)
{
	char dir[LINE], path[2 * LINE];

	snprintf(dir, sizeof(dir), "%s", s->path);
	snprintf(path, sizeof(path), "%s/%s", dirname(dir), name);
	return play_file(s, path, depth + 1);
}

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
	struct segment seg;
	struct when w;

	if (parse_when(&p, &w) != 0)
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
	if (parse_segment(p + 1 + strspn(p + 1, " \t"), &seg, &why) != 0)
		return fail(s->run, "cannot read %s in: %s", why, text);
	if (*p == '<')
		return run_inject(s->run, &w, &seg, !s->batch);
	return run_expect(s->run, &w, &seg, text);
}

static bool
play_line(struct script *s, char *text, int depth)
{
	char a[64] = "", b[64] = "";
	int n = 0;

	if (*text == '\0')
		return true;
	if (strncmp(text, "include ", 8) == 0)
		return play_include(s, text + 8, depth);
	if (strcmp(text, "batch {") == 0 || strcmp(text, "}") == 0)
		return play_batch(s, *text == 'b');
	if (sscanf(text, "set %63s %63s", a, b) == 2)
		return run_set(s->run, a, b);
	if (sscanf(text, "on %63s app %n", a, &n) == 1 && n > 0)
		return run_on(s->run, a, text + n);
	return play_event(s, text);
}

static bool
play_file(struct script *s, const char *path, int depth)
{
	char buf[LINE];
	FILE *f;
	bool ok = true;
	int line = 0;

	f = depth < DEEP ? fopen(path, "r") : NULL;
	if (f == NULL)
		return fail(s->run, "cannot open %s", path);
	while (ok && fgets(buf, sizeof(buf), f) != NULL) {
		line++;
		ok = play_line(s, chomp(buf), depth);
	}
	fclose(f);
	if (depth == 0)
		s->line = line;
	return ok;
}

bool
play(const char *path, bool verbose)
{
	struct script s = {.path = path, .run = run_new(verbose)};
	bool ok = play_file(&s, path, 0) && run_finish(s.run);

	if (!ok)
		printf("# %s:%d\n#   %s\n", path, s.line, run_error(s.run));
	run_free(s.run);
	return ok;
}
