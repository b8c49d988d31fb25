/* markword_test.c - marks as words */
#include <string.h>

#include "capture/analysis.h"
#include "capture/markword.h"
#include "tap.h"

static void
words(uint32_t marks, const char *want)
{
	char buf[MARKWORD_MAX];

	markword(marks, buf, sizeof(buf));
	check(strcmp(buf, want) == 0, "%05x: %s", marks, want);
}

int
main(void)
{
	char small[12], all[MARKWORD_MAX];

	words(0, "");
	words(MARK_AGAIN | MARK_NEEDLESS, "retransmitted,needless");
	words(
	    MARK_AGAIN | MARK_UNSURE | MARK_FILLS, "retransmitted?,fills-gap");
	words(MARK_LOST | MARK_MAYBE, "lost?");
	words(MARK_AGAIN | MARK_OTHER, "retransmitted,other-data");
	words(MARK_KEEPALIVE, "keep-alive");
	words(MARK_TWICE | MARK_AGAIN, "captured-twice");
	words(MARK_TWICE | MARK_UNSURE, "captured-twice?");
	words(MARK_TWICE | MARK_ELSEWHERE, "on-another-link");
	words(MARK_TWICE | MARK_DOUBLED, "duplicated");
	markword(UINT32_MAX & ~(MARK_TWICE | MARK_ELSEWHERE | MARK_DOUBLED),
	    all, sizeof(all));
	check(strlen(all) < sizeof(all) - 1, "all of them have room");
	markword(MARK_AGAIN | MARK_LOST, small, sizeof(small));
	check(strlen(small) < sizeof(small), "what has none is cut");
	return done();
}
