/*
 * stats.c - the numbers of a ping, see stats.h. The lines are those of the
 * ping that people have scripts for.
 */
#include "base/clock.h"

#include "stats.h"

void
stats_trip(struct stats *s, uint64_t ns)
{
	double us = (double)ns / (double)NS_PER_US;

	if (s->timed == 0 || ns < s->min)
		s->min = ns;
	if (ns > s->max)
		s->max = ns;
	s->sum += ns;
	s->squares += us * us;
	s->timed++;
}

/* root - of a non-negative number (Newton); no need for a library of sums */
static double
root(double v)
{
	double r = v > 1 ? v : 1, next;
	int i;

	for (i = 0; i < 200; i++) {
		next = (r + v / r) / 2;
		if (next >= r)
			break;
		r = next;
	}
	return v > 0 ? r : 0;
}

/* deviation - of the round trips from their mean, us */
static double
deviation(const struct stats *s)
{
	double n = (double)s->timed;
	double mean = (double)s->sum / (double)NS_PER_US / n;
	double v = s->squares / n - mean * mean;

	return root(v > 0 ? v : 0);
}

static double
ms(uint64_t ns)
{
	return (double)ns / (double)NS_PER_MS;
}

const char *
stats_time(uint64_t ns, char *buf)
{
	/* the fewer digits, the longer it took */
	int digits = ns >= 100 * NS_PER_MS  ? 0
		     : ns >= 10 * NS_PER_MS ? 1
		     : ns >= NS_PER_MS	    ? 2
					    : 3;

	snprintf(buf, STATS_TIME, "%.*f ms", digits, ms(ns));
	return buf;
}

static double
loss(const struct stats *s)
{
	uint64_t lost = s->sent > s->received ? s->sent - s->received : 0;

	return s->sent == 0 ? 0 : (double)lost * 100 / (double)s->sent;
}

void
stats_print(const struct stats *s, FILE *f, const char *name)
{
	fprintf(f, "\n--- %s ping statistics ---\n", name);
	fprintf(f, "%llu packets transmitted, %llu received",
	    (unsigned long long)s->sent, (unsigned long long)s->received);
	if (s->duplicates > 0)
		fprintf(
		    f, ", +%llu duplicates", (unsigned long long)s->duplicates);
	if (s->corrupted > 0)
		fprintf(
		    f, ", +%llu corrupted", (unsigned long long)s->corrupted);
	if (s->errors > 0)
		fprintf(f, ", +%llu errors", (unsigned long long)s->errors);
	if (s->sent > 0)
		fprintf(f, ", %g%% packet loss, time %.0fms", loss(s),
		    ms(s->last - s->first));
	fputc('\n', f);
	if (s->timed > 0)
		fprintf(f, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n",
		    ms(s->min), ms(s->sum) / (double)s->timed, ms(s->max),
		    deviation(s) / 1000);
	else
		fputc('\n', f);
}

void
stats_line(const struct stats *s, char *buf, size_t cap)
{
	double avg = s->timed > 0 ? ms(s->sum) / (double)s->timed : 0;

	snprintf(buf, cap,
	    "%llu/%llu packets, %.0f%% loss, min/avg/max = %.3f/%.3f/%.3f ms",
	    (unsigned long long)s->received, (unsigned long long)s->sent,
	    loss(s), ms(s->min), avg, ms(s->max));
}
