/*
 * pcapng.c - blocks of a pcapng file (draft-ietf-opsawg-pcapng), in
 * little-endian order on every machine.
 */
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "pcapnote.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_IF = 1,
	BLOCK_ENHANCED = 6,
	ORDER = 0x1a2b3c4d,
	OPT_END = 0,
	OPT_COMMENT = 1,
	OPT_IF_NAME = 2,
	OPT_USERAPPL = 4,
	OPT_TSRESOL = 9,
	LINK_ETHERNET = 1,
	NANOSECONDS = 9,
	BLOCK_EDGES = 12, /* type, length, and the length again */
	PACKET_FIXED = 20,
	IF_FIXED = 8,
	SECTION_FIXED = 16,
	NAME_MAX_BYTES = 255,
};

static void
word(uint32_t v)
{
	putchar((int)(v & 255));
	putchar((int)(v >> 8 & 255));
	putchar((int)(v >> 16 & 255));
	putchar((int)(v >> 24));
}

static size_t
padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static void
bytes(const void *p, size_t n)
{
	fwrite(p, 1, n, stdout);
	for (; n % 4 != 0; n++)
		putchar(0);
}

static void
option(uint32_t code, const void *p, size_t n)
{
	word(code | (uint32_t)n << 16);
	bytes(p, n);
}

/* bytes that it takes */
static size_t
option_size(size_t n)
{
	return 4 + padded(n);
}

bool
pcapng_begin(void)
{
	static const char app[] = "tcphantom pcapnote " VERSION;
	size_t n = BLOCK_EDGES + SECTION_FIXED + option_size(strlen(app)) + 4;

	word(BLOCK_SECTION);
	word((uint32_t)n);
	word(ORDER);
	word(1); /* version 1.0 */
	word(UINT32_MAX);
	word(UINT32_MAX); /* the section's length: not known */
	option(OPT_USERAPPL, app, strlen(app));
	word(OPT_END);
	word((uint32_t)n);
	return !ferror(stdout);
}

bool
pcapng_interface(const char *name)
{
	static const uint8_t resolution = NANOSECONDS;
	size_t len = strlen(name), n;

	if (len > NAME_MAX_BYTES)
		len = NAME_MAX_BYTES;
	n = BLOCK_EDGES + IF_FIXED + option_size(len) + option_size(1) + 4;
	word(BLOCK_IF);
	word((uint32_t)n);
	word(LINK_ETHERNET);
	word(STREAM_SNAPLEN);
	option(OPT_IF_NAME, name, len);
	option(OPT_TSRESOL, &resolution, 1);
	word(OPT_END);
	word((uint32_t)n);
	return !ferror(stdout);
}

/* kept - bytes of the comments that the packet has in its file */
static size_t
kept(const struct pcapng *file)
{
	const uint8_t *text;
	size_t at = 0, len, n = 0;

	while (pcapng_comment(file, &at, &text, &len))
		n += option_size(len);
	return n;
}

bool
pcapng_packet(unsigned interface, const struct stream_rec *rec,
    const struct pcapng *file, const char *comment)
{
	const uint8_t *text;
	size_t at = 0, size, len = strlen(comment);
	size_t options = kept(file) + (len > 0 ? option_size(len) : 0);
	size_t n = BLOCK_EDGES + PACKET_FIXED + padded(rec->caplen) + options +
		   (options > 0 ? 4 : 0);

	word(BLOCK_ENHANCED);
	word((uint32_t)n);
	word(interface);
	word((uint32_t)(rec->ts >> 32));
	word((uint32_t)rec->ts);
	word(rec->caplen);
	word(rec->len);
	bytes(rec->data, rec->caplen);
	while (pcapng_comment(file, &at, &text, &size))
		option(OPT_COMMENT, text, size);
	if (len > 0)
		option(OPT_COMMENT, comment, len);
	if (options > 0)
		word(OPT_END);
	word((uint32_t)n);
	return !ferror(stdout);
}
