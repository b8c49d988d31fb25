/*
 * netem_test.c - the models of impair keep what their words promise:
 * rates, bursts, means and spacing over many packets, by a fixed seed. The
 * bounds are five standard deviations wide, or more.
 */
#include "base/clock.h"
#include "impair/impair.h"
#include "tap.h"

enum { MANY = 200000, LEN = 1250 };

static struct impair_config c;
static struct impair *im;
static struct fate f;
static uint64_t now;
static uint32_t room;

static void
begin(const char *line)
{
	static char text[256], error[WORDS_ERROR];
	const char *word[32];
	size_t n = 0;
	char *w;

	snprintf(text, sizeof(text), "%s", line);
	for (w = strtok(text, " "); w != NULL; w = strtok(NULL, " "))
		word[n++] = w;
	impair_defaults(&c);
	c.seed = 1;
	impair_free(im);
	if (words_parse(&c, word, n, error) != 0)
		check(false, "%s: %s", line, error);
	im = impair_new(&c, NULL, 16, false);
	now = 1000 * NS_PER_SEC;
	room = c.limit;
}

/* packet - one comes, gap after the one before it */
static void
packet(uint64_t gap)
{
	static const uint8_t frame[LEN];
	struct arrival a = {
	    .now = now, .frame = frame, .len = LEN, .room = room};

	impair_decide(im, &a, &f);
	now += gap;
}

static bool
within(double v, double low, double high)
{
	return v >= low && v <= high;
}

/* losses - the rate, how long a burst is, and how a loss goes with the next */
struct losses {
	double rate, burst, corr;
};

static struct losses
lose(const char *line)
{
	int i, lost = 0, bursts = 0, both = 0, was = 0;
	struct losses l;

	begin(line);
	for (i = 0; i < MANY; i++) {
		packet(NS_PER_MS);
		lost += f.n == 0;
		bursts += f.n == 0 && !was;
		both += f.n == 0 && was;
		was = f.n == 0;
	}
	l.rate = (double)lost / MANY;
	l.burst = bursts > 0 ? (double)lost / bursts : 0;
	l.corr = l.rate > 0 && l.rate < 1
		     ? ((double)both / MANY - l.rate * l.rate) /
			   (l.rate * (1 - l.rate))
		     : 0;
	return l;
}

static void
loses(const char *line, double rate, double burst, double corr)
{
	struct losses l = lose(line);

	check(within(l.rate, rate - 0.006, rate + 0.006) &&
		  within(l.burst, burst * 0.95, burst * 1.05) &&
		  within(l.corr, corr - 0.02, corr + 0.02),
	    "%s: rate %.4f (%.4f), burst %.3f (%.3f), correlation %.3f (%.3f)",
	    line, l.rate, rate, l.burst, burst, l.corr, corr);
}

static void
losing(void)
{
	struct losses l;

	loses("loss 10%", 0.1, 1 / 0.9, 0);
	/* the rate stays; a loss is followed by one with 0.5 + 0.5 * 0.1 */
	loses("loss 10% 50%", 0.1, 1 / 0.45, 0.5);
	/* of 1 and 20 %: a share of 1/21 in the bad state */
	loses("loss gemodel 1% 20%", 1.0 / 21, 5, 0.79);
	/* alone p is a coin's */
	loses("loss gemodel 10%", 0.1, 1 / 0.9, 0);
	l = lose("loss gemodel 1% 20% 50% 1%");
	check(within(l.rate, 0.031, 0.036),
	    "gemodel: half is lost in the bad state, 1%% in the good: %.4f",
	    l.rate);
	loses("loss state 10%", 0.1, 1 / 0.9, 0);
	loses("loss state 2% 25%", 2.0 / 27, 4, 0.73);
	/* state 4: alone, never two of them */
	loses("loss state 0 100 0 100 5", 0.05 / 1.05, 1, -0.05);
	l = lose("loss state 2% 10% 40% 50%");
	/* balance: 1 : 3 = 10 : 2, 2 : 3 = 40 : 50 */
	check(within(l.rate, 1 / 6.8 - 0.01, 1 / 6.8 + 0.01),
	    "loss state: three states: %.4f", l.rate);
	l = lose("loss 0%");
	check(l.rate <= 0, "loss 0%%: none");
	l = lose("loss 100%");
	check(l.rate >= 1, "loss 100%%: all");
}

