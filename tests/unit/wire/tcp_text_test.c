/* tcp_text_test.c - parts of a segment as words, there and back */
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

static void
flags(void)
{
	char buf[TCP_FLAGS_TEXT];
	uint16_t f, g;
	unsigned i;
	bool ok = true;

	check(tcp_text_flags("SA", &f) == 0 && f == (TH_SYN | TH_ACK), "SA");
	check(
	    tcp_text_flags("[FP.]", &f) == 0 && f == (TH_FIN | TH_PSH | TH_ACK),
	    "[FP.] as tcpdump has it");
	check(tcp_text_flags("none", &f) == 0 && f == 0, "none");
	check(tcp_text_flags("[none]", &f) == 0 && f == 0, "[none]");
	check(tcp_text_flags("", &f) != 0, "nothing is not none");
	check(tcp_text_flags("[]", &f) != 0, "[]");
	check(tcp_text_flags("[S", &f) != 0, "an open bracket");
	check(tcp_text_flags("sa", &f) != 0, "small letters");
	for (i = 1; i < 512; i++)
		ok &= tcp_text_flags(
			  tcp_text_put_flags((uint16_t)i, buf), &g) == 0 &&
		      g == i;
	check(ok, "all of them, there and back");
}

static void
numbers(void)
{
	uint64_t v;

	check(tcp_text_number("0x10", &v) == 0 && v == 16, "0x10");
	check(tcp_text_number("010", &v) == 0 && v == 10, "010 is ten");
	check(tcp_text_number("0xffffffffffffffff", &v) == 0 && v == UINT64_MAX,
	    "the largest");
	check(tcp_text_number("0x10000000000000000", &v) != 0, "beyond it");
	check(tcp_text_number("18446744073709551616", &v) != 0, "in decimal");
	check(tcp_text_number("0x", &v) != 0, "0x alone");
	check(tcp_text_number("", &v) != 0, "nothing");
	check(tcp_text_number(" 1", &v) != 0, "a space");
	check(tcp_text_stamp("1.5", &v) == 0 && v == 1500000000, "1.5 s");
	check(tcp_text_stamp("4294967295.999999999", &v) == 0, "the last ns");
	check(tcp_text_stamp("4294967296", &v) != 0, "beyond 32 bits");
	check(tcp_text_stamp("1.", &v) != 0, "no digit behind the point");
	check(tcp_text_stamp(".5", &v) != 0, "none before it");
	check(tcp_text_stamp("1.5.5", &v) != 0, "two points");
	check(tcp_text_stamp("-1", &v) != 0, "before 1970");
}

static void
bytes(void)
{
	uint8_t p[256], q[256];
	char text[256 * TCP_BYTE_TEXT + 1];
	const char *at;
	bool quote;
	unsigned i;
	size_t n, len;

	check(tcp_text_hex("de:ad be ef", p, 4, &n) == 0 && n == 4 &&
		  memcmp(p, "\xde\xad\xbe\xef", 4) == 0,
	    "bytes in hexadecimal");
	check(tcp_text_hex("deadbeef01", p, 4, &n) != 0, "one too many");
	check(tcp_text_hex("de:", p, 4, &n) != 0, "a colon at the end");
	check(tcp_text_hex(":de", p, 4, &n) != 0, "a colon at the start");
	check(tcp_text_hex("d", p, 4, &n) != 0, "half a byte");
	check(tcp_text_bytes("\\0101\\x42C\\0\\0007", p, 9, &n) == NULL &&
		  n == 5 && memcmp(p, "ABC\0\a", 5) == 0,
	    "escapes");
	at = "ab\\q";
	check(tcp_text_bytes(at, p, 9, &n) == at + 2, "an unknown one");
	check(tcp_text_bytes("\\", p, 9, &n) != NULL, "half an escape");
	check(tcp_text_bytes("\\0400", p, 9, &n) != NULL, "no byte");
	check(tcp_text_bytes("abc", p, 2, &n) != NULL && n == 2, "no room");
	for (i = 0; i < 256; i++)
		p[i] = (uint8_t)i;
	len = tcp_text_put_bytes(p, 256, text);
	text[len] = '\0';
	quote = strchr(text, '\'') != NULL;
	for (i = 0; i < len; i++)
		quote |= text[i] < ' ' || text[i] > '~';
	check(!quote, "text that is inert between single quotes");
	check(tcp_text_bytes(text, q, sizeof(q), &n) == NULL && n == 256 &&
		  memcmp(p, q, 256) == 0,
	    "every byte, there and back");
}

static void
mixtures(void)
{
	char text[40 * TCP_BYTE_TEXT + 1], one[TCP_BYTE_TEXT],
	    all[sizeof(text)];
	uint8_t p[40];
	size_t n, i, len, at;
	uint32_t bits = 1;
	bool ok = true;

	for (n = 0; n <= sizeof(p) * 50; n++) {
		for (i = at = 0; i < n % sizeof(p); i++) {
			bits = bits * 1103515245 + 12345;
			p[i] = (bits >> 28) > n / 200 ? 'a' + i % 26
						      : (uint8_t)(bits >> 16);
			len = tcp_text_put_bytes(p + i, 1, one);
			memcpy(all + at, one, len);
			at += len;
		}
		text[i * TCP_BYTE_TEXT] = '#';
		len = tcp_text_put_bytes(p, i, text);
		ok &= len == at && memcmp(text, all, at) == 0 &&
		      text[i * TCP_BYTE_TEXT] == '#';
	}
	check(ok, "many bytes as each of them alone, within their room");
}

int
main(void)
{
	flags();
	numbers();
	bytes();
	mixtures();
	return done();
}
