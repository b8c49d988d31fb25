/* seg_test.c - segments as scripts write them: text, patterns, frames */
#include <string.h>

#include "script/lines.h"
#include "script/seg.h"
#include "tap.h"

/* reads - is it well-formed? */
static bool
reads(const char *text, struct seg_text *s)
{
	const char *why;

	return seg_parse(text, s, &why, NULL) == 0;
}

static bool
fits(const char *want, const char *got, int how)
{
	struct seg_text w, g;

	return reads(want, &w) && reads(got, &g) && seg_same(&w, &g, how);
}

static void
patterns(void)
{
	static const char *const yes[][2] = {
	    {"S. *:*(0) ack 1..5", "S. 0:0(0) ack 5"},
	    {". 1:*(1..1460) ack 1 win *", ". 1:101(100) ack 1 win 7"},
	    {"R.? 1:1(0) ack *", "R 1:1(0)"},
	    {"R* *:*(*)", "RP. 1:3(2) ack 9"},
	    {"S. 0:0(0) ack 1 <mss *,...>", "S. 0:0(0) ack 1 <mss 9,sackOK>"},
	    {"S. 0:0(0) ack 1 <wscale *>", "S. 0:0(0) ack 1 <wscale 7>"},
	};
	static const char *const no[][2] = {
	    {"S. *:*(0) ack 1..5", "S. 0:0(0) ack 6"},
	    {"R.? 1:1(0)", "RF 1:1(0)"},
	    {". 1:*(1..9) ack 1", ". 1:11(10) ack 1"},
	    {"S. 0:0(0) ack 1 <mss *>", "S. 0:0(0) ack 1 <mss 9,sackOK>"},
	    {"S. 0:0(0) ack 1 <mss *,...>", "S. 0:0(0) ack 1 <sackOK>"},
	};
	struct seg_text s;
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		check(fits(yes[i][0], yes[i][1], SAME_ALL), "%s", yes[i][0]);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		check(!fits(no[i][0], no[i][1], SAME_ALL), "not %s", no[i][0]);
	check(
	    !fits(". 1:3(2) ack 1", "P. 1:3(2) ack 1", SAME_ALL), "PSH counts");
	check(fits(". 1:3(2) ack 1", "P. 1:3(2) ack 1 tos 2", SAME_LOOSE),
	    "but not where it was not written");
	check(reads("S. *:*(0) ack 1", &s) && seg_is_pattern(&s),
	    "a pattern is known");
	check(reads("S 0:0(0) win 1 <mss 9>", &s) && !seg_is_pattern(&s),
	    "and what is none");
}

static void
wrong(void)
{
	static const struct {
		const char *text;
		long at;
	} bad[] = {{"Sx 0:0(0)", 0}, {"S 0:1(0)", 1}, {"S 0:0(0) <mss>", 9},
	    {"S 0:0(0) badsum later", 16}};
	const char *why, *at;
	struct seg_text s;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(seg_parse(bad[i].text, &s, &why, &at) == -1 &&
			  at - bad[i].text == bad[i].at,
		    "%s: where", bad[i].text);
}

/* there_and_back - the same text, through a frame */
static void
there_and_back(bool v6)
{
	static struct flow flows[MAX_FLOWS + 1];
	static uint8_t frame[MAX_FRAME];
	struct ends us, peer;
	struct seg_text s, got;
	char text[MAX_TEXT];
	size_t n;

	memset(flows, 0, sizeof(flows));
	ends_phantom(&us, v6);
	us.lport = 8080;
	us.rport = 50000;
	peer = us; /* what the peer sends, read as if it were ours */
	memcpy(peer.us, us.peer, 16);
	memcpy(peer.peer, us.us, 16);
	peer.lport = 50000;
	peer.rport = 8080;
	check(reads("P. 1:101(100) ack 7 win 9", &s), "it is read");
	n = seg_build(&s, flow_of(flows, OUR_PORT, PEER_PORT), &us, frame);
	check(seg_read(frame, n, &peer, flows, &got, NULL) == NULL,
	    "the frame is well-formed");
	seg_format(&got, text, sizeof(text));
	check(strcmp(text, "P. 1:101(100) ack 7 win 9") == 0, "%s", text);
	frame[n - 1] ^= 1;
	check(seg_read(frame, n, &peer, flows, &got, NULL) != NULL,
	    "a wrong checksum is seen");
}

