/*
 * ladder - draw the connections of a packet stream or capture as people draw
 * TCP on a board: two lifelines, and an arrow for each segment.
 */
#include <errno.h>
#include <string.h>

#include "base/die.h"
#include "capture/capfiles.h"
#include "capture/story.h"
#include "ladder.h"

static int
draw(struct ladder *l)
{
	if (!choice_any(
		&l->choice, &l->conns, l->list ? choice_has : choice_shows))
		return EXIT_NO;
	if (l->list && list_print(l) != 0)
		die(EXIT_NO, "list connections: %s", strerror(errno));
	if (!l->list)
		(l->svg ? svg_draw : text_draw)(l);
	return EXIT_DONE;
}

int
main(int argc, char **argv)
{
	struct capfiles look = {.files = 0};
	struct ladder l = {.svg = false};
	int i, status, drawn = EXIT_DONE;

	die_start(argv);
	i = options_read(&l, &look, argc, argv);
	capfiles_open(&look, argc - i, argv + i);
	status = capfiles_read(&look);
	if (look.segs.n > 0)
		l.choice.first_at = look.segs.s[0].time;
	if (conns_make(&l.conns, &look.segs) != 0)
		die(EXIT_NO, "keep connections: %s", strerror(errno));
	if (look.log != NULL)
		story_read(&l.conns, look.log, NULL, NULL);
	if (l.conns.n > 0)
		drawn = draw(&l);
	if (status == 0)
		status = drawn;
	status = die_flush(status);
	conns_free(&l.conns);
	capfiles_close(&look);
	return status;
}
