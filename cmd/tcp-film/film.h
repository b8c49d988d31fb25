/*
 * film.h - captures as a film in HTML: data.c writes what was captured, json.c
 * makes it harmless, page.c puts it into the page that is made of film.css and
 * the scripts.
 */
#ifndef TCP_FILM_FILM_H
#define TCP_FILM_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/analysis.h"
#include "capture/choose.h"
#include "log/eventline.h"

/* lines of the log about one connection, as JSON */
struct film_log {
	char *text;
	size_t n, room;
	uint32_t lines;
};

struct film {
	struct conns conns;
	struct choice choice;
	const char *title;
	bool logged;	      /* there is a log */
	struct film_log *log; /* one for each connection; NULL without log */
};

/* data.c: all that the page's scripts read, as JSON on stdout */
void film_data(const struct film *);

/* lines.c: one line of the log more, of a connection; ends without memory */
void film_line(struct film *, const struct conn *, enum conn_side mine,
    const struct event_line *);

/* json.c: text as JSON that is inert wherever in HTML it stands */
enum {
	JSON_VALUE = 160,		   /* bytes of text that are kept */
	JSON_TEXT = 6 * JSON_VALUE + 3 + 3 /* and what json_text() makes */
};
/*
 * json_text - at most JSON_VALUE bytes with quotes around; utf8: bytes beyond
 * ASCII stay, else they become a percent sign and two digits. Returns buf.
 */
const char *json_text(const char *, bool utf8, char buf[JSON_TEXT]);

/* page.c: the page, with film_data() in it, on stdout */
void film_page(const struct film *);

/* pages.c, made by embed: lines, ended by NULL, and their hashes for CSP */
extern const char *const film_html[], *const film_css[], *const film_js[];
extern const char film_css_hash[], film_js_hash[];

#endif