/* words - about IP and Ethernet: sent, read, printed and compared */
static void
words(bool v6)
{
	static const char sent[] =
	    ". 1:1(0) ack 7 ttl 9 id 77 nodf smac 02:00:00:00:00:01 "
	    "dmac 02:00:00:00:00:02";
	static struct flow flows[MAX_FLOWS + 1];
	static uint8_t frame[MAX_FRAME];
	struct ends us, peer;
	struct seg_text s, w, got;
	char text[MAX_TEXT];

	memset(flows, 0, sizeof(flows));
	ends_phantom(&us, v6);
	peer = us;
	memcpy(peer.us, us.peer, 16);
	memcpy(peer.peer, us.us, 16);
	peer.lport = us.rport;
	peer.rport = us.lport;
	check(reads(sent, &s) && !seg_is_pattern(&s), "words are read");
	seg_read(frame,
	    seg_build(&s, flow_of(flows, OUR_PORT, PEER_PORT), &us, frame),
	    &peer, flows, &got, NULL);
	if (v6)
		s.ip.set &= ~(unsigned)(WORD_ID | WORD_DF);
	check(ip_same(&s.ip, &got.ip), "and are what is sent");
	got.ip.set = WORD_TTL | WORD_DMAC;
	seg_format(&got, text, sizeof(text));
	check(
	    strstr(text, " ttl 9 dmac 02:00:00:00:00:02") != NULL, "%s", text);
	check(reads(". 1:1(0) ttl 8..10", &w) && seg_is_pattern(&w) &&
		  ip_same(&w.ip, &got.ip),
	    "a range of them is a pattern");
	check(reads(". 1:1(0) ttl 10..12", &w) && !ip_same(&w.ip, &got.ip) &&
		  reads(". 1:1(0) smac 02:00:00:00:00:02", &w) &&
		  !ip_same(&w.ip, &got.ip),
	    "and what differs is seen");
	check(!reads(". 1:1(0) ttl 256", &s) && !reads(". 1:1(0) ttl", &s) &&
		  !reads(". 1:1(0) smac 02:00", &s) &&
		  !reads(". 1:1(0) ipopt 0x1", &s) &&
		  !reads(". 1:1(0) id 9..8", &s),
	    "what is none of them is refused");
}

/* ip_options - a header that is longer by them; TCP stays what it was */
static void
ip_options(bool v6)
{
	static struct flow flows[MAX_FLOWS + 1];
	static uint8_t plain[MAX_FRAME], frame[MAX_FRAME];
	struct ends us;
	struct seg_text s;
	size_t n, more = v6 ? 16 : 8, at = v6 ? 54 : 34;

	memset(flows, 0, sizeof(flows));
	ends_phantom(&us, v6);
	reads(". 1:1(0) ack 7", &s);
	n = seg_build(&s, flow_of(flows, OUR_PORT, PEER_PORT), &us, plain);
	reads(". 1:1(0) ack 7 ipopt 0x8307040a000001", &s);
	check(seg_build(&s, flow_of(flows, OUR_PORT, PEER_PORT), &us, frame) ==
		      n + more &&
		  memcmp(plain + at, frame + at + more, n - at) == 0,
	    "options lie in front of TCP");
	check(v6 ? frame[20] == 60 && frame[54] == 6 && frame[55] == 1 &&
		       frame[56] == 0x83
		 : frame[14] == 0x47 && frame[34] == 0x83,
	    "in a header of their own, or in IPv4's");
}

static void
lines(void)
{
	static const char *const text[] = {
	    "# nothing", "  a b # c", "", "include two"};
	static const char *const two[] = {"data#1"};
	static const struct lines_file known[] = {
	    {"one", text, 4}, {"two", two, 1}};
	struct lines l = {.known = known, .nknown = 2};

	check(lines_load(&l, "one") && l.n == 2, "lines without comments");
	check(strcmp(l.line[0].text, "a b") == 0 && l.line[0].number == 2 &&
		  l.line[0].column == 3,
	    "with their place");
	check(strcmp(l.line[1].text, "data#1") == 0 &&
		  strcmp(l.line[1].file, "two") == 0,
	    "and what is included");
	check(!lines_load(&l, "/none") && l.error[0] != '\0', "%s", l.error);
	lines_free(&l);
}

/* trains - segments of one length, one behind the other, in a line */
static void
trains(void)
{
	static const char *const text[] = {
	    "+.1 > . 1:31(3*10) ack 1", "within 2 < . -5:5(2*5) <nop>"};
	static const char *const beyond[] = {"> . 1:31(3*11)"};
	static const char *const many[] = {"> . 1:2002(2001*1)"};
	static const struct lines_file known[] = {
	    {"train", text, 2}, {"beyond", beyond, 1}, {"many", many, 1}};
	static const char *const want[] = {"+.1 > . 1:11(10) ack 1",
	    "+0 > . 11:21(10) ack 1", "+0 > . 21:31(10) ack 1",
	    "within 2 < . -5:0(5) <nop>", "within 2 < . 0:5(5) <nop>"};
	struct lines l = {.known = known, .nknown = 3};
	unsigned i;

	check(lines_load(&l, "train") && l.n == 5, "a line for each segment");
	for (i = 0; i < 5 && i < l.n; i++)
		check(strcmp(l.line[i].text, want[i]) == 0, "%s", want[i]);
	check(l.n == 5 && l.line[4].number == 2, "with the place of the train");
	check(!lines_load(&l, "beyond") && l.placed, "%s", l.error);
	l.placed = false;
	check(!lines_load(&l, "many") && l.placed, "%s", l.error);
	lines_free(&l);
}

int
main(void)
{
	patterns();
	wrong();
	there_and_back(false);
	there_and_back(true);
	words(false);
	words(true);
	ip_options(false);
	ip_options(true);
	lines();
	trains();
	return done();
}
