/*
 * face.c - from a fingerprint, as nmap-os-db has them, to a face. Of
 * alternatives the first is taken, of a range its beginning.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hosts/files.h"
#include "hosts/hosts_var.h"
#include "wire/tcp_hdr.h"

enum { PRINT = 8192, VALUE = 64, ETHER_MSS = 1460 };

/* of SP: what is below counts in steps; what is below, by the time */
enum { STEADY = 16, PREDICTED = 0xe4, RANDOM = 0x10a };

/* value - of a key in "KEY=a|b%..." of a test: false when it has none */
static bool
value(const char *print, const char *test, const char *key, char out[VALUE])
{
	char name[12];
	const char *p, *end;
	size_t n;

	snprintf(name, sizeof(name), "%s(", test);
	p = strstr(print, name);
	if (p == NULL || (p > print && p[-1] != '\n'))
		return false;
	end = p + strcspn(p, ")\n");
	for (p += strlen(name); p < end; p += strcspn(p, "%)") + 1) {
		n = strlen(key);
		if (strncmp(p, key, n) != 0 || p[n] != '=')
			continue;
		p += n + 1;
		n = strcspn(p, "|%)");
		if (n >= VALUE)
			return false;
		memcpy(out, p, n);
		out[n] = '\0';
		return true;
	}
	return false;
}

/* hex - the number, of a range the first; where it is missing, none */
static uint32_t
hex(const char *print, const char *test, const char *key, uint32_t none)
{
	char v[VALUE];

	if (!value(print, test, key, v) || v[0] == '\0')
		return none;
	return (uint32_t)strtoul(
	    v[0] == '>' || v[0] == '<' ? v + 1 : v, NULL, 16);
}

static bool
yes(const char *print, const char *test, const char *key, bool none)
{
	char v[VALUE];

	return value(print, test, key, v) ? v[0] == 'Y' : none;
}

static enum face_id
id(const char *print, const char *key)
{
	char v[VALUE];

	if (!value(print, "SEQ", key, v))
		return FACE_ID_OWN;
	if (strcmp(v, "Z") == 0)
		return FACE_ID_ZERO;
	if (strcmp(v, "I") == 0)
		return FACE_ID_COUNT;
	if (strcmp(v, "BI") == 0)
		return FACE_ID_SWAPPED;
	if (strcmp(v, "RI") == 0)
		return FACE_ID_LEAPS;
	return strcmp(v, "RD") == 0 ? FACE_ID_RANDOM : FACE_ID_OWN;
}

/* bytes_of - an option in a header */
static unsigned
bytes_of(char option)
{
	switch (option) {
	case 'M':
		return 4;
	case 'W':
		return 3;
	case 'S':
		return 2;
	case 'T':
		return 10;
	}
	return 1;
}

/* offered - by the nth SYN of the test OPS: its MSS. An answer with the same
   one repeats it */
static uint16_t
offered(const char *o, uint32_t mss)
{
	static const uint16_t by[] = {
	    ['2'] = 1400, ['3'] = 640, ['5'] = 536, ['6'] = 265, ['9'] = 0};

	if (mss == ETHER_MSS)
		return 0;
	return o[1] != '\0' && mss == by[(unsigned char)o[1]] ? FACE_MSS_BACK
							      : (uint16_t)mss;
}

/* options - "M5B4NW8ST11" of the test o; what a header has room for */
static void
options(struct face_syn *s, const char *o, const char *v)
{
	unsigned room = TCP_MAXHLEN - TCP_HLEN;
	const char *p;
	size_t n = 0;

	for (p = v; *p != '\0' && n + 1 < FACE_LAYOUT; p++) {
		if (strchr("MNWSTL", *p) == NULL)
			continue;
		if (bytes_of(*p) > room)
			break;
		room -= bytes_of(*p);
		s->layout[n++] = *p;
		if (*p == 'M')
			s->mss = offered(o, (uint32_t)strtoul(p + 1, NULL, 16));
		if (*p == 'W')
			s->wscale = (uint8_t)strtoul(p + 1, NULL, 16);
		if (*p == 'T')
			s->no_echo = p[1] != '\0' && p[2] == '0';
		if (*p == 'M' || *p == 'W' || *p == 'T')
			p += strspn(p + 1, "0123456789ABCDEF");
	}
	if (s->wscale > 14)
		s->wscale = 14;
}