/* of delays, in ms */
struct delays {
	double mean, dev, least, most, corr;
};

static struct delays
wait(const char *line)
{
	double d, sum = 0, squares = 0, pairs = 0, was = 0;
	struct delays r = {.least = 1e9};
	int i;

	begin(line);
	for (i = 0; i < MANY; i++) {
		packet(NS_PER_SEC);
		d = (double)f.copy[0].delay / NS_PER_MS;
		sum += d;
		squares += d * d;
		pairs += d * was;
		was = d;
		if (d < r.least)
			r.least = d;
		if (d > r.most)
			r.most = d;
	}
	r.mean = sum / MANY;
	r.dev = squares / MANY - r.mean * r.mean; /* still squared */
	r.corr = r.dev > 0 ? (pairs / MANY - r.mean * r.mean) / r.dev : 0;
	return r;
}

static void
waits(const char *line, double mean, double var, double least, double most)
{
	struct delays d = wait(line);

	check(within(d.mean, mean - 0.1, mean + 0.1) &&
		  within(d.dev, var * 0.97, var * 1.03) &&
		  within(d.least, least - 0.001, least + 1) &&
		  within(d.most, most - 1, most + 0.001),
	    "%s: mean %.3f, variance %.3f, %.3f to %.3f ms", line, d.mean,
	    d.dev, d.least, d.most);
}

static void
waiting(void)
{
	struct delays d;

	waits("delay 20ms", 20, 0, 20, 20);
	waits("delay 100ms 6ms", 100, 12, 94, 106);
	waits("delay 100ms 6ms distribution uniform", 100, 12, 94, 106);
	/* the quantiles reach to 3.7 sigma */
	waits("delay 100ms 10ms distribution normal", 100, 100, 63.2, 136.8);
	d = wait("delay 100ms 10ms distribution pareto");
	check(within(d.mean, 99.5, 100.1) && within(d.dev, 50, 140) &&
		  within(d.least, 93.2, 93.5) && within(d.most, 139.9, 140.1),
	    "pareto: mean %.2f, variance %.1f, %.2f to %.2f ms: its tail is "
	    "that of late packets",
	    d.mean, d.dev, d.least, d.most);
	d = wait("delay 100ms 10ms distribution paretonormal");
	check(within(d.mean, 99.5, 100.1) && within(d.dev, 30, 90) &&
		  d.least > 80 && d.most > 130,
	    "paretonormal: mean %.2f, variance %.1f, %.2f to %.2f ms", d.mean,
	    d.dev, d.least, d.most);
	d = wait("delay 100ms 6ms 30%");
	check(within(d.corr, 0.28, 0.32) && within(d.dev, 11.6, 12.4),
	    "delay 100ms 6ms 30%%: correlation %.3f, variance as without: "
	    "%.2f",
	    d.corr, d.dev);
	d = wait("delay 1ms 10ms");
	check(d.least <= 0 && within(d.most, 10.9, 11),
	    "a delay never is less than none: %.3f to %.3f", d.least, d.most);
}

