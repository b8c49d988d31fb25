/*
 * craft.c - tcp-craft's words and tcp-show's lines. Any words give a segment
 * or an error that is told, and where nothing wrong was asked for, the frame
 * is right. Any frame gives a line that is inert in a shell, and whose words
 * give its options and data again.
 *
 * The first byte chooses: 0 a frame follows, else words, each on a line of
 * its own, of IPv4 or of IPv6.
 */
#include <string.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "cmd/tcp-craft/craft.h"
#include "cmd/tcp-show/show.h"
#include "fuzz.h"
#include "pipe/stream.h"

enum { MAX_WORDS = 64, NAMES = 30 };

static struct craft craft, retold;
static uint8_t frame[CRAFT_FRAME_MAX];

static void
begin(struct craft *c, bool v6)
{
	static const uint8_t a[4] = {10, 0, 0, 7}, b[4] = {10, 0, 0, 5};

	memset(&c->ip, 0, sizeof(c->ip));
	ip_from_v4(&c->ip.src, a);
	ip_from_v4(&c->ip.dst, b);
	if (v6) {
		memset(c->ip.src.b, 0xfd, 16);
		memset(c->ip.dst.b, 0xfc, 16);
	}
	memset(&c->tcp, 0, sizeof(c->tcp));
}

/* value - of NAME='...' in a line, its end in *end */
static char *
value(char *line, const char *name, char **end)
{
	char *p = strstr(line, name);

	must(p != NULL);
	p += strlen(name);
	*end = strchr(p, '\'');
	must(*end != NULL);
	return p;
}

/* split - at spaces, in place; the number of words */
static int
split(char *p, char *end, char **words)
{
	int n = 0;

	*end = '\0';
	for (p = strtok(p, " "); p != NULL; p = strtok(NULL, " "))
		words[n++] = p;
	return n;
}

/* inert - one line of ASCII, NAME='value' each, no quote inside */
static void
inert(const char *line, size_t n)
{
	size_t i, quotes = 0;

	must(n > 2 && line[n - 1] == '\n' && line[n - 2] == '\'');
	for (i = 0; i + 1 < n; i++) {
		must(line[i] >= ' ' && line[i] <= '~');
		/* before an opening quote stands =, behind a closing one a
		   space or the end */
		if (line[i] == '\'')
			must(quotes++ % 2 == 0
				 ? i > 0 && line[i - 1] == '='
				 : line[i + 1] == ' ' || i + 2 == n);
	}
	must(quotes == 2 * NAMES);
}

/* again - the line's words make the same options and data */
static void
again(char *line, const struct shown *s)
{
	static uint8_t data[CRAFT_IP_MAX];
	char error[WORDS_ERROR], *words[MAX_WORDS], *p, *end;
	size_t n;
	int k;

	p = value(line, " DATA='", &end);
	*end = '\0';
	must(tcp_text_bytes(p, data, sizeof(data), &n) == NULL);
	must(n == s->there && memcmp(data, s->data, n) == 0);
	p = value(line, " OPTIONS='", &end);
	k = split(p, end, words);
	if (k == 0)
		return;
	begin(&retold, false);
	must(words_read(&retold, words, k, error) == k);
	must(retold.opt.n == s->nopt);
	must(memcmp(retold.opt.b, s->opt, s->nopt) == 0);
}

static void
show(const uint8_t *p, size_t size)
{
	static char line[SHOW_FIXED + TCP_BYTE_TEXT * 65536 + 1];
	struct stream_rec rec = {.caplen = (uint32_t)size};
	uint8_t *copy = malloc(size + 1); /* its end is watched */
	struct shown s;
	size_t n;

	must(copy != NULL);
	memcpy(copy, p, size);
	rec.len = rec.caplen;
	rec.data = copy;
	if (show_decode(&rec, true, &s) != LEFT_NOTHING) {
		free(copy);
		return;
	}
	must(s.data + s.there <= copy + size && s.there <= s.len);
	must(s.opt + s.nopt <= copy + size);
	n = show_line(&s, UINT64_MAX, true, line);
	must(n < sizeof(line));
	line[n] = '\0';
	inert(line, n);
	again(line, &s);
	free(copy);
}

/* right - the frame of a segment of which nothing wrong was asked */
static void
right(size_t n)
{
	struct stream_rec rec = {
	    .caplen = (uint32_t)n, .len = (uint32_t)n, .data = frame};
	const struct craft *c = &craft;
	struct shown s;

	must(n <= CRAFT_FRAME_MAX);
	show(frame, n);
	if (c->bad_sum || c->bad_ipsum || c->sum != CRAFT_AS_IS ||
	    c->ipsum != CRAFT_AS_IS || c->hlen != CRAFT_AS_IS ||
	    c->iphlen != CRAFT_AS_IS || c->iplen != CRAFT_AS_IS ||
	    c->proto != CRAFT_AS_IS || c->version != CRAFT_AS_IS ||
	    c->cut != CRAFT_AS_IS || c->reserved != 0)
		return;
	must(show_decode(&rec, false, &s) == LEFT_NOTHING && s.sum);
	must(s.len == c->data.n && memcmp(s.data, c->data.b, s.len) == 0);
	must(s.tcp.seq == c->tcp.seq && s.tcp.flags == c->tcp.flags);
	must(s.nopt >= c->opt.n && s.nopt < c->opt.n + 4);
	must(s.ip.ttl == c->ip.ttl && s.ip.tos == c->ip.tos);
}

static void
craft_words(char *text, bool v6)
{
	char error[WORDS_ERROR] = "", *words[MAX_WORDS], *p, *nl;
	int n = 0, at, k;

	/* a file is whatever lies on this machine */
	if (strstr(text, "datafile") != NULL)
		return;
	for (p = text; *p != '\0' && n < MAX_WORDS; p = nl) {
		nl = p + strcspn(p, "\n");
		if (*nl == '\n')
			*nl++ = '\0';
		words[n++] = p;
	}
	for (at = 0; at < n || n == 0; at += k) {
		begin(&craft, v6);
		k = words_read(&craft, words + at, n - at, error);
		if (k < 0) {
			must(strlen(error) > 5);
			return;
		}
		must(k > 0 && k <= n - at);
		right(craft_frame(&craft, frame));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size == 0)
		return 0;
	copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	if (data[0] == 0) {
		/* of its own size: a byte beyond it is a finding */
		copy = realloc(copy, size > 1 ? size - 1 : 1);
		show(copy, size - 1);
	} else {
		copy[size - 1] = '\0';
		craft_words((char *)copy, data[0] & 1);
	}
	free(copy);
	return 0;
}