static void
syn(struct face_syn *s, const char *print, const char *test, const char *o,
    const char *w)
{
	char v[VALUE];

	s->wnd = (uint16_t)hex(print, strcmp(test, "OPS") == 0 ? "WIN" : test,
	    w, hex(print, "WIN", "W1", 0));
	if (value(print, test, o, v))
		options(s, o, v);
}

/* syns - how it answers the SYNs of nmap. To those of Ethernet's MSS it would
   repeat a smaller one, if it repeats that of another */
static void
syns(struct face *f, const char *print)
{
	struct face_syn *s = f->syn;

	syn(&s[FACE_SYN_ALL], print, "OPS", "O1", "W1");
	syn(&s[FACE_SYN_SHORTER], print, "OPS", "O2", "W2");
	syn(&s[FACE_SYN_NO_SACK], print, "OPS", "O3", "W3");
	syn(&s[FACE_SYN_NO_MSS], print, "OPS", "O4", "W4");
	syn(&s[FACE_SYN_SHORT], print, "OPS", "O5", "W5");
	syn(&s[FACE_SYN_NO_WSCALE], print, "OPS", "O6", "W6");
	syn(&s[FACE_SYN_NO_TS], print, "ECN", "O", "W");
	syn(&s[FACE_SYN_ODD], print, "T3", "O", "W");
	if (s[FACE_SYN_SHORTER].mss != FACE_MSS_BACK)
		return;
	if (s[FACE_SYN_ALL].mss == 0)
		s[FACE_SYN_ALL].mss = FACE_MSS_BACK;
	if (s[FACE_SYN_NO_TS].mss == 0)
		s[FACE_SYN_NO_TS].mss = FACE_MSS_BACK;
}

static uint8_t
flags(const char *v)
{
	static const char letter[] = "FSRPAUE";
	static const uint8_t bit[] = {
	    TH_FIN, TH_SYN, TH_RST, TH_PSH, TH_ACK, TH_URG, TH_ECE};
	uint8_t f = 0;
	const char *at;

	for (; *v != '\0'; v++)
		if ((at = strchr(letter, *v)) != NULL)
			f |= bit[at - letter];
	return f;
}

/* begins - the TTL that it began with, of one that has come */
static uint32_t
begins(uint32_t ttl)
{
	static const uint8_t first[] = {32, 64, 128};
	size_t i;

	for (i = 0; i < sizeof(first); i++)
		if (ttl <= first[i])
			return first[i];
	return UINT8_MAX;
}

/* ttl_of - of a test's answers: the guess, or from what has come */
static uint8_t
ttl_of(const char *print, const char *test, uint32_t none)
{
	uint32_t ttl = hex(print, test, "TG", 0);

	if (ttl == 0)
		ttl = begins(hex(print, test, "T", none));
	return (uint8_t)(ttl < UINT8_MAX ? ttl : UINT8_MAX);
}

/*
 * text_of - of a reset, by the checksum RD. Those of stacks with streams say
 * why (crc32 "No TCP" is E44A4E43); of any other a text of four bytes has the
 * checksum that is asked for.
 */
static void
text_of(struct face_answer *a, uint32_t sum)
{
	static const struct {
		uint32_t sum;
		const char *text;
	} known[] = {{0xe44a4e43, "No TCP"}, {0xbd1ab510, "No listener"}};
	uint32_t crc = ~sum;
	size_t i;

	if (sum == 0)
		return;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].sum == sum) {
			a->len = (uint8_t)strlen(known[i].text);
			memcpy(a->text, known[i].text, a->len);
			return;
		}
	/* back, bit by bit, to what the register was before 32 of them */
	for (i = 0; i < 32; i++)
		crc = crc & 0x80000000 ? (crc ^ 0xedb88320) << 1 | 1 : crc << 1;
	for (i = 0; i < 4; i++)
		a->text[i] = (char)(~crc >> 8 * i & 255);
	a->len = 4;
}