static void
rates(void)
{
	uint64_t last = 0, t;
	bool spaced = true;
	int i;

	/* 1250 bytes at 10 Mbit/s: a millisecond each */
	begin("rate 10mbit");
	for (i = 0; i < 100; i++) {
		t = now;
		packet(0);
		t += f.copy[0].delay;
		spaced = spaced && (i == 0 || t - last == NS_PER_MS);
		last = t;
	}
	check(spaced && last == 1000 * NS_PER_SEC + 100 * NS_PER_MS,
	    "rate: 100 packets at once leave a millisecond apart");
	now += 10 * NS_PER_SEC;
	packet(0);
	check(f.copy[0].delay == NS_PER_MS, "nothing is left of an old queue");
	begin("rate 10mbit delay 20ms");
	packet(0);
	check(f.copy[0].delay == 21 * NS_PER_MS, "rate and delay add up");
	packet(0);
	check(f.copy[0].delay == 22 * NS_PER_MS, "but only the rate queues");
	begin("rate 10mbit -625");
	packet(0);
	check(f.copy[0].delay == NS_PER_MS / 2, "a negative overhead");
	/* 1250 bytes: 27 cells of 48 and 5 */
	begin("rate 8kbit 0 48 5");
	packet(0);
	check(f.copy[0].delay == 27 * 53 * NS_PER_MS, "cells of ATM");
	begin("rate 1bit delay 100000s");
	for (i = 0; i < MANY; i++)
		packet(0);
	check(now + f.copy[0].delay <= LAST_STAMP, "time does not overflow");
}

static void
others(void)
{
	int i, n = 0, first = 0, wrong = 0;

	begin("duplicate 20%");
	for (i = 0; i < MANY; i++) {
		packet(0);
		n += f.n == 2;
		wrong += f.n == 0 || f.n > 2;
	}
	check(within(n, 0.194 * MANY, 0.206 * MANY) && wrong == 0,
	    "duplicate 20%%: %d of %d", n, MANY);
	begin("corrupt 20%");
	for (i = n = 0; i < MANY; i++) {
		packet(0);
		n += f.copy[0].nflips == 1;
		wrong += f.copy[0].nflips == 1 && f.copy[0].flip[0] >= 8 * LEN;
		first += f.copy[0].nflips == 1 && f.copy[0].flip[0] < 4 * LEN;
	}
	check(within(n, 0.194 * MANY, 0.206 * MANY) && wrong == 0 &&
		  within(first, 0.48 * n, 0.52 * n),
	    "corrupt 20%%: %d of %d, a bit anywhere", n, MANY);
	begin("delay 10ms gap 5");
	for (i = n = 0; i < 100; i++) {
		packet(0);
		n += f.copy[0].delay == 0;
		wrong += (f.copy[0].delay == 0) != (i % 5 == 4);
	}
	check(n == 20 && wrong == 0, "gap 5: each fifth is sent at once");
	begin("delay 10ms reorder 25%");
	for (i = n = 0; i < MANY; i++) {
		packet(0);
		n += f.copy[0].delay == 0 && f.reordered;
	}
	check(within(n, 0.244 * MANY, 0.256 * MANY), "reorder 25%%: %d", n);
	begin("delay 10ms duplicate 100%");
	room = 1;
	packet(0);
	check(f.n > 0, "room for one");
	room = 0;
	packet(0);
	check(f.n == 0 && f.why == WHY_LIMIT && impair_stats(im)->no_room == 2,
	    "no room, and both copies are counted");
	begin("duplicate 100%");
	room = 0;
	packet(0);
	check(f.n == 2, "what does not wait needs no room");
}

/* seeds - the same one the same run, watched or not; another one another */
static void
seeds(void)
{
	static const char words[] = "loss 30% delay 5ms 5ms corrupt 1%";
	uint64_t sum[3] = {0};
	int i, k;

	for (k = 0; k < 3; k++) {
		begin(words);
		c.seed += k == 2;
		impair_free(im);
		im = impair_new(&c, NULL, 16, k == 1);
		for (i = 0; i < 1000; i++) {
			packet(0);
			sum[k] = sum[k] * 31 + f.n + f.copy[0].delay;
		}
	}
	check(sum[0] == sum[1], "watching changes nothing");
	check(sum[0] != sum[2], "another seed is another run");
}

int
main(void)
{
	losing();
	waiting();
	rates();
	others();
	seeds();
	impair_free(im);
	return done();
}
