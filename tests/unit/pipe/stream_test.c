/* stream_test.c - packet-stream(5), written and read back, whole and damaged */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/chance.h"
#include "pipe/stream.h"
#include "tap.h"

static struct stream_in in;

/* what was said to come soon */
static struct {
	uint64_t n, bytes;
	bool outside;
} soon;

static void
on_soon(void *ctx, const uint8_t *data, size_t caplen)
{
	soon.n++;
	soon.bytes += caplen;
	soon.outside |= data < in.buf || data + caplen > in.buf + in.end;
}

/* feed - bytes through a pipe, at most step at a time; records are counted */
static int
feed(const uint8_t *p, size_t n, size_t step, int *records)
{
	struct stream_rec rec;
	int fd[2], r = 0;
	size_t now;

	stream_in_init(&in);
	stream_in_soon(&in, on_soon, NULL);
	*records = 0;
	if (pipe(fd) != 0)
		return -2;
	while (n > 0 && r >= 0) {
		now = n < step ? n : step;
		if (write(fd[1], p, now) != (ssize_t)now)
			return -2;
		p += now;
		n -= now;
		if (stream_in_read(&in, fd[0]) != (ssize_t)now)
			return -2;
		while ((r = stream_in_next_soon(&in, &rec)) == 1)
			(*records)++;
	}
	close(fd[0]);
	close(fd[1]);
	return r < 0 ? r : stream_in_end(&in);
}

static int
feed_once(const uint8_t *p, size_t n, int *records)
{
	int r = feed(p, n, 30000, records);

	stream_in_free(&in);
	return r;
}

static void
round_trip(void)
{
	struct stream_out out;
	struct stream_rec rec;
	uint8_t data[100];
	int records;

	memset(data, 7, sizeof(data));
	stream_out_init(&out, 4096);
	check(stream_out_put(&out, UINT64_C(1763640000123456789), data, 60,
		  data + 60, 40) &&
		  stream_out_put(&out, 1, data, 0, NULL, 0),
	    "two records go in");
	check(feed_once(out.buf, out.end, &records) == 0 && records == 2,
	    "and come out");
	check(feed(out.buf, out.end, 1, &records) == 0 && records == 2,
	    "byte by byte, too");
	stream_in_free(&in);
	stream_in_init(&in);
	memcpy(in.buf, out.buf, out.end);
	in.end = out.end;
	check(stream_in_next(&in, &rec) == 1 &&
		  rec.ts == UINT64_C(1763640000123456789) &&
		  rec.caplen == 100 && rec.len == 100 &&
		  memcmp(rec.data, data, 100) == 0,
	    "with their time and bytes");
	stream_in_free(&in);
	stream_out_free(&out);
}

/* counters - a stream may have run for long */
static void
counters(void)
{
	struct stream_out out;
	struct stream_rec rec;
	uint8_t data[10] = {0};

	stream_out_init(&out, 4096);
	out.count = UINT32_MAX;
	stream_out_put(&out, 1, data, 10, NULL, 0);
	stream_out_put(&out, 1, data, 10, NULL, 0);
	check(out.count == UINT64_C(0x100000001), "2^32 records written");
	stream_in_init(&in);
	memcpy(in.buf, out.buf, out.end);
	in.end = out.end - 1;
	in.count = UINT32_MAX;
	check(stream_in_next(&in, &rec) == 1 &&
		  stream_in_next(&in, &rec) == 0 && stream_in_end(&in) < 0 &&
		  strstr(in.error, "packet 4294967297:") != NULL,
	    "and read: %s", in.error);
	stream_in_free(&in);
	stream_out_free(&out);
}

static void
bounded(void)
{
	struct stream_out out;
	uint8_t data[1000] = {0};
	int i, ok = 0;

	stream_out_init(&out, 4096);
	for (i = 0; i < 10; i++)
		ok += stream_out_put(&out, 1, data, 1000, NULL, 0);
	check(ok == 4 && out.dropped == 6 && out.count == 4,
	    "what finds no room is counted");
	check(stream_out_reserve(&out, 4096) == NULL && out.dropped == 6,
	    "reserving does not count");
	check(stream_out_room(&out) < 1000, "room says so");
	stream_out_free(&out);
}

