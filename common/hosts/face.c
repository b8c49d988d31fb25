/*
 * face.c - from a fingerprint, as nmap-os-db has them, to a face. Of
 * alternatives the first is taken, of a range its beginning.
 *
 * Names that begin with a small letter are our own: made from the systems'
 * documentation and public packet captures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hosts/files.h"
#include "hosts/hosts_var.h"
#include "wire/tcp_hdr.h"

enum { PRINT = 8192, VALUE = 64 };

/* of SP: what is below counts in steps; what is below, by the time */
enum { STEADY = 16, PREDICTED = 0xe4, RANDOM = 0x10a };

/* what fingerprints do not have: of the SYN-ACK that nobody answers, ms until
   it is retransmitted first, and for how long in all; whether IPv6 flows have
   labels */
static const struct own {
	const char *name, *print;
	uint32_t wait, limit;
	bool labels;
	uint16_t wnd6; /* its window with IPv6, where it is another */
} own[] = {
    {"linux",
	"SEQ(TI=Z%CI=Z%II=I%TS=A)\n"
	"OPS(O1=M5B4ST11NW7%O2=M5B4ST11NW7%O3=M5B4NNT11NW7%O6=M5B4ST11)\n"
	"WIN(W1=FE88%W3=FE88%W6=FE88)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FAF0%O=M5B4NNSNW7%CC=Y)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=40%IPL=164%UN=0)\nIE(DFI=N%TG=40%CD=S)\n",
	1000, 60000, true, 0},
    {"windows-10",
	"SEQ(TI=I%CI=I%II=I%TS=A)\n"
	"OPS(O1=M5B4NW8ST11%O2=M5B4NW8ST11%O3=M5B4NW8NNT11%O6=M5B4ST11)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FF70)\n"
	"ECN(R=Y%DF=Y%TG=80%W=FFFF%O=M5B4NW8NNS%CC=N)\n"
	"T1(R=Y%DF=Y%TG=80)\n"
	"T2(R=Y%DF=Y%TG=80%W=0%S=Z%A=S%F=AR)\n"
	"T3(R=Y%DF=Y%TG=80%W=0%S=Z%A=O%F=AR)\n"
	"T4(R=Y%DF=Y%TG=80%W=0%S=A%A=O%F=R)\n"
	"T5(R=Y%DF=Y%TG=80%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=80%W=0%S=A%A=O%F=R)\n"
	"T7(R=Y%DF=Y%TG=80%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=80%IPL=164%UN=0)\nIE(DFI=N%TG=80%CD=Z)\n",
	1000, 5000, false, 0},
    {"freebsd",
	"SEQ(TI=Z%CI=Z%II=RI%TS=20)\n"
	"OPS(O1=M5B4NW6ST11%O2=M5B4NW6ST11%O3=M5B4NW6NNT11%O6=M5B4ST11)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FFFF)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FFFF%O=M5B4NW6SLL%CC=Y)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\n"
	"T3(R=Y%DF=Y%TG=40%W=FFFF%S=O%A=S+%F=AS)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=40%IPL=164%UN=0)\nIE(DFI=S%TG=40%CD=S)\n",
	1000, 10000, true, 0},
    {"macos",
	"SEQ(TI=Z%CI=Z%II=RI%TS=A)\n"
	"OPS(O1=M5B4NW6NNT11SLL%O2=M5B4NW6NNT11SLL%O3=M5B4NW6NNT11%"
	"O6=M5B4NNT11SLL)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FFFF)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FFFF%O=M5B4NW6SLL%CC=N)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=40%IPL=38%UN=0%RUCK=0)\nIE(DFI=S%TG=40%CD=S)\n",
	1000, 75000, true, 0},
    /* the stack of VxWorks, as many printers have it */
    {"printer",
	"SEQ(TI=I%CI=I%II=RI%TS=A)\n"
	"OPS(O1=M5B4NW0NNSNNT11%O2=M578NW0NNSNNT11%O3=M280NW0NNT11%"
	"O6=M109NNSNNT11)\n"
	"WIN(W1=4380%W3=4380%W6=4380)\n"
	"ECN(R=Y%DF=N%TG=40%W=4380%O=M5B4NW0NNS%CC=N)\n"
	"T1(R=Y%DF=N%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=N%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=N%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=FF%IPL=38%UN=0)\nIE(DFI=N%TG=FF%CD=S)\n",
	3000, 75000, false, 8688},
    {"cisco-ios",
	"SEQ(TI=RD%CI=RD%II=RI%TS=U)\n"
	"OPS(O1=M5B4%O2=M578%O3=M280%O6=M109)\n"
	"WIN(W1=1020%W3=1020%W6=1020)\n"
	"ECN(R=Y%DF=N%TG=FF%W=1020%O=M5B4%CC=N)\n"
	"T1(R=Y%DF=N%TG=FF)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=N%TG=FF%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=FF%W=0%S=A%A=S+%F=AR)\n"
	"T6(R=Y%DF=N%TG=FF%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=FF%W=0%S=A%A=S%F=AR)\n"
	"U1(DF=N%TG=FF%IPL=38%UN=0)\nIE(DFI=S%TG=FF%CD=S)\n",
	2000, 30000, false, 0},
};

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