static void
lone(struct face_answer *a, const char *print, const char *test)
{
	char v[VALUE];

	a->sends = yes(print, test, "R", true);
	a->df = yes(print, test, "DF", false);
	a->urgent = value(print, test, "Q", v) && strchr(v, 'U') != NULL;
	a->wnd = (uint16_t)hex(print, test, "W", 0);
	a->ttl = ttl_of(print, test, 0);
	a->seq = '0';
	if (value(print, test, "S", v) && (v[0] == 'A' || v[0] == 'O'))
		a->seq = v[1] == '+' ? '+' : v[0];
	a->ack = '0';
	if (value(print, test, "A", v) && v[0] == 'S')
		a->ack = v[1] == '+' ? '+' : 'S';
	else if (value(print, test, "A", v) && v[0] == 'O')
		a->ack = 'O';
	a->flags = value(print, test, "F", v) ? flags(v) : 0;
	a->sends &= a->flags != 0;
	text_of(a, hex(print, test, "RD", 0));
}

/* bytes of the packet in the test U1, its identification; an error that
   repeats all of it */
enum { SENT = 0x148, SENT_LOW = 0x4801, ID_LOW = 0x4210, ALL = SENT + 28 };

/* repeats - the packet that it could not deliver, bytes of that */
static void
repeats(struct face *f, const char *print)
{
	uint32_t len = hex(print, "U1", "RIPL", SENT);
	char v[VALUE];

	f->repeat_no_sum = value(print, "U1", "RIPCK", v) && v[0] == 'Z';
	f->repeat_bad_sum = value(print, "U1", "RIPCK", v) && v[0] == 'I';
	f->repeat_no_udp_sum = value(print, "U1", "RUCK", v) && v[0] == '0';
	if (!value(print, "U1", "RID", v))
		v[0] = 'G';
	f->repeat_no_id = strcmp(v, "0") == 0;
	f->repeat_id_low = hex(print, "U1", "RID", 0) == ID_LOW;
	f->repeat_len_low = len == SENT_LOW;
	if (len == SENT - IP4_HLEN || len == SENT + IP4_HLEN)
		f->repeat_more = (int8_t)(len - SENT);
}

static void
icmp(struct face *f, const char *print)
{
	char v[VALUE];

	f->echo_df = FACE_DF_NEVER;
	if (value(print, "IE", "DFI", v) && v[0] == 'Y')
		f->echo_df = FACE_DF_ALWAYS;
	else if (value(print, "IE", "DFI", v) && v[0] == 'S')
		f->echo_df = FACE_DF_AS_ASKED;
	f->echo_code = value(print, "IE", "CD", v) && v[0] == 'S';
	/* one of its two pings has another code, and only that is odd */
	f->echo_plain = !yes(print, "IE", "R", true);
	f->refuses = yes(print, "U1", "R", true);
	f->refuse_df = yes(print, "U1", "DF", false);
	f->refuse_len = (uint16_t)hex(print, "U1", "IPL", 576);
	if (f->refuse_len >= ALL) /* it would repeat more */
		f->refuse_len = 576;
	f->refuse_unused = hex(print, "U1", "UN", 0);
	repeats(f, print);
}

/* clock_of - of timestamps: the rate's logarithm, where it is a usual one */
static void
clock_of(struct face *f, const char *print)
{
	/* where it is not two to the power of that, or our own millisecond */
	static const uint64_t tick[] = {[1] = NS_PER_SEC / 2,
	    [7] = NS_PER_SEC / 100,
	    [8] = NS_PER_SEC / 200,
	    [10] = NS_PER_MS};
	char v[VALUE];
	uint32_t log;

	if (!value(print, "SEQ", "TS", v) || v[0] == 'U')
		return;
	log = hex(print, "SEQ", "TS", 10);
	f->one_clock = log < 16;
	if (log == 0)
		f->tick = FACE_NO_CLOCK;
	else if (log < sizeof(tick) / sizeof(tick[0]) && tick[log] != 0)
		f->tick = tick[log] != NS_PER_MS ? tick[log] : 0;
	else if (log < 16)
		f->tick = NS_PER_SEC >> log;
}

/* middle - of a range "7C-86"; false: there is none */
static bool
middle(const char *print, const char *key, double *out)
{
	char v[VALUE], *end;
	unsigned long from, to;

	if (!value(print, "SEQ", key, v) || v[0] == '\0')
		return false;
	from = to = strtoul(v[0] == '<' || v[0] == '>' ? v + 1 : v, &end, 16);
	if (*end == '-')
		to = strtoul(end + 1, NULL, 16);
	*out = (double)(from + to) / 2;
	return true;
}

