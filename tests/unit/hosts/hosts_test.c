/*
 * hosts_test.c - the file of phantom-hosts(5): what is found for an address
 * and a port, and what is said of a wrong line
 */
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "hosts/hosts_var.h"
#include "place.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

static char error[HOSTS_ERROR];

static struct hosts *
read_it(const char *text)
{
	strcpy(error, "none");
	return hosts_text("f", text, strlen(text), error);
}

static const struct hosts_entry *
find(const struct hosts *h, const char *text)
{
	struct ip_addr a;

	return parse_addr(text, &a) == 0 ? hosts_find(h, &a) : NULL;
}

static const struct hosts_rule *
rule(const struct hosts *h, const char *addr, uint8_t proto, uint16_t port)
{
	return hosts_rule(h, find(h, addr), proto, port);
}

static void
finds(void)
{
	struct hosts *h = read_it("# a net\n"
				  "host 10.0.0.5 mac 00:1b:21:3c:9d:07\n"
				  "host 10.0.0.0/24 no-ping\n"
				  "host 10.0.0.64/26 ttl 128 uptime 12h\r\n"
				  "host 2001:db8::/64\n");
	const struct hosts_entry *e;
	struct ip_addr a;
	struct mac m;
	size_t n;

	check(h != NULL, "a file of four hosts: %s", error);
	if (h == NULL)
		return;
	hosts_entries(h, &n);
	check(n == 4, "four entries");
	e = find(h, "10.0.0.5");
	check(e != NULL && e->has_mac && hosts_manner(h, e)->ping,
	    "the single host comes before its network");
	e = find(h, "10.0.0.6");
	check(e != NULL && !hosts_manner(h, e)->ping, "another of the network");
	e = find(h, "10.0.0.65");
	check(e != NULL && hosts_manner(h, e)->ttl == 128 &&
		  hosts_manner(h, e)->uptime == 43200 * NS_PER_SEC &&
		  hosts_manner(h, e)->ping,
	    "the longer prefix comes first, and shares nothing");
	check(find(h, "10.0.0.0") == NULL && find(h, "10.0.0.255") == NULL,
	    "the network and its broadcast address are no hosts");
	check(find(h, "10.0.1.1") == NULL && find(h, "2001:db8:0:1::1") == NULL,
	    "neighbours of the prefixes");
	check(find(h, "2001:db8::1") != NULL && find(h, "2001:db8::") == NULL,
	    "IPv6, not the anycast address of its routers");
	parse_addr("10.0.0.5", &a);
	parse_mac("00:1b:21:3c:9d:07", &m);
	check(hosts_is_at(h, &m, &a) && hosts_may_be_at(h, &m), "its own MAC");
	mac_of_phantom(&a, &m);
	check(!hosts_is_at(h, &m, &a), "not the phantom's rule then");
	parse_addr("10.0.0.6", &a);
	mac_of_phantom(&a, &m);
	check(hosts_is_at(h, &m, &a), "the phantom's rule");
	hosts_free(h);
}

