/*
 * markword.c - see markword.h.
 */
#include "capture/markword.h"

#include <stdio.h>

#include "capture/analysis.h"

char *
markword(uint32_t marks, char *buf, size_t n)
{
	static const struct {
		uint32_t mark, doubt; /* doubt: makes it unsure */
		const char *word;
	} name[] = {
	    {MARK_AGAIN, MARK_UNSURE, "retransmitted"},
	    {MARK_PART, 0, "partly"},
	    {MARK_NEEDLESS, 0, "needless"},
	    {MARK_LATE, MARK_UNSURE, "reordered"},
	    {MARK_FILLS, 0, "fills-gap"},
	    {MARK_GAP, 0, "gap-before"},
	    {MARK_LOST, MARK_MAYBE, "lost"},
	    {MARK_PARTLY, MARK_MAYBE, "partly-lost"},
	    {MARK_KEEPALIVE, 0, "keep-alive"},
	    {MARK_ALIVE, 0, "keep-alive-answered"},
	    {MARK_PROBE, 0, "window-probe"},
	    {MARK_ZERO, 0, "zero-window"},
	    {MARK_UPDATE, 0, "window-update"},
	    {MARK_DUPACK, 0, "duplicate-ack"},
	    {MARK_UNSEEN, 0, "ack-of-data-not-captured"},
	    {MARK_REFUSED, 0, "refused"},
	    {MARK_NO_ANSWER, 0, "no-answer"},
	};
	uint32_t twice = MARK_TWICE | MARK_ELSEWHERE;
	size_t i, len = 0;

	buf[0] = '\0';
	if (marks & twice) {
		snprintf(buf, n, "%s",
		    marks & MARK_ELSEWHERE ? "on-another-link"
					   : "captured-twice");
		return buf;
	}
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if ((marks & name[i].mark) && len < n)
			len += (size_t)snprintf(buf + len, n - len, "%s%s%s",
			    len > 0 ? "," : "", name[i].word,
			    marks & name[i].doubt ? "?" : "");
	return buf;
}
