/*
 * words.c - the grammar: a table of words, what each takes, and what it sets.
 * Options stand in the segment in the order of their words.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"
#include "wire/tcp_hdr.h"
#include "wire/tcp_text.h"

#include "craft.h"

/* what one word is about, and where to complain */
struct reader {
	struct craft *c;
	const struct word *w;
	char *error;
};

enum family { BOTH, ONLY_V4, ONLY_V6 };

struct word {
	const char *name;
	/* 0, or -1 with the error set; arg has args elements */
	int (*act)(struct reader *r, char *const *arg);
	int args;
	enum family family;
	uint32_t max; /* of a number; or what is set without an argument */
	size_t at;    /* of the field in struct craft; or an option's kind */
	size_t size;  /* of the field, or of an option's value */
};

static int __attribute__((format(printf, 2, 3)))
wrong(struct reader *r, const char *fmt, ...)
{
	va_list ap;
	int n;

	n = snprintf(r->error, WORDS_ERROR, "read %s: ", r->w->name);
	va_start(ap, fmt);
	vsnprintf(r->error + n, WORDS_ERROR - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

/* ---- numbers */

static int
number(struct reader *r, const char *arg, uint32_t max, uint32_t *out)
{
	uint64_t v;

	*out = 0;
	if (tcp_text_number(arg, &v) != 0 || v > max)
		return wrong(
		    r, "\"%.40s\": not a number from 0 to %u", arg, max);
	*out = (uint32_t)v;
	return 0;
}

/* modulo - also below 0 and beyond 2^32: sums of a shell do not wrap */
static int
modulo(struct reader *r, const char *arg, uint32_t *out)
{
	bool minus = arg[0] == '-';
	uint64_t v;

	*out = 0;
	if (tcp_text_number(arg + minus, &v) != 0)
		return wrong(r, "\"%.40s\": not a number", arg);
	*out = (uint32_t)(minus ? 0 - v : v);
	return 0;
}

/* field - the field that the table names */
static void *
field(const struct reader *r)
{
	return (uint8_t *)r->c + r->w->at;
}

static int
store(struct reader *r, uint32_t v)
{
	if (r->w->size == 1)
		*(uint8_t *)field(r) = (uint8_t)v;
	else if (r->w->size == 2)
		*(uint16_t *)field(r) = (uint16_t)v;
	else
		*(uint32_t *)field(r) = v;
	return 0;
}

static int
set_it(struct reader *r, char *const *arg)
{
	return store(r, r->w->max);
}

static int
set_number(struct reader *r, char *const *arg)
{
	uint32_t v;

	return number(r, arg[0], r->w->max, &v) == 0 ? store(r, v) : -1;
}

/* set_length - of a header, in bytes: the field counts words of four */
static int
set_length(struct reader *r, char *const *arg)
{
	uint32_t v;

	if (number(r, arg[0], r->w->max, &v) != 0)
		return -1;
	return v % 4 == 0 ? store(r, v)
			  : wrong(r, "%u: not a multiple of 4", v);
}

static int
set_modulo(struct reader *r, char *const *arg)
{
	uint32_t v;

	return modulo(r, arg[0], &v) == 0 ? store(r, v) : -1;
}

static int
set_sum(struct reader *r, char *const *arg)
{
	const char *s = arg[0];
	uint8_t b[2];
	size_t n;

	if (s[0] == '0' && s[1] == 'x')
		s += 2;
	if (tcp_text_hex(s, b, sizeof(b), &n) != 0 || n != sizeof(b))
		return wrong(r, "\"%.40s\": not four hexadecimal digits", s);
	return store(r, get_be16(b));
}

/* set_tos - some bits of it: at is their place, size their mask */
static int
set_tos(struct reader *r, char *const *arg)
{
	uint8_t *tos = &r->c->ip.tos;
	uint32_t v;

	if (number(r, arg[0], r->w->max, &v) != 0)
		return -1;
	*tos = (uint8_t)((*tos & ~r->w->size) | v << r->w->at);
	return 0;
}

static int
set_flags(struct reader *r, char *const *arg)
{
	if (tcp_text_flags(arg[0], &r->c->tcp.flags) != 0)
		return wrong(r,
		    "\"%.40s\": not letters of FSRPAUEWe, \".\" "
		    "for ACK, or none",
		    arg[0]);
	return 0;
}

static int
set_at(struct reader *r, char *const *arg)
{
	if (tcp_text_stamp(arg[0], &r->c->stamp) != 0)
		return wrong(r, "\"%.40s\": not seconds since 1970", arg[0]);
	return 0;
}

static int
set_after(struct reader *r, char *const *arg)
{
	uint64_t ns;

	if (parse_time(arg[0], &ns) != 0)
		return wrong(r, "\"%.40s\": not a time in seconds", arg[0]);
	r->c->stamp += ns;
	return 0;
}

static int
add_vlan(struct reader *r, char *const *arg)
{
	struct craft *c = r->c;
	uint32_t v;

	if (number(r, arg[0], r->w->max, &v) != 0)
		return -1;
	if (c->nvlan == ETHER_MAXTAGS)
		return wrong(r, "more than %d tags", ETHER_MAXTAGS);
	c->vlan[c->nvlan++] = (uint16_t)v;
	return 0;
}

/* turn - from the other end: as the peer would send it */
static int
turn(struct reader *r, char *const *arg)
{
	struct craft *c = r->c;
	struct ip_addr a = c->ip.src;
	struct mac m = c->src;
	uint16_t port = c->tcp.sport;

	c->ip.src = c->ip.dst;
	c->ip.dst = a;
	c->src = c->dst;
	c->dst = m;
	c->tcp.sport = c->tcp.dport;
	c->tcp.dport = port;
	return 0;
}

/* ---- bytes of options and data */

/* add - n bytes more; TCP's options and IPv4's end at 40, data at a packet */
static int
add(struct reader *r, struct craft_bytes *to, const uint8_t *p, size_t n)
{
	bool data = to == &r->c->data;
	size_t max = data ? CRAFT_IP_MAX : CRAFT_OPT_MAX;

	if (n > max - to->n)
		return wrong(r, "more than %zu bytes of %s", max,
		    data ? "data" : "options");
	memcpy(to->b + to->n, p, n);
	to->n += n;
	return 0;
}

static int
add_hex(struct reader *r, char *const *arg)
{
	static uint8_t b[CRAFT_IP_MAX];
	size_t n;

	if (tcp_text_hex(arg[0], b, sizeof(b), &n) != 0)
		return wrong(r, "\"%.40s\": not bytes in hexadecimal", arg[0]);
	return add(r, field(r), b, n);
}

static int
add_text(struct reader *r, char *const *arg)
{
	static uint8_t b[CRAFT_IP_MAX];
	const char *at;
	size_t n;

	at = tcp_text_bytes(arg[0], b, sizeof(b), &n);
	if (at != NULL && n == sizeof(b))
		return wrong(r, "more than %zu bytes", sizeof(b));
	if (at != NULL)
		return wrong(r, "\"%.6s\": no such escape", at);
	return add(r, &r->c->data, b, n);
}

static int
add_file(struct reader *r, char *const *arg)
{
	static uint8_t b[CRAFT_IP_MAX + 1]; /* one more: it is too much */
	int fd = strcmp(arg[0], "-") == 0 ? STDIN_FILENO
					  : open(arg[0], O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t k = 1;

	while (fd >= 0 && n < sizeof(b) && k != 0) {
		k = read(fd, b + n, sizeof(b) - n);
		if (k < 0 && errno != EINTR)
			break;
		n += k > 0 ? (size_t)k : 0;
	}
	if (fd < 0 || k < 0)
		return wrong(r, "%.100s: %s", arg[0], strerror(errno));
	if (fd != STDIN_FILENO)
		close(fd);
	return add(r, &r->c->data, b, n);
}

/* put_option - kind, length, n bytes */
static int
put_option(struct reader *r, uint8_t kind, const uint8_t *p, size_t n)
{
	uint8_t head[2] = {kind, (uint8_t)(2 + n)};

	if (add(r, &r->c->opt, head, sizeof(head)) != 0)
		return -1;
	return add(r, &r->c->opt, p, n);
}

/* add_byte - an option without a length */
static int
add_byte(struct reader *r, char *const *arg)
{
	uint8_t kind = (uint8_t)r->w->at;

	return add(r, &r->c->opt, &kind, 1);
}

static int
add_number(struct reader *r, char *const *arg)
{
	uint32_t v = 0;
	uint8_t b[4];

	if (r->w->args > 0 && number(r, arg[0], r->w->max, &v) != 0)
		return -1;
	put_be32(b, v);
	return put_option(r, (uint8_t)r->w->at, b + 4 - r->w->size, r->w->size);
}

static int
add_ts(struct reader *r, char *const *arg)
{
	uint32_t val, ecr;
	uint8_t b[8];

	if (modulo(r, arg[0], &val) != 0 || modulo(r, arg[1], &ecr) != 0)
		return -1;
	put_be32(b, val);
	put_be32(b + 4, ecr);
	return put_option(r, (uint8_t)r->w->at, b, sizeof(b));
}

static int
add_option(struct reader *r, char *const *arg)
{
	uint8_t b[CRAFT_OPT_MAX];
	uint32_t kind;
	size_t n;

	if (number(r, arg[0], r->w->max, &kind) != 0)
		return -1;
	if (tcp_text_hex(arg[1], b, sizeof(b), &n) != 0)
		return wrong(r,
		    "\"%.40s\": not at most %d bytes in "
		    "hexadecimal",
		    arg[1], CRAFT_OPT_MAX - 2);
	return put_option(r, (uint8_t)kind, b, n);
}

/* add_sack - "A-B,C-D": one option of any number of blocks */
static int
add_sack(struct reader *r, char *const *arg)
{
	const char *s = arg[0];
	uint8_t b[CRAFT_OPT_MAX];
	char one[24];
	uint32_t v;
	size_t n = 0, len;

	for (;; s += len + 1) {
		len = strcspn(s, n % 8 == 0 ? "-" : ",");
		if (len >= sizeof(one) || n + 4 > sizeof(b))
			return wrong(r, "\"%.40s\": too long", arg[0]);
		memcpy(one, s, len);
		one[len] = '\0';
		if (modulo(r, one, &v) != 0)
			return -1;
		put_be32(b + n, v);
		n += 4;
		if (s[len] == '\0')
			break;
	}
	if (n % 8 != 0)
		return wrong(r,
		    "\"%.40s\": a block is START-END, several are "
		    "joined by commas",
		    arg[0]);
	return put_option(r, (uint8_t)r->w->at, b, n);
}

/* ---- the table, and a segment's words */

#define FIELD(f) offsetof(struct craft, f), sizeof(((struct craft *)0)->f)

/* option kinds are those of IANA's registry "TCP Option Kind Numbers" */
static const struct word table[] = {
    {"ack", set_modulo, 1, BOTH, 0, FIELD(tcp.ack)},
    {"after", set_after, 1, BOTH, 0, 0, 0},
    {"at", set_at, 1, BOTH, 0, 0, 0},
    {"back", turn, 0, BOTH, 0, 0, 0},
    {"badipsum", set_it, 0, ONLY_V4, 1, FIELD(bad_ipsum)},
    {"badsum", set_it, 0, BOTH, 1, FIELD(bad_sum)},
    {"cut", set_number, 1, BOTH, CRAFT_FRAME_MAX, FIELD(cut)},
    {"data", add_text, 1, BOTH, 0, 0, 0},
    {"datafile", add_file, 1, BOTH, 0, 0, 0},
    {"df", set_it, 0, ONLY_V4, 1, FIELD(ip.df)},
    {"dport", set_number, 1, BOTH, 65535, FIELD(tcp.dport)},
    {"dscp", set_tos, 1, BOTH, 63, 2, 0xfc},
    {"ecn", set_tos, 1, BOTH, 3, 0, 3},
    {"eol", add_byte, 0, BOTH, 0, 0, 0},
    {"flags", set_flags, 1, BOTH, 0, 0, 0},
    {"flow", set_number, 1, ONLY_V6, 0xfffff, FIELD(flow)},
    {"hex", add_hex, 1, BOTH, 0, FIELD(data)},
    {"hlen", set_length, 1, BOTH, 60, FIELD(hlen)},
    {"id", set_number, 1, ONLY_V4, 65535, FIELD(ip.id)},
    {"iphlen", set_length, 1, ONLY_V4, 60, FIELD(iphlen)},
    {"iplen", set_number, 1, BOTH, 65535, FIELD(iplen)},
    {"ipopt", add_hex, 1, ONLY_V4, 0, FIELD(ipopt)},
    {"ipsum", set_sum, 1, ONLY_V4, 0, FIELD(ipsum)},
    {"mss", add_number, 1, BOTH, 65535, 2, 2},
    {"nodf", set_it, 0, ONLY_V4, 0, FIELD(ip.df)},
    {"nop", add_byte, 0, BOTH, 0, 1, 0},
    {"option", add_option, 2, BOTH, 255, 0, 0},
    {"options", add_hex, 1, BOTH, 0, FIELD(opt)},
    {"proto", set_number, 1, BOTH, 255, FIELD(proto)},
    {"reserved", set_number, 1, BOTH, 15, FIELD(reserved)},
    {"sack", add_sack, 1, BOTH, 0, 5, 0},
    {"sackok", add_number, 0, BOTH, 0, 4, 0},
    {"seq", set_modulo, 1, BOTH, 0, FIELD(tcp.seq)},
    {"sport", set_number, 1, BOTH, 65535, FIELD(tcp.sport)},
    {"sum", set_sum, 1, BOTH, 0, FIELD(sum)},
    {"tos", set_number, 1, BOTH, 255, FIELD(ip.tos)},
    {"ts", add_ts, 2, BOTH, 0, 8, 0},
    {"ttl", set_number, 1, BOTH, 255, FIELD(ip.ttl)},
    {"urg", set_number, 1, BOTH, 65535, FIELD(tcp.urp)},
    {"version", set_number, 1, BOTH, 15, FIELD(version)},
    {"vlan", add_vlan, 1, BOTH, 65535, 0, 0},
    {"win", set_number, 1, BOTH, 65535, FIELD(tcp.wnd)},
    {"wscale", add_number, 1, BOTH, 255, 3, 1},
};

/* read_word - word[0], behind which left more stand; their count, or -1 */
static int
read_word(struct reader *r, char *const *word, int left)
{
	const size_t count = sizeof(table) / sizeof(table[0]);
	bool v4 = ip_is_v4(&r->c->ip.src);
	size_t i;

	for (i = 0; i < count && strcmp(table[i].name, word[0]) != 0; i++)
		;
	if (i == count) {
		snprintf(r->error, WORDS_ERROR, "read \"%.40s\": no such word",
		    word[0]);
		return -1;
	}
	r->w = &table[i];
	if (r->w->family == (v4 ? ONLY_V6 : ONLY_V4))
		return wrong(r, "IPv%d has none", v4 ? 4 : 6);
	if (left < r->w->args)
		return wrong(r, "its value is missing");
	return r->w->act(r, word + 1) == 0 ? r->w->args : -1;
}

/* defaults - of a plain segment */
static void
defaults(struct craft *c)
{
	c->nvlan = 0;
	c->ip.ttl = 64;
	c->ip.tos = 0;
	c->ip.id = 0;
	c->ip.df = true;
	c->tcp.seq = c->tcp.ack = 0;
	c->tcp.flags = 0;
	c->tcp.wnd = 65535;
	c->tcp.urp = 0;
	c->opt.n = c->ipopt.n = c->data.n = 0;
	c->reserved = 0;
	c->flow = 0;
	c->sum = c->ipsum = c->hlen = c->iphlen = CRAFT_AS_IS;
	c->iplen = c->proto = c->version = c->cut = CRAFT_AS_IS;
	c->bad_sum = c->bad_ipsum = false;
}

int
words_read(struct craft *c, char *const *words, int n, char error[WORDS_ERROR])
{
	struct reader r = {.c = c, .error = error};
	int i, k;

	defaults(c);
	for (i = 0; i < n && strcmp(words[i], "next") != 0; i += 1 + k) {
		k = read_word(&r, words + i, n - i - 1);
		if (k < 0)
			return -1;
	}
	if (i == 0 || i == n - 1) {
		snprintf(error, WORDS_ERROR, "read words: %s",
		    n == 0 ? "none is given"
			   : "\"next\" stands between two segments");
		return -1;
	}
	if (craft_len(c) > CRAFT_IP_MAX)
		return wrong(&r, "longer than a packet can be");
	return i < n ? i + 1 : n;
}