static void
rules(void)
{
	struct hosts *h = read_it(
	    "default tcp silent no-ping\n"
	    "host 10.0.0.1\n"
	    "  tcp 22 command 'sh ssh-banner' limit 20/source limit 300/host\n"
	    "  tcp 80 file /dev/null\n"
	    "  tcp 80-89 closed\n"
	    "  tcp 23 quirk slow-drip:1 quirk rude\n"
	    "  udp 7 echo\n"
	    "  udp 161 file \"/dev/../dev/null\" amplify\n"
	    "host 10.0.0.2 copies 10.0.0.1 ping\n"
	    "  tcp 22 closed\n"
	    "host 10.0.0.3 copies 10.0.0.2\n"
	    "host 10.0.0.4 tcp open udp silent\n");
	const struct hosts_rule *r;
	uint32_t n;

	check(h != NULL, "rules are read: %s", error);
	if (h == NULL)
		return;
	r = rule(h, "10.0.0.1", PROTO_TCP, 22);
	check(r->service == SERVICE_COMMAND && r->limit[LIMIT_SOURCE] == 20 &&
		  r->limit[LIMIT_PORT] == 0 && r->limit[LIMIT_HOST] == 300 &&
		  strcmp(hosts_commands(h, &n)[r->text], "sh ssh-banner") == 0,
	    "a command in quotes, and its limits");
	check(rule(h, "10.0.0.1", PROTO_TCP, 80)->service == SERVICE_CLOSED,
	    "a later line counts for more");
	r = rule(h, "10.0.0.1", PROTO_TCP, 23);
	check(r->service == SERVICE_OPEN && r->quirks == 3,
	    "quirks alone are of an open port");
	check(rule(h, "10.0.0.1", PROTO_TCP, 1)->service == SERVICE_SILENT,
	    "other ports as the default says");
	check(rule(h, "10.0.0.1", PROTO_UDP, 7)->service == SERVICE_ECHO &&
		  rule(h, "10.0.0.1", PROTO_UDP, 22)->service == SERVICE_CLOSED,
	    "UDP has ports of its own");
	r = rule(h, "10.0.0.1", PROTO_UDP, 161);
	check(r->service == SERVICE_FILE && r->amplify &&
		  strcmp(hosts_files(h, &n)[r->text], "/dev/../dev/null") == 0,
	    "a file in quotes, that may amplify");
	check(rule(h, "10.0.0.2", PROTO_TCP, 22)->service == SERVICE_CLOSED &&
		  rule(h, "10.0.0.2", PROTO_TCP, 23)->quirks == 3,
	    "a copy, but for its own line");
	check(rule(h, "10.0.0.1", PROTO_TCP, 22)->service == SERVICE_COMMAND,
	    "the original keeps its own");
	check(find(h, "10.0.0.2")->manner == find(h, "10.0.0.3")->manner &&
		  hosts_manner(h, find(h, "10.0.0.3"))->ping,
	    "a copy of a copy shares all");
	check(rule(h, "10.0.0.4", PROTO_TCP, 9)->service == SERVICE_OPEN &&
		  rule(h, "10.0.0.4", PROTO_UDP, 9)->service == SERVICE_SILENT,
	    "words behind the host are of all its ports");
	check(rule(h, "10.0.0.1", PROTO_TCP, 22)->no !=
		  rule(h, "10.0.0.1", PROTO_TCP, 23)->no,
	    "each rule has a number");
	hosts_free(h);
}

/* vendors - of a vendor's MACs each address has its own, as long as the file is
   the same */
static void
vendors(void)
{
	static const char text[] = "host 10.1.0.0/16 mac 3c:d9:2b\n"
				   "host 10.2.0.5 mac 00:1b:21\n";
	struct hosts *h = read_it(text), *again = read_it(text);
	static uint8_t seen[1 << 21];
	struct ip_addr a;
	struct mac m, rule, other;
	uint32_t i, no, twice = 0, far = 0, bits = 0;

	if (!check(h != NULL && again != NULL, "vendors: %s", error))
		return;
	parse_addr("10.1.0.0", &a);
	for (i = 1; i < 65535; i++) {
		put_be16(a.b + 14, (uint16_t)i);
		m = hosts_mac(h, hosts_find(h, &a), &a);
		other = hosts_mac(again, hosts_find(again, &a), &a);
		mac_of_phantom(&a, &rule);
		far += memcmp(m.b, "\x3c\xd9\x2b", 3) != 0 ||
		       !mac_equal(&m, &other) || !hosts_is_at(h, &m, &a) ||
		       hosts_is_at(h, &rule, &a);
		no = (uint32_t)m.b[3] << 16 | (uint32_t)m.b[4] << 8 | m.b[5];
		twice += seen[no / 8] >> no % 8 & 1;
		seen[no / 8] |= (uint8_t)(1 << no % 8);
		bits += m.b[5] == (uint8_t)i;
	}
	check(far == 0, "each of 65,534 has the vendor's, the same each time");
	check(twice == 0, "and no two the same");
	check(bits < 400, "which has nothing of the address: %u", bits);
	parse_addr("10.2.0.5", &a);
	m = hosts_mac(h, hosts_find(h, &a), &a);
	check(memcmp(m.b, "\x00\x1b\x21", 3) == 0 && hosts_may_be_at(h, &m),
	    "a single host, too");
	hosts_free(h);
	hosts_free(again);
}

