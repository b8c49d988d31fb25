/*
 * page.c - the page: film.html, in which a line of one word in at signs stands
 * for what belongs there. Content Security Policy lets run only the style and
 * the script that are known by their hashes; nothing can be fetched. The live
 * one has a second script, which may ask the host that it came from.
 */
#include <stdio.h>
#include <string.h>

#include "film.h"

static void
put_lines(const char *const *line)
{
	for (; *line != NULL; line++)
		fputs(*line, stdout);
}

static void
put_policy(bool live)
{
	printf("<meta http-equiv=\"Content-Security-Policy\" content=\""
	       "default-src 'none'; style-src 'sha256-%s'; "
	       "script-src 'sha256-%s'",
	    film_css_hash, film_js_hash);
	if (live)
		printf(" 'sha256-%s'; connect-src 'self'", live_js_hash);
	printf("; img-src data:; base-uri 'none'; form-action 'none'\">\n");
}

static void
put_script(const char *const *line)
{
	printf("<script>");
	put_lines(line);
	printf("</script>\n");
}

void
film_page(const struct film *f, bool live)
{
	const char *const *line;

	for (line = film_html; *line != NULL; line++) {
		if (strcmp(*line, "@POLICY@\n") == 0) {
			put_policy(live);
		} else if (strcmp(*line, "@STYLE@\n") == 0) {
			printf("<style>");
			put_lines(film_css);
			printf("</style>\n");
		} else if (strcmp(*line, "@DATA@\n") == 0) {
			printf("<script type=\"application/json\" id=\"data\">"
			       "\n");
			film_data(f, live);
			printf("</script>\n");
		} else if (strcmp(*line, "@SCRIPT@\n") == 0) {
			put_script(film_js);
			if (live)
				put_script(live_js);
		} else {
			fputs(*line, stdout);
		}
	}
}