/* syn - from "M5B4NW8ST11" */
static void
syn(struct face_syn *s, const char *print, const char *test, const char *o,
    const char *w)
{
	char v[VALUE];
	const char *p;
	size_t n = 0;

	s->wnd = (uint16_t)hex(print, test[0] == 'E' ? "ECN" : "WIN", w,
	    hex(print, "WIN", "W1", 0));
	if (!value(print, test, o, v))
		return;
	for (p = v; *p != '\0' && n + 1 < FACE_LAYOUT; p++) {
		if (strchr("MNWSTL", *p) == NULL)
			continue;
		s->layout[n++] = *p;
		if (*p == 'W')
			s->wscale = (uint8_t)strtoul(p + 1, NULL, 16);
		if (*p == 'M' || *p == 'W' || *p == 'T')
			p += strspn(p + 1, "0123456789ABCDEF");
	}
	if (s->wscale > 14)
		s->wscale = 14;
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

static void
lone(struct face_answer *a, const char *print, const char *test)
{
	char v[VALUE];

	a->sends = yes(print, test, "R", true);
	a->df = yes(print, test, "DF", false);
	a->wnd = (uint16_t)hex(print, test, "W", 0);
	a->seq = '0';
	if (value(print, test, "S", v) && (v[0] == 'A' || v[0] == 'O'))
		a->seq = v[0];
	a->ack = '0';
	if (value(print, test, "A", v) && v[0] == 'S')
		a->ack = v[1] == '+' ? '+' : 'S';
	else if (value(print, test, "A", v) && v[0] == 'O')
		a->ack = 'O';
	a->flags = value(print, test, "F", v) ? flags(v) : 0;
	a->sends &= a->flags != 0;
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
	f->refuses = yes(print, "U1", "R", true);
	f->refuse_df = yes(print, "U1", "DF", false);
	f->refuse_len = (uint16_t)hex(print, "U1", "IPL", 576);
	f->refuse_unused = hex(print, "U1", "UN", 0);
	f->repeat_no_sum = value(print, "U1", "RIPCK", v) && v[0] == 'Z';
	f->repeat_bad_sum = value(print, "U1", "RIPCK", v) && v[0] == 'I';
	f->repeat_no_udp_sum = value(print, "U1", "RUCK", v) && v[0] == '0';
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

/* clock_of - of timestamps: the rate's logarithm, where it is a usual one */
static void
clock_of(struct face *f, const char *print)
{
	static const uint64_t tick[] = {[1] = NS_PER_SEC / 2,
	    [7] = NS_PER_SEC / 100,
	    [8] = NS_PER_SEC / 200,
	    [9] = NS_PER_SEC / 512,
	    [11] = NS_PER_SEC / 2048};
	char v[VALUE];
	uint32_t log;

	if (!value(print, "SEQ", "TS", v) || v[0] == 'U')
		return;
	log = hex(print, "SEQ", "TS", 10);
	f->one_clock = log < 16;
	if (log == 0)
		f->tick = FACE_NO_CLOCK;
	else if (log < sizeof(tick) / sizeof(tick[0]))
		f->tick = tick[log];
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
	f->mss_back = value(print, "OPS", "O2", v) &&
		      strncmp(v, "M578", 4) == 0;
	clock_of(f, print);
	isn_of(f, print);
	f->ids_apart = value(print, "SEQ", "SS", v) && v[0] == 'O';
	f->syn_id = id(print, "TI");
	f->reset_id = id(print, "CI");
	f->icmp_id = id(print, "II");
	syn(&f->syn[FACE_SYN_ALL], print, "OPS", "O1", "W1");
	syn(&f->syn[FACE_SYN_SHORTER], print, "OPS", "O2", "W2");
	syn(&f->syn[FACE_SYN_SHORT], print, "OPS", "O5", "W5");
	syn(&f->syn[FACE_SYN_NO_SACK], print, "OPS", "O3", "W3");
	syn(&f->syn[FACE_SYN_NO_WSCALE], print, "OPS", "O6", "W6");
	syn(&f->syn[FACE_SYN_NO_TS], print, "ECN", "O", "W");
	for (i = 0; i < FACE_LONE; i++)
		lone(&f->lone[i], print, test[i]);
	icmp(f, print);
}

static void
read_own(struct face *f, const struct own *o)
{
	read_print(f, o->print);
	f->syn_wait = o->wait * NS_PER_MS;
	f->syn_limit = o->limit * NS_PER_MS;
	f->labels = o->labels;
	f->wnd6 = o->wnd6;
}

/* own_face - of this name: 1, or 0 */
static int
own_face(struct face *f, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(own[i].name, name) == 0) {
			read_own(f, &own[i]);
			return 1;
		}
	return 0;
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

int
hosts_face(struct face *f, const char *name, const char *db)
{
	static char print[PRINT];
	int found;

	if (own_face(f, name))
		return 1;
	if (db == NULL)
		return 0;
	found = file_print(name, db, print, sizeof(print));
	if (found == 1)
		read_print(f, print);
	return found != 1 && alike(f, name) ? 1 : found;
}
