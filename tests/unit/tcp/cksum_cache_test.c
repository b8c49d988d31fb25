/* cksum_cache_test.c - kept checksums are those that are computed anew */
#include "base/chance.h"
#include "base/cksum.h"
#include "tap.h"
#include "tcp/cksum_cache.h"

enum { SIZE = 200000 };

static uint8_t file[SIZE];
static struct sums s;

/* right - behind some other sum, as in a segment */
static bool
right(size_t off, uint32_t len, bool again)
{
	uint32_t sum = sums_get(&s, file, SIZE, off, len, again);

	return cksum_fold(cksum_add(0x1234 + sum, NULL, 0)) ==
	       cksum_fold(cksum_add(0x1234, file + off, len));
}

static bool
all_right(uint32_t len)
{
	size_t off;

	for (off = 0; off + len <= SIZE; off += len)
		if (!right(off, len, false))
			return false;
	return SIZE == off || right(off, (uint32_t)(SIZE - off), false);
}

int
main(void)
{
	static const uint32_t lens[] = {1448, 1460, 1428, 255, 537, 8948, 1000};
	struct chance c;
	bool ok = true;
	size_t i, off;

	chance_seed(&c, 3);
	for (i = 0; i < SIZE; i++)
		file[i] = (uint8_t)chance_u64(&c);
	memset(file + 50000, 0, 20000);
	memset(file + 90000, 0xff, 20000);
	for (i = 0; i < 2 * sizeof(lens) / sizeof(*lens); i++)
		ok = ok && all_right(lens[i / 2]);
	check(ok, "of seven lengths, each twice");
	for (i = 0; i < 20000; i++) {
		off = chance_below(&c, SIZE - 2000);
		ok = ok && right(off, (uint32_t)chance_below(&c, 2000), false);
	}
	check(ok, "anywhere");
	file[1448 * 7 + 100] ^= 0x55;
	check(!right(1448 * 7, 1448, false), "a file that changes is not seen");
	check(right(1448 * 7, 1448, true), "but when it is sent again");
	check(right(1448 * 7, 1448, false), "and from then on");
	sums_free(&s);
	check(right(1448 * 7, 1448, false), "freed, it begins again");
	sums_free(&s);
	return done();
}
