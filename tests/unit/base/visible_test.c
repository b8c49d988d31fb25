/*
 * visible_test.c - what a terminal would take for a command is made visible.
 */
#include <string.h>

#include "base/visible.h"
#include "tap.h"

int
main(void)
{
	static const struct {
		const char *text, *shown;
	} t[] = {
	    {"plain: text, 7", "plain: text, 7"},
	    {"", ""},
	    {"\033[2J\r\n\t\x7f", "\\033[2J\\015\\012\\011\\177"},
	    {"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80",
		"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80"},
	    {"\x9b"
	     "31m",
		"\\23331m"},
	    {"\xc2\x9b"
	     "31m",
		"\\302\\23331m"},
	    {"\xc0\x9b", "\\300\\233"},		 /* too long a form */
	    {"\xed\xa0\x80", "\\355\\240\\200"}, /* a half of a pair */
	    {"\xe2\x80\xae", "\\342\\200\\256"}, /* right to left */
	    {"\xc3", "\\303"},
	    {"\xf4\x90\x80\x80", "\\364\\220\\200\\200"},
	};
	char out[64];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check(strcmp(visible(out, sizeof(out), t[i].text),
			  t[i].shown) == 0,
		    "%zu: %s", i, t[i].shown);
	check(strcmp(visible(out, 7, "ab\033cd"), "ab\\033") == 0,
	    "what has no room is cut off");
	check(
	    strcmp(visible(out, 6, "ab\033cd"), "ab") == 0, "but no escape is");
	return done();
}