static void
several_mistakes(void)
{
	check(read_it("host x\nhost 10.0.0.1\n tcp 0 open\n tcp 80 flie\n"
		      "host 10.0.0.2 copies 10.0.0.9\nhost 10.0.0.3") == NULL &&
		  strcmp(error,
		      "f:1:6: host x: not an address or prefix, as 10.0.0.5 or "
		      "10.0.0.0/24\n"
		      "f:3:6: 0: not ports from 1 to 65535, as 80 or "
		      "8000-8100\n"
		      "f:4:9: flie: not closed, silent, open, file, command, "
		      "proxy, limit, quirk or tarpit") == 0,
	    "each mistake, but not what refers to one: %s", error);
}

/* wrong_line - and what is said about it */
static void
wrong_line(const char *text, const char *says)
{
	struct hosts *h = read_it(text);

	check(h == NULL && strncmp(error, says, strlen(says)) == 0,
	    "a wrong line: %s", error);
	hosts_free(h);
}

static const struct {
	const char *text, *says;
} bad[] = {
    {"", "f: no host is in it"},
    {"host", "f:1:5: host: its address is missing"},
    {"host 10.0.0.300", "f:1:6: host 10.0.0.300: not an address"},
    {"host 224.0.0.1", "f:1:6: host 224.0.0.1: no host can"},
    {"host 10.0.0.1\nhost 10.0.0.1", "f:2:6: host 10.0.0.1 stands"},
    {"host 10.0.0.0/24\nhost 10.0.0.0/24", "f:2:6: host 10.0.0.0/24 stands"},
    {"host 10.0.0.0/24 mac 02:00:00:00:00:01", "f:1:22: mac: a whole"},
    {"host 10.0.0.1 mac 01:00:00:00:00:01", "f:1:19: mac: not a"},
    {"default mac 02:00:00:00:00:01", "f:1:13: mac: of a"},
    {"host 10.0.0.1 mac", "f:1:18: mac: not a"},
    {"host 10.0.0.0/24 mac 01:00:5e", "f:1:22: mac: not a"},
    {"host 10.0.0.1 mac 00:1b:2x", "f:1:19: mac: not a"},
    {"host 10.0.0.1 colour red", "f:1:15: colour: not at-once"},
    {"host 10.0.0.1 copies 10.0.0.2", "f:1:22: copies: no host"},
    {"host 10.0.0.1\nhost 10.0.0.2 ping copies 10.0.0.1",
	"f:2:27: copies: it comes first"},
    {"host 10.0.0.5/24", "f:1:6: host 10.0.0.5/24: one host or a "
			 "network? Write 10.0.0.5 or 10.0.0.0/24"},
    {"host fd00::5/60", "f:1:6: host fd00::5/60: one host or a "
			"network? Write fd00::5 or fd00::/60"},
    {"net 10.0.0.5/24 behind 10.1.0.1", "f:1:5: net 10.0.0.5/24: one "},
    {"host 10.0.0.1 os", "f:1:17: os: the name is missing"},
    {"host 10.0.0.1 ttl 0", "f:1:19: ttl: not a number"},
    {"host 10.0.0.1\n tcp 80 closed limit 3/host",
	"f:2:28: limit, quirk and tarpit are of a port that is open"},
    {"host 10.0.0.1 tcp silent tarpit",
	"f:1:32: limit, quirk and tarpit are of a port that is open"},
    {"host 10.0.0.1\n tcp 0 open", "f:2:6: 0: not ports"},
    {"host 10.0.0.1\n tcp 9-8 open", "f:2:6: 9-8: not ports"},
    {"host 10.0.0.1\n tcp 80", "f:2:8: what is behind the port"},
    {"host 10.0.0.1\n tcp 80 echo", "f:2:9: echo: not closed"},
    {"host 10.0.0.1\n udp 80 proxy x", "f:2:9: proxy: not"},
    {"host 10.0.0.1\n tcp 80 file",
	"f:2:13: file: the word behind it is missing"},
    {"host 10.0.0.1\n tcp 80 open limit 3", "f:2:20: limit: not a"},
    {"host 10.0.0.1\n tcp 80 proxy nowhere", "f:2:15: proxy nowhere: "},
    {"host 10.0.0.1\n tcp purple", "f:2:6: purple: neither ports"},
    {"host 10.0.0.1\n tcp closed now", "f:2:13: now: what is it?"},
    {"host 10.0.0.1\n tcp open 80",
	"f:2:11: 80: ports stand before the service"},
    {"host 10.0.0.1 tcp 80 open", "f:1:19: 80: ports have a line of their own"},
    {"host 10.0.0.1\n tcp 80,443 open",
	"f:2:6: 80,443: not ports from 1 to 65535, as 80 or 8000-8100; "
	"each has a line"},
    {"host 10.0.0.1\n udp 7 command cat x",
	"f:2:20: x: not amplify, the only word behind a service of "
	"UDP; "
	"a command with blanks stands in quotes"},
    {"host 10.0.0.1\ndefault ping", "f:2:9: default: it stands"},
    {"include other", "f:1:9: include: not from here"},
    {"whatever", "f:1:1: whatever: not default"},
    {"host 10.0.0.1\n tcp 80 command 'x", "f:2:17: a quote"},
};

