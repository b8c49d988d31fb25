/*
 * dist.c - quantiles of the normal and the Pareto distribution, as netem
 * has them in files: 4096 each, in 1/8192 of sigma, cut off at four sigmas.
 *
 * They are made by whole numbers alone. Floating point differs in the last
 * bit from one machine or library to the next, and a run shall not.
 */
#include "impair/impair.h"

enum {
	ONE_BITS = 30,	  /* of fixed point */
	STEPS = 1 << 10,  /* of the integral, for each sigma */
	CUT = 32767,	  /* four sigmas */
	PARETO_ONE = 1000 /* of the cube root */
};

#define ONE (INT64_C(1) << ONE_BITS)

/*
 * fill_normal - walk up from the middle: the density f has f' = -x f. Where
 * its integral has come to the middle of the next 4096th, that is the next
 * quantile.
 */
static void
fill_normal(int16_t *table)
{
	int64_t f = INT64_C(428372155); /* 1/sqrt(2 pi) in units of 1/ONE */
	int64_t sum = 0, x, mid, value, cut;
	int i = 0, step = 0;

	for (; i < DIST_SIZE / 2; step++) {
		cut = (int64_t)(2 * i + 1) * ONE / (2 * DIST_SIZE);
		value = (int64_t)step * DIST_SCALE / STEPS;
		while (sum >= cut && i < DIST_SIZE / 2) {
			table[DIST_SIZE / 2 + i] = (int16_t)value;
			table[DIST_SIZE / 2 - 1 - i] = (int16_t)-value;
			i++;
			cut = (int64_t)(2 * i + 1) * ONE / (2 * DIST_SIZE);
		}
		if (value >= CUT)
			break;
		/* half a step for the slope, then the whole one */
		x = (int64_t)step * ONE / STEPS;
		mid = f - x * f / ONE / (2 * STEPS);
		sum += mid / STEPS;
		x += ONE / (2 * STEPS);
		f -= x * mid / ONE / STEPS;
	}
	for (; i < DIST_SIZE / 2; i++) {
		table[DIST_SIZE / 2 + i] = CUT;
		table[DIST_SIZE / 2 - 1 - i] = -CUT;
	}
}

static int64_t
cube_root(int64_t v)
{
	int64_t low = 0, high = 1 << 20, mid;

	while (high - low > 1) {
		mid = (low + high) / 2;
		if (mid * mid * mid <= v)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/*
 * fill_pareto - shape 3, as netem's: a value is u^(-1/3), of mean 3/2, less
 * that mean, and stretched by 4/3
 */
static void
fill_pareto(int16_t *table)
{
	const int64_t cube = (int64_t)PARETO_ONE * PARETO_ONE * PARETO_ONE;
	int64_t v;
	int i;

	for (i = 0; i < DIST_SIZE; i++) {
		/* u falls from 1 to 0: (i + 1/2) / 4096 from above */
		v = cube_root(cube * 2 * DIST_SIZE / (2 * (DIST_SIZE - i) - 1));
		v = (v - PARETO_ONE * 3 / 2) * DIST_SCALE * 4 /
		    (3 * PARETO_ONE);
		table[i] = (int16_t)(v < CUT ? v : CUT);
	}
}

void
dist_init(struct dist_tables *t)
{
	fill_normal(t->normal);
	fill_pareto(t->pareto);
}
