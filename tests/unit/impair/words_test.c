/* words_test.c - the grammar of impair, what it takes and refuses */
#include "base/clock.h"
#include "impair/impair.h"
#include "tap.h"

enum { MAX = 32 };

static struct impair_config c;
static char error[WORDS_ERROR];

/* parse - a line, cut at its spaces; what its file names point to stays */
static bool
parse(const char *line)
{
	static char text[512];
	const char *word[MAX];
	size_t n = 0;
	char *w;

	snprintf(text, sizeof(text), "%s", line);
	for (w = strtok(text, " "); w != NULL && n < MAX; w = strtok(NULL, " "))
		word[n++] = w;
	impair_defaults(&c);
	return words_parse(&c, word, n, error) == 0;
}

static void
takes(const char *line, bool right)
{
	check(right, "%s%s%s", line, error[0] != '\0' ? ": " : "", error);
}

/* refuses - and says these words */
static void
refuses(const char *line, const char *why)
{
	bool good = !parse(line) && strstr(error, why) != NULL;

	check(good, "refused: %.100s: %s", line, error);
}

/* near - a probability of so many percent */
static bool
near(uint64_t p, double percent)
{
	double d = (double)p * 100 / (double)ALWAYS - percent;

	return d < 1e-6 && d > -1e-6;
}

static void
netem_words(void)
{
	takes("loss 10%", parse("loss 10%") && c.model == LOSS_RANDOM &&
			      near(c.loss.p, 10) && c.loss.corr == 0);
	takes("loss random 0.3 25%", parse("loss random 0.3 25%") &&
					 near(c.loss.p, 0.3) &&
					 near(c.loss.corr, 25));
	takes("drop 100%", parse("drop 100%") && c.loss.p == ALWAYS);
	takes("loss 0.000000001% is not never",
	    parse("loss 0.000000001%") && c.loss.p == 1);
	takes("loss gemodel 1%", parse("loss gemodel 1%") && near(c.ge[0], 1) &&
				     near(c.ge[1], 99) && c.ge[2] == ALWAYS &&
				     c.ge[3] == 0);
	takes("loss gemodel 1% 10% 70% 0.1%",
	    parse("loss gemodel 1% 10% 70% 0.1%") && near(c.ge[1], 10) &&
		near(c.ge[2], 70) && near(c.ge[3], 0.1));
	takes("loss state 5%", parse("loss state 5%") && near(c.state[0], 5) &&
				   near(c.state[1], 95) && c.state[2] == 0 &&
				   c.state[3] == ALWAYS && c.state[4] == 0);
	takes("loss state 1 2 3 4 5",
	    parse("loss state 1 2 3 4 5") && near(c.state[1], 2) &&
		near(c.state[2], 3) && near(c.state[3], 4) &&
		near(c.state[4], 5));
	takes("delay 100ms 10ms 25% distribution normal",
	    parse("delay 100ms 10ms 25% distribution normal") &&
		c.delay == 100 * NS_PER_MS && c.jitter == 10 * NS_PER_MS &&
		near(c.delay_corr, 25) && c.dist == DIST_NORMAL);
	takes("latency 1.5s", parse("latency 1.5s") && c.delay == 1500000000);
	takes("delay 20usecs", parse("delay 20usecs") && c.delay == 20000);
	takes("delay 0 5ms",
	    parse("delay 0 5ms") && c.delay == 0 && c.jitter == 5 * NS_PER_MS);
	takes("delay 10ms reorder 25% 50%",
	    parse("delay 10ms reorder 25% 50%") && c.gap == 1 &&
		near(c.reorder.p, 25) && near(c.reorder.corr, 50));
	takes("delay 10ms gap 5",
	    parse("delay 10ms gap 5") && c.gap == 5 && c.reorder.p == ALWAYS);
	takes("duplicate 1% corrupt 2% 3%",
	    parse("duplicate 1% corrupt 2% 3%") && near(c.dup.p, 1) &&
		near(c.corrupt.p, 2) && near(c.corrupt.corr, 3));
	takes("rate 5kbit 20 100 5", parse("rate 5kbit 20 100 5") &&
					 c.rate == 5000 && c.overhead == 20 &&
					 c.cell == 100 && c.cell_overhead == 5);
	takes("rate 1.5Mbps -14 loss 1%",
	    parse("rate 1.5Mbps -14 loss 1%") && c.rate == 12000000 &&
		c.overhead == -14 && near(c.loss.p, 1));
	takes("rate 10gbit limit 5 seed 18446744073709551615",
	    parse("rate 10gbit limit 5 seed 18446744073709551615") &&
		c.rate == 10000000000 && c.limit == 5 && c.have_seed &&
		c.seed == UINT64_MAX);
	takes("nothing", parse("") && c.limit == 100000 && c.naims == 0);
}