static void
wrong_lines(void)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		wrong_line(bad[i].text, bad[i].says);
	wrong_line("host 10.0.0.1 uptime 0d", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime d", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime", "f:1:21: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime 40", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime 1.5h", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime 5ms", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 uptime 36501d", "f:1:22: uptime: not a time");
	wrong_line("host 10.0.0.1 mac 00:00:00:00:00:00", "f:1:19: mac: not");
}

/* cards - a host with a system has a MAC of a vendor, each its own */
static void
cards(void)
{
	static const struct mac cisco[] = {{.b = {0, 0, 0x0c}},
	    {.b = {0, 0x1b, 0x0d}}, {.b = {0, 0x19, 0xe8}}};
	struct hosts *h = read_it(
	    "host 10.0.0.0/24 os cisco-ios\n"
	    "host 10.0.0.1\n"
	    "host 10.0.0.2 os macos mac 00:1b:21:01:02:03\n"
	    "host 10.0.0.3 os macos mac 00:1b:21\n");
	struct mac m[256], rule;
	struct ip_addr a;
	bool good = h != NULL;
	unsigned i, k;

	parse_addr("10.0.0.1", &a);
	for (i = 1; good && i < 255; i++) {
		a.b[15] = (uint8_t)i;
		m[i] = hosts_mac(h, hosts_find(h, &a), &a);
		for (k = 1; k < i; k++)
			good &= !mac_equal(&m[i], &m[k]);
		for (k = 0; k < 3; k++)
			if (memcmp(m[i].b, cisco[k].b, 3) == 0)
				break;
		good &= i <= 3 || k < 3;
		good &= hosts_is_at(h, &m[i], &a) && hosts_may_be_at(h, &m[i]);
	}
	check(good, "a net of routers: a vendor's MACs, no two alike");
	a.b[15] = 1;
	mac_of_phantom(&a, &rule);
	check(good && mac_equal(&m[1], &rule), "without os: a phantom's");
	check(good && m[2].b[5] == 3 && m[3].b[1] == 0x1b && m[3].b[2] == 0x21,
	    "what the file says counts");
	check(hosts_vendor("Apple Mac OS X 10.5") ==
		      hosts_vendor("Apple iOS 9") &&
		  hosts_vendor("Linux 5.0") == hosts_vendor("linux") &&
		  hosts_vendor("HP LaserJet") != hosts_vendor("Linux 5.0") &&
		  hosts_vendor("Microsoft Windows 10") ==
		      hosts_vendor("windows-10"),
	    "by the name");
	hosts_free(h);
}

