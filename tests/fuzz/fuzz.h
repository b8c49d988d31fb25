/*
 * fuzz.h - between a harness and its input: bytes taken one by one, zeros
 * when there are none left, and what must hold.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer calls this; the run is over when it returns */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes_in {
	const uint8_t *p;
	size_t n;
};

static inline uint8_t
take8(struct bytes_in *b)
{
	if (b->n == 0)
		return 0;
	b->n--;
	return *b->p++;
}

static inline uint16_t
take16(struct bytes_in *b)
{
	uint16_t v = take8(b);

	return (uint16_t)(v << 8 | take8(b));
}

static inline uint32_t
take32(struct bytes_in *b)
{
	uint32_t v = take16(b);

	return v << 16 | take16(b);
}

/* touch - reads n bytes, which the sanitizer looks on at */
static inline void
touch(const uint8_t *p, size_t n)
{
	volatile uint8_t seen;

	for (; n > 0; n--)
		seen = *p++;
	(void)seen;
}

/* must - or the input is a finding */
#define must(good) fuzz_must((good), #good, __FILE__, __LINE__)

static inline void
fuzz_must(int good, const char *what, const char *file, int line)
{
	if (good)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

#endif