/* formats - both magics and byte orders, headers in between, other files */
static void
formats(void)
{
	static const uint8_t big_us[24] = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4,
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 1};
	static const uint8_t rec[20] = {
	    0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 4, 1, 2, 3, 4};
	uint8_t buf[200];
	struct stream_rec r;
	int records;

	memcpy(buf, big_us, 24);
	memcpy(buf + 24, rec, 20);
	memcpy(buf + 44, big_us, 24);
	memcpy(buf + 68, rec, 20);
	check(feed_once(buf, 88, &records) == 0 && records == 2,
	    "big-endian microseconds, and a second header in between");
	stream_in_init(&in);
	memcpy(in.buf, buf, 88);
	in.end = 88;
	check(stream_in_next(&in, &r) == 1 && r.ts == UINT64_C(9000005000),
	    "microseconds are microseconds");
	stream_in_free(&in);
	check(feed_once(buf, 87, &records) == -1, "ends inside a record");
	check(feed_once(buf, 30, &records) == -1, "inside a record's header");
	check(feed_once(buf, 10, &records) == -1, "inside the file header");
	check(feed_once(buf, 24, &records) == 0 && records == 0,
	    "a header alone is a clean end");
	buf[23] = 113;
	check(feed(buf, 24, 24, &records) == -1 && in.status == 2,
	    "another link type: exit 2: %s", in.error);
	stream_in_free(&in);
	check(feed((const uint8_t *)"\x0a\x0d\x0d\x0a....", 8, 8, &records) ==
		      -1 &&
		  in.status == 2,
	    "pcapng: exit 2: %s", in.error);
	stream_in_free(&in);
	check(feed((const uint8_t *)"GET / HTTP", 10, 10, &records) == -1 &&
		  in.status == 1,
	    "no stream at all: exit 1: %s", in.error);
	stream_in_free(&in);
	memcpy(buf, big_us, 24);
	memset(buf + 24, 0xff, 20);
	buf[24] = 0;
	check(feed(buf, 44, 44, &records) == -1 && in.status == 1,
	    "a record of 4 GB: exit 1: %s", in.error);
	stream_in_free(&in);
	memset(buf + 32, 0, 12);
	check(feed(buf, 44, 44, &records) == -1 && in.status == 1 &&
		  strstr(in.error, "a time of 4294967295 us") != NULL,
	    "no time within a second: exit 1: %s", in.error);
	stream_in_free(&in);
}

/* looks_ahead - eight records before they are given out, each once */
static void
looks_ahead(void)
{
	enum { RECORDS = 3000, LENGTH = 60, AHEAD = 8 };
	struct stream_out out;
	struct stream_rec rec;
	uint8_t data[LENGTH] = {0};
	uint64_t i, wrong = 0, wanted;

	stream_out_init(&out, 1 << 20);
	for (i = 0; i < RECORDS; i++)
		stream_out_put(&out, 1, data, LENGTH, NULL, 0);
	stream_in_init(&in);
	stream_in_soon(&in, on_soon, NULL);
	memcpy(in.buf, out.buf, out.end);
	in.end = out.end;
	memset(&soon, 0, sizeof(soon));
	for (i = 1; stream_in_next_soon(&in, &rec) == 1; i++) {
		wanted = i + AHEAD < RECORDS ? i + AHEAD : RECORDS;
		/* of the first none was said: it was there at once */
		wrong += soon.n != wanted - 1;
	}
	check(i == RECORDS + 1 && wrong == 0 && !soon.outside &&
		  soon.bytes == (RECORDS - 1) * LENGTH,
	    "soon() is called eight records ahead, once for each");
	stream_in_free(&in);
	memset(&soon, 0, sizeof(soon));
	feed_once(out.buf, out.end, &(int){0});
	check(!soon.outside && soon.n > RECORDS * 9 / 10 && soon.n < RECORDS,
	    "and for most where reads end inside of records");
	stream_out_free(&out);
}

static void
chaos(void)
{
	struct stream_out out;
	struct chance c;
	uint8_t data[300] = {0};
	int i, records;

	chance_seed(&c, 11);
	for (i = 0; i < 3000; i++) {
		stream_out_init(&out, 8192);
		while (stream_out_put(&out, chance_u64(&c) >> 4, data,
		    chance_below(&c, 300), data, 0))
			;
		out.buf[chance_below(&c, out.end)] = (uint8_t)chance_u64(&c);
		out.buf[chance_below(&c, 100)] ^= (uint8_t)chance_below(&c, 3);
		feed_once(out.buf, out.end, &records);
		stream_out_free(&out);
	}
	check(!soon.outside, "damaged streams end in an answer");
}

int
main(void)
{
	round_trip();
	counters();
	bounded();
	formats();
	looks_ahead();
	chaos();
	return done();
}