/* crc32_of - the text of an answer, as nmap shows it */
static uint32_t
crc32_of(const struct face_answer *a)
{
	uint32_t crc = ~0u;
	int i, k;

	for (i = 0; i < a->len; i++)
		for (crc ^= (uint8_t)a->text[i], k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	return ~crc;
}

/* a system that has what is rare */
static const char odd_box[] =
    "# nothing\n\nFingerprint Odd box\n"
    "SEQ(SP=1E-22%GCD=1|2%ISR=80%TI=BI%CI=Z|I%"
    "II=RD%SS=O%TS=1)\n"
    "OPS(O1=M5B4NW7%O2=M578%O3=M5B4NW7%O4=M22CT00%"
    "O6=TTTTT)\n"
    "WIN(W1=1000-2000%W3=1000%W6=>200)\n"
    "ECN(R=Y%DF=N%T=3B-45%W=1000%O=M5B4NW7%CC=Y)\n"
    "T1(R=Y%DF=N%T=3B-45)\nT2(R=N)\n"
    "T5(R=Y%DF=Y%W=0%S=Z%A=S+%F=AR%RD=E44A4E43)\n"
    "T6(R=Y%DF=Y%T=1A-24%W=0%S=A+%A=Z%F=R%RD=EA6C967D%"
    "Q=U)\nU1(R=N%RIPL=15C%RID=4210)\n"
    "IE(R=N%DFI=Y%TG=FF%CD=Z)\n\n";

/* the_rare - of that system */
static void
the_rare(const struct face *f)
{
	check(f->syn[FACE_SYN_ALL].mss == FACE_MSS_BACK &&
		  f->syn[FACE_SYN_NO_MSS].mss == 0x22c &&
		  f->syn[FACE_SYN_NO_MSS].no_echo,
	    "the MSS: that of the SYN, or a fixed one");
	check(strcmp(f->syn[FACE_SYN_NO_WSCALE].layout, "TTTT") == 0,
	    "no more options than a header has room for");
	check(f->lone[FACE_T5].len == 6 && f->lone[FACE_T6].len == 4 &&
		  crc32_of(&f->lone[FACE_T5]) == 0xe44a4e43 &&
		  crc32_of(&f->lone[FACE_T6]) == 0xea6c967d,
	    "a reset with a text");
	check(f->lone[FACE_T6].ttl == 32 && f->lone[FACE_T6].urgent &&
		  f->lone[FACE_T6].seq == '+',
	    "its own TTL");
	check(f->repeat_id_low && f->repeat_more == 20 && f->echo_plain,
	    "what it repeats; a ping that it does not answer");
}

/* faces - of the names that need no database, and of one that is written so */
static void
faces(void)
{
	const char *path = place("os-db");
	struct face f;
	FILE *out;

	check(hosts_face(&f, "windows-10", NULL) == 1 && f.ttl == 128 &&
		  f.syn_id == FACE_ID_COUNT && !f.ecn &&
		  strcmp(f.syn[FACE_SYN_ALL].layout, "MNWST") == 0 &&
		  f.syn[FACE_SYN_ALL].wscale == 8 && f.lone[FACE_T2].sends &&
		  f.isn_tick == 0 && !f.reset_tos &&
		  hosts_face(&f, "Linux 6.1", path) == 1 && f.isn_tick == 64 &&
		  f.reset_tos,
	    "a face of our own");
	check(hosts_face(&f, "windows-95", NULL) == 0, "there is no other");
	check(hosts_face(&f, "x", "/no/such/file") == -1, "no database");
	out = fopen(path, "w");
	if (out == NULL)
		return;
	fputs(odd_box, out);
	fclose(out);
	check(hosts_face(&f, "Odd", path) == 0, "not a part of a name");
	check(hosts_face(&f, "Odd box", path) == 1 && f.ttl == 64 && !f.df &&
		  f.ecn && f.syn_id == FACE_ID_SWAPPED &&
		  f.reset_id == FACE_ID_ZERO && f.icmp_id == FACE_ID_RANDOM,
	    "alternatives and ranges");
	check(f.syn[FACE_SYN_ALL].wnd == 0x1000 &&
		  f.syn[FACE_SYN_NO_WSCALE].wnd == 0x200 &&
		  f.syn[FACE_SYN_NO_TS].wscale == 7,
	    "windows and scales");
	check(!f.lone[FACE_T2].sends && !f.lone[FACE_T3].sends &&
		  f.lone[FACE_T5].sends && f.lone[FACE_T5].ack == '+',
	    "a test that is missing has no answer");
	the_rare(&f);
	check(f.tick == NS_PER_SEC / 2 && f.isn == FACE_ISN_CLOCK &&
		  f.isn_step == 1 && f.isn_rate > 65535 && f.isn_rate < 65537 &&
		  f.ids_apart,
	    "a clock of 2 Hz, numbers that grow by 65,536 a second");
	check(!f.refuses && f.echo_df == FACE_DF_ALWAYS && f.echo_ttl == 255 &&
		  !f.echo_code,
	    "ICMP");
	remove(path);
}

/* apart - hosts with one line differ in what no line has */
static void
apart(void)
{
	struct hosts *h = read_it("host 10.0.0.0/24 uptime 12h\n"
				  "host 10.0.1.1 uptime 90s\n");
	struct ip_addr a, b, c;
	const uint64_t hour = 3600 * NS_PER_SEC;
	unsigned i, clocks = 0;

	parse_addr("10.0.0.5", &a);
	parse_addr("10.0.0.6", &b);
	parse_addr("10.0.1.1", &c);
	check(hosts_uptime(h, &a) >= 12 * hour &&
		  hosts_uptime(h, &a) < 13 * hour &&
		  hosts_uptime(h, &a) != hosts_uptime(h, &b) &&
		  hosts_uptime(h, &c) >= 90 * NS_PER_SEC &&
		  hosts_uptime(h, &c) < 91 * NS_PER_SEC,
	    "two hosts that are up for 12h have not begun at once");
	for (i = 1; i < 255; i++) {
		a.b[15] = (uint8_t)i;
		clocks += hosts_clock(h, &a) != hosts_clock(h, &b);
		if (hosts_clock(h, &a) < -50 || hosts_clock(h, &a) > 50)
			break;
	}
	check(i == 255 && clocks > 230, "nor have their clocks one error");
	hosts_free(h);
}

/* many - hosts that are alike cost an entry each, and are found at once */
static void
many(void)
{
	static char text[65536 * 40];
	struct hosts *h;
	size_t n = 0, i;
	char addr[IP_TEXT];

	n += (size_t)sprintf(text, "host 10.200.0.1\n tcp 80 open\n");
	for (i = 0; i < 65000; i++)
		n += (size_t)sprintf(text + n,
		    "host 10.%zu.%zu.%zu copies 10.200.0.1\n", i >> 12 & 15,
		    i >> 6 & 63, (i & 63) + 1);
	h = read_it(text);
	n = 0;
	if (h != NULL)
		hosts_entries(h, &n);
	check(n == 65001 && hosts_rules(h) == 1, "65,001 hosts, one rule: %s",
	    error);
	if (h == NULL)
		return;
	for (i = 0; i < 65000; i += 999) {
		sprintf(addr, "10.%zu.%zu.%zu", i >> 12 & 15, i >> 6 & 63,
		    (i & 63) + 1);
		if (find(h, addr) == NULL)
			break;
	}
	check(i >= 65000, "each is found");
	hosts_free(h);
}

int
main(void)
{
	finds();
	vendors();
	rules();
	several_mistakes();
	wrong_lines();
	cards();
	faces();
	apart();
	many();
	return done();
}
