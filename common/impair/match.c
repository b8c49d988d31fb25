/*
 * match.c - words that aim at single packets: an action, a selector, and what
 * may follow in any order; see words.c.
 */
#include <string.h>

#include "impair/impair.h"
#include "wire/parse.h"

enum { NUMBER_TEXT = 32 };

/* ordinals - "#3", "#3-5", "#3-"; nothing: all */
static int
ordinals(const char *s, struct selector *sel)
{
	char text[NUMBER_TEXT], *dash;
	uint64_t v;

	sel->first = 1;
	sel->last = UINT32_MAX;
	if (*s == '\0')
		return 0;
	if (*s++ != '#' || strlen(s) >= sizeof(text))
		return -1;
	memcpy(text, s, strlen(s) + 1);
	dash = strchr(text, '-');
	if (dash != NULL)
		*dash++ = '\0';
	if (parse_num(text, 1, UINT32_MAX, &v) != 0)
		return -1;
	sel->first = (uint32_t)v;
	if (dash == NULL) {
		sel->last = sel->first;
	} else if (*dash != '\0') {
		if (parse_num(dash, sel->first, UINT32_MAX, &v) != 0)
			return -1;
		sel->last = (uint32_t)v;
	}
	return 0;
}

static int
take_selector(
    struct words *w, const char *what, bool timed, struct selector *sel)
{
	const char *s = words_take(w, what,
	    timed ? "a time, such as 20ms," : "a selector, such as data#1,");
	int k;

	if (s == NULL)
		return -1;
	k = kind_read(s, strcspn(s, "#"));
	if (k < 0)
		return words_wrong(w,
		    "%s %s: not a %skind: any, arp, icmp, udp, tcp, syn, "
		    "synack, ack, data, fin or rst",
		    what, s, timed ? "time, as 20ms, nor a " : "");
	sel->kind = (enum kind)k;
	if (ordinals(strchr(s, '#') != NULL ? strchr(s, '#') : "", sel) != 0)
		return words_wrong(w,
		    "%s %s: after # comes a number, counted from 1, or a "
		    "range: 3, 3-5 or 3-",
		    what, s);
	return 0;
}

/* take_end - ADDR, ADDR:PORT or :PORT */
static int
take_end(struct words *w, const char *which, struct selector *sel, int i)
{
	const char *s = words_take(w, which, "an address or port");
	uint64_t port;

	if (s == NULL)
		return -1;
	if (*s == ':' && parse_num(s + 1, 1, 65535, &port) == 0)
		sel->port[i] = (uint16_t)port;
	else if (parse_endpoint(s, &sel->addr[i], &sel->port[i], 1) != 0)
		return words_wrong(w,
		    "%s %s: not an address, address:port or :port", which, s);
	return 0;
}

/* aim_number - a percentage, or a time where one is wanted */
static int
aim_number(struct words *w, const char *what, struct aim *a, bool *timed)
{
	const char *s = w->word[w->at++];

	if (strchr(s, '%') != NULL && percent_text(s, &a->p) == 0)
		return 0;
	if ((a->act == ACT_DELAY || a->act == ACT_CUT) && !*timed &&
	    time_text(s, &a->time) == 0 && a->time > 0) {
		*timed = true;
		return 0;
	}
	return words_wrong(w, "%s %s: not %sa percentage", what, s,
	    a->act == ACT_DELAY || a->act == ACT_CUT
		? "one time, such as 300ms, nor "
		: "");
}

/* aim_more - what may follow a selector, in any order; 0: nothing more does */
static int
aim_more(struct words *w, const char *what, struct aim *a, bool *timed)
{
	const char *s = words_peek(w);
	uint64_t v;

	if (words_number_next(w))
		return aim_number(w, what, a, timed) == 0 ? 1 : -1;
	w->at++;
	if (strcmp(s, "from") == 0) {
		a->sel.from = true;
		return take_end(w, "from", &a->sel, 0) == 0 ? 1 : -1;
	}
	if (strcmp(s, "to") == 0) {
		a->sel.to = true;
		return take_end(w, "to", &a->sel, 1) == 0 ? 1 : -1;
	}
	if (strcmp(s, "conn") == 0) {
		if (words_take_num(w, "conn", 1, UINT32_MAX, &v) != 0)
			return -1;
		a->sel.conn = (uint32_t)v;
		return 1;
	}
	if (a->act == ACT_CORRUPT && strcmp(s, "csum") == 0) {
		a->how = FLIP_CKSUM;
		return 1;
	}
	if (a->act == ACT_CORRUPT && strcmp(s, "bit") == 0) {
		if (words_take_num(w, "bit", 0, UINT32_MAX, &v) != 0)
			return -1;
		a->how = FLIP_BIT;
		a->bit = (uint32_t)v;
		return 1;
	}
	w->at--;
	return 0;
}

int
word_aim(struct words *w, enum act act, const char *what)
{
	struct aim a = {.act = act, .p = ALWAYS};
	bool timed = false;
	int r;

	if (w->c->naims == MAX_AIMS)
		return words_wrong(
		    w, "%s: more than %d aimed actions", what, MAX_AIMS);
	if (take_selector(w, what, act == ACT_DELAY, &a.sel) != 0)
		return -1;
	while ((r = aim_more(w, what, &a, &timed)) > 0)
		;
	if (r < 0)
		return -1;
	if (act == ACT_DELAY && !timed)
		return words_wrong(
		    w, "delay %s: a time is missing", kind_name[a.sel.kind]);
	w->c->aim[w->c->naims++] = a;
	return 0;
}

/* cut SELECTOR ... [TIME], cut after TIME [TIME] */
int
word_cut(struct words *w)
{
	if (strcmp(words_peek(w), "after") != 0)
		return word_aim(w, ACT_CUT, "cut");
	w->at++;
	if (w->c->outage)
		return words_wrong(w, "cut after: given twice");
	w->c->outage = true;
	if (words_take_time(w, "cut after", &w->c->outage_after) != 0)
		return -1;
	return words_number_next(w)
		   ? words_take_time(w, "cut after", &w->c->outage_time)
		   : 0;
}
