/*
 * page.c - the page: film.html, in which a line of one word in at signs stands
 * for what belongs there. Content Security Policy lets run only the one style
 * and the one script that are known by their hashes; nothing can be fetched.
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
put_policy(void)
{
	printf("<meta http-equiv=\"Content-Security-Policy\" content=\""
	       "default-src 'none'; style-src 'sha256-%s'; "
	       "script-src 'sha256-%s'; img-src data:; base-uri 'none'; "
	       "form-action 'none'\">\n",
	    film_css_hash, film_js_hash);
}

void
film_page(const struct film *f)
{
	const char *const *line;

	for (line = film_html; *line != NULL; line++) {
		if (strcmp(*line, "@POLICY@\n") == 0) {
			put_policy();
		} else if (strcmp(*line, "@STYLE@\n") == 0) {
			printf("<style>");
			put_lines(film_css);
			printf("</style>\n");
		} else if (strcmp(*line, "@DATA@\n") == 0) {
			printf("<script type=\"application/json\" id=\"data\">"
			       "\n");
			film_data(f);
			printf("</script>\n");
		} else if (strcmp(*line, "@SCRIPT@\n") == 0) {
			printf("<script>");
			put_lines(film_js);
			printf("</script>\n");
		} else {
			fputs(*line, stdout);
		}
	}
}