static void
aiming_words(void)
{
	const struct aim *a = c.aim;

	takes("drop data", parse("drop data") && c.naims == 1 &&
			       a->act == ACT_DROP && a->sel.kind == KIND_DATA &&
			       a->sel.first == 1 && a->sel.last == UINT32_MAX &&
			       a->p == ALWAYS);
	takes("drop data#3",
	    parse("drop data#3") && a->sel.first == 3 && a->sel.last == 3);
	takes("dup ack#3-5", parse("dup ack#3-5") && a->act == ACT_DUP &&
				 a->sel.first == 3 && a->sel.last == 5);
	takes("drop synack#2-",
	    parse("drop synack#2-") && a->sel.kind == KIND_SYNACK &&
		a->sel.first == 2 && a->sel.last == UINT32_MAX);
	takes("delay fin#1 300ms",
	    parse("delay fin#1 300ms") && a->act == ACT_DELAY &&
		a->time == 300 * NS_PER_MS && c.delay == 0);
	takes("delay any to [fd00::5]:80 10% conn 7 2s delay 1ms",
	    parse("delay any to [fd00::5]:80 10% conn 7 2s delay 1ms") &&
		a->sel.to && !a->sel.from && a->sel.port[1] == 80 &&
		a->sel.addr[1].b[0] == 0xfd && near(a->p, 10) &&
		a->sel.conn == 7 && a->time == 2 * NS_PER_SEC &&
		c.delay == NS_PER_MS);
	takes("corrupt data#2 csum",
	    parse("corrupt data#2 csum") && a->how == FLIP_CKSUM);
	takes("corrupt rst from :80 bit 413",
	    parse("corrupt rst from :80 bit 413") && a->how == FLIP_BIT &&
		a->bit == 413 && a->sel.from && a->sel.port[0] == 80);
	takes("corrupt icmp corrupt 1%", parse("corrupt icmp corrupt 1%") &&
					     a->how == FLIP_RANDOM &&
					     near(c.corrupt.p, 1));
	takes("cut data#5",
	    parse("cut data#5") && a->act == ACT_CUT && a->time == 0);
	takes("cut data#5 2s",
	    parse("cut data#5 2s") && a->time == 2 * NS_PER_SEC);
	takes("cut after 5s 1s", parse("cut after 5s 1s") && c.outage &&
				     c.outage_after == 5 * NS_PER_SEC &&
				     c.outage_time == NS_PER_SEC);
	takes("drop udp drop arp", parse("drop udp drop arp") && c.naims == 2 &&
				       a[1].sel.kind == KIND_ARP);
	takes("save f", parse("save f") && strcmp(c.save, "f") == 0);
	takes("play f save g limit 3", parse("play f save g limit 3") &&
					   strcmp(c.play, "f") == 0 &&
					   strcmp(c.save, "g") == 0);
}

static void
wrong_words(void)
{
	static const char *const bad[][2] = {{"los 10%", "not a word"},
	    {"loss", "missing"}, {"loss x", "not a percentage"},
	    {"loss 101%", "not a percentage"}, {"loss -1%", "not a perc"},
	    {"loss 100.1%", "not a percentage"},
	    {"loss 10%%", "not a percentage"}, {"loss 1e1", "not a perc"},
	    {"loss 1% loss 1%", "twice"}, {"loss 1% drop 1%", "twice"},
	    {"loss state 60% 1% 0 0 50%", "exceed"},
	    {"loss state 1% 60% 50%", "exceed"},
	    {"loss 1% 2% 3%", "not a word"}, {"delay", "missing"},
	    {"delay 20", "its unit"}, {"delay 20m", "its unit"},
	    {"delay 1ms delay 2ms", "twice"}, {"delay 1ms 2", "its unit"},
	    {"delay 9999999999s", "its unit"},
	    {"distribution normal", "jitter"},
	    {"delay 1ms 1ms distribution cauchy", "not uniform"},
	    {"delay 5ms distribution pareto", "jitter"},
	    {"reorder 25%", "give a delay"}, {"gap 5", "give a delay"},
	    {"delay 1ms gap 0", "not a number"}, {"rate", "missing"},
	    {"rate 0mbit", "not a rate"}, {"rate 10mib", "not a rate"},
	    {"rate 5000000tbit", "not a rate"},
	    {"rate 1mbit -1001", "overhead"}, {"rate 1mbit -", "overhead"},
	    {"limit 0", "not a number"}, {"limit x", "not a number"},
	    {"seed -1", "not a number"},
	    {"seed 18446744073709551616", "not a number"},
	    {"seed 1 seed 2", "twice"}, {"save", "file is missing"},
	    {"play f loss 1%", "no other"}, {"play f drop any", "no other"},
	    {"-S 7", "before the words"}, {"drop", "selector"},
	    {"drop foo", "not a kind"}, {"delay", "such as 20ms"},
	    {"delay foo", "not a time"}, {"drop data#", "counted from 1"},
	    {"drop data#0", "counted from 1"},
	    {"drop data#5-3", "counted from 1"},
	    {"drop data#1-2-3", "counted from 1"},
	    {"drop data#99999999999", "counted from 1"},
	    {"drop data##1", "counted from 1"},
	    {"drop data#1111111111111111111111111111111111", "counted"},
	    {"drop data 3s", "percentage"}, {"drop data from", "missing"},
	    {"drop data from x", "not an address"},
	    {"drop data to :0", "not an address"},
	    {"drop data conn 0", "not a number"},
	    {"drop data csum", "not a word"}, {"delay data", "time is missing"},
	    {"delay data 50%", "missing"}, {"delay data 1s 2s", "one time"},
	    {"cut data 0s", "one time"}, {"cut after", "missing"},
	    {"cut after 1s cut after 2s", "twice"},
	    {"corrupt data bit x", "not a number"}};
	char many[512] = "";
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i][0], bad[i][1]);
	for (i = 0; i < 10; i++)
		strcat(many, "drop any ");
	check(parse(many) && c.naims == 10, "ten aims");
}

static void
too_many(void)
{
	static const char *word[2 * (MAX_AIMS + 1)];
	size_t i;

	for (i = 0; i <= MAX_AIMS; i++) {
		word[2 * i] = "drop";
		word[2 * i + 1] = "any";
	}
	impair_defaults(&c);
	check(words_parse(&c, word, 2 * (size_t)MAX_AIMS, error) == 0,
	    "as many aims as there may be");
	impair_defaults(&c);
	check(words_parse(&c, word, 2 * (size_t)MAX_AIMS + 2, error) != 0 &&
		  strstr(error, "more than") != NULL,
	    "one more is refused");
}

int
main(void)
{
	netem_words();
	aiming_words();
	wrong_words();
	too_many();
	return done();
}
