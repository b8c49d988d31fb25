/*
 * train.c - a train of segments in one line, see train.h.
 */
#include <stdio.h>
#include <string.h>

#include "script/train.h"

bool
train_read(struct train *t, const char *text)
{
	const char *open, *from;
	int n = 0;

	for (open = text; (open = strchr(open, '(')) != NULL; open++) {
		if (sscanf(open, "(%5u*%5u)%n", &t->count, &t->len, &n) != 2 ||
		    n == 0)
			continue;
		for (from = open;
		     from > text && strchr("0123456789:-", from[-1]) != NULL;)
			from--;
		if (sscanf(from, "%10ld:%10ld(", &t->first, &t->end) != 2)
			continue;
		t->text = text;
		t->from = from;
		t->behind = open + n;
		return true;
	}
	return false;
}

const char *
train_wrong(const struct train *t)
{
	if (t->count == 0 || t->count > TRAIN_MOST)
		return "a train has 1 to 1000 segments";
	if (t->end - t->first != (long)t->count * (long)t->len)
		return "numbers: END is not SEQ + COUNT * LEN";
	return NULL;
}

void
train_text(const struct train *t, unsigned i, char *buf, size_t n)
{
	long seq = t->first + (long)i * (long)t->len;
	const char *head = t->text;
	bool at_once = i > 0 && *head == '+';

	if (at_once)
		head += strcspn(head, " \t");
	snprintf(buf, n, "%s%.*s%ld:%ld(%u)%s", at_once ? "+0" : "",
	    (int)(t->from - head), head, seq, seq + (long)t->len, t->len,
	    t->behind);
}
