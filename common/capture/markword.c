/*
 * markword.c - see markword.h.
 */
#include "capture/markword.h"

#include <stdio.h>

#include "capture/analysis.h"

/* in the order in which they are written */
static const struct mark_word table[] = {
    {MARK_AGAIN, MARK_UNSURE, "retransmitted", "retransmitted", "retr."},
    {MARK_PART, 0, "partly", "partly", "part"},
    {MARK_OTHER, 0, "other-data", "other data", "other data"},
    {MARK_NEEDLESS, MARK_MAYBE, "needless", "needless", "needless"},
    {MARK_LATE, MARK_UNSURE, "reordered", "reordered", "late"},
    {MARK_FILLS, 0, "fills-gap", "fills a gap", "fills gap"},
    {MARK_GAP, 0, "gap-before", "gap before", "gap"},
    {MARK_LOST, MARK_MAYBE, "lost", "lost", "lost"},
    {MARK_PARTLY, MARK_MAYBE, "partly-lost", "partly lost", "part lost"},
    {MARK_BADSUM, 0, "bad-checksum", "bad checksum", "bad sum"},
    {MARK_OUTSIDE, 0, "out-of-window", "out of window", "outside"},
    {MARK_UNSENT, 0, "ack-of-nothing-sent", "ACK of nothing sent",
	"ack unsent"},
    {MARK_KEEPALIVE, 0, "keep-alive", "keep-alive", "keep-alive"},
    {MARK_ALIVE, 0, "keep-alive-answered", "keep-alive answered",
	"keep-alive answered"},
    {MARK_PROBE, 0, "window-probe", "window probe", "probe"},
    {MARK_ZERO, 0, "zero-window", "zero window", ""},
    {MARK_UPDATE, 0, "window-update", "window update", ""},
    {MARK_DUPACK, 0, "duplicate-ack", "duplicate ACK", "dup"},
    {MARK_UNSEEN, 0, "ack-of-data-not-captured", "of data not captured",
	"not seen"},
    {MARK_ANSWERS, 0, "answer-not-captured", "answer not captured",
	"answer not seen"},
    {MARK_REFUSED, 0, "refused", "refused", "refused"},
    {MARK_NO_ANSWER, 0, "no-answer", "no answer", "no answer"},
    {MARK_TWICE, MARK_UNSURE, "captured-twice", "captured twice", "twice"},
    {MARK_DOUBLED, 0, "duplicated", "duplicated", "dupl."},
    {MARK_ELSEWHERE, 0, "on-another-link", "on another link", "other link"},
};

const struct mark_word *
mark_word(uint32_t mark)
{
	size_t i = 0;

	while (
	    i + 1 < sizeof(table) / sizeof(table[0]) && table[i].mark != mark)
		i++;
	return &table[i];
}

char *
markword(uint32_t marks, char *buf, size_t n)
{
	const struct mark_word *m;
	size_t i, len = 0;

	buf[0] = '\0';
	/* a copy is nothing else */
	if (marks & MARK_ELSEWHERE)
		marks = MARK_ELSEWHERE;
	else if (marks & MARK_DOUBLED)
		marks = MARK_DOUBLED;
	else if (marks & MARK_TWICE)
		marks &= MARK_TWICE | MARK_UNSURE | MARK_BADSUM;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		m = &table[i];
		if ((marks & m->mark) && len < n)
			len += (size_t)snprintf(buf + len, n - len, "%s%s%s",
			    len > 0 ? "," : "", m->word,
			    marks & m->doubt ? "?" : "");
	}
	return buf;
}
