/*
 * film.h - captures as a film in HTML: data.c writes what was captured, json.c
 * makes it harmless, page.c puts it into the page that is made of film.css and
 * the scripts. While the packets come, live.c writes what changes into a file,
 * the feed; visit.c serves page and feed to one browser.
 */
#ifndef TCP_FILM_FILM_H
#define TCP_FILM_FILM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
	const char *live, *visit; /* the feed, to be written or to be shown */
	struct film_log *log; /* one for each connection; NULL without log */
};

/* a connection as JSON: the members of its head, and the entries of lists,
   a line each */
enum film_part { FILM_HEAD, FILM_ROWS, FILM_MORE, FILM_LOG, FILM_PARTS };
struct film_text {
	char *part[FILM_PARTS];
	size_t n[FILM_PARTS];
};

/* tcp-film.c: the log's lines, for the connections; all is freed */
void film_log(struct film *, FILE *);
void film_free(struct film *);

/* data.c: one connection; ends without memory */
void film_text(const struct film *, const struct conn *, struct film_text *);
void film_text_free(struct film_text *);
/* film_shows - it is one of the chosen; *n counts them */
bool film_shows(const struct film *, const struct conn *, uint32_t *n);
/* film_data - all that the page's scripts read, as JSON on stdout; live: what
   comes later is in the feed */
void film_data(const struct film *, bool live);

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
void film_page(const struct film *, bool live);

/* live.c: packets of stdin become the feed, a file of this name, until they
   end; the exit status. visit.c: one HTTP request on stdin, its answer on
   stdout */
struct capfiles;
int film_live(struct film *, struct capfiles *, const char *feed);
int film_visit(struct film *, const char *feed);

/* the feed's first line: what follows is another film if it has changed */
#define FEED_NAME "tcp-film "
enum { FEED_HEAD = sizeof(FEED_NAME) - 1 + 16 + 1 };

/* pages.c, made by embed: lines, ended by NULL, and their hashes for CSP */
extern const char *const film_html[], *const film_css[], *const film_js[],
							     *const live_js[];
extern const char film_css_hash[], film_js_hash[], live_js_hash[];

#endif