/* power - 2 to the n-th part of eight */
static double
power(double n)
{
	static const double root = 1.0905077326652577; /* the eighth of two */
	double x = 1;

	for (; n >= 1; n--)
		x *= root;
	return x;
}

/*
 * isn_of - nmap's GCD is the greatest common divisor of the differences, ISR
 * eight times the logarithm of their rate, SP that of its standard deviation,
 * over tenths of a second. What varies as much as random numbers do is ours.
 */
static void
isn_of(struct face *f, const char *print)
{
	double gcd = 1, rate = RANDOM, spread = RANDOM;

	middle(print, "GCD", &gcd);
	middle(print, "ISR", &rate);
	if (!middle(print, "SP", &spread) || spread >= PREDICTED)
		return;
	if (gcd < 1) {
		f->isn = FACE_ISN_SAME;
		return;
	}
	f->isn_step = (uint32_t)gcd;
	f->isn_rate = power(rate);
	f->isn = FACE_ISN_CLOCK;
	/* of a uniform distribution, in the difference of two */
	f->isn_noise = power(spread) * (gcd > 9 ? gcd : 1) * 0.245;
	if (spread >= STEADY)
		return;
	f->isn = FACE_ISN_STEP;
	f->isn_step = (uint32_t)(f->isn_rate / 10 / gcd + 0.5) * f->isn_step;
}

static void
read_print(struct face *f, const char *print)
{
	static const char *const test[] = {"T2", "T3", "T4", "T5", "T6", "T7"};
	char v[VALUE];
	int i;

	memset(f, 0, sizeof(*f));
	f->ttl = ttl_of(print, "T1", 64);
	f->echo_ttl = ttl_of(print, "IE", f->ttl);
	f->refuse_ttl = ttl_of(print, "U1", f->ttl);
	/* nearly all have this one with IPv6, whatever their TTL */
	f->hops = f->ttl == 128 ? 128 : 64;
	f->df = yes(print, "T1", "DF", true);
	f->ecn = yes(print, "ECN", "CC", false);
	clock_of(f, print);
	isn_of(f, print);
	f->ids_apart = value(print, "SEQ", "SS", v) && v[0] == 'O';
	f->syn_id = id(print, "TI");
	f->reset_id = id(print, "CI");
	f->icmp_id = id(print, "II");
	syns(f, print);
	for (i = 0; i < FACE_LONE; i++)
		lone(&f->lone[i], print, test[i]);
	icmp(f, print);
}

/* own_face - of this name: 1, or 0 */
static int
own_face(struct face *f, const char *name)
{
	const struct hosts_print *o = hosts_print(name);

	if (o == NULL)
		return 0;
	read_print(f, o->print);
	f->syn_wait = o->wait * NS_PER_MS;
	f->syn_limit = o->limit * NS_PER_MS;
	f->labels = o->labels;
	f->wnd6 = o->wnd6;
	return 1;
}

/* alike - what no database has, as it is younger than that: one of our own */
static int
alike(struct face *f, const char *name)
{
	static const char *const young[][2] = {{"Linux 5", "linux"},
	    {"Linux 6", "linux"}, {"FreeBSD 13", "freebsd"},
	    {"FreeBSD 14", "freebsd"}, {"Microsoft Windows 10", "windows-10"},
	    {"Microsoft Windows 11", "windows-10"}, {"macOS", "macos"}};
	size_t i, n;

	for (i = 0; i < sizeof(young) / sizeof(young[0]); i++) {
		n = strlen(young[i][0]);
		if (strncmp(name, young[i][0], n) == 0 &&
		    (name[n] < '0' || name[n] > '9'))
			return own_face(f, young[i][1]);
	}
	return 0;
}

/* by_name - what no print of a system tells */
static int
by_name(struct face *f, const char *name)
{
	f->isn_tick = hosts_isn_tick(name);
	f->reset_tos = f->isn_tick == HOSTS_LINUX_TICK;
	return 1;
}

int
hosts_face(struct face *f, const char *name, const char *db)
{
	static char print[PRINT];
	int found;

	if (own_face(f, name))
		return by_name(f, name);
	if (db == NULL)
		return 0;
	found = file_print(name, db, print, sizeof(print));
	if (found == 1)
		read_print(f, print);
	else if (alike(f, name))
		found = 1;
	return found == 1 ? by_name(f, name) : found;
}
