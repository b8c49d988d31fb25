/*
 * path_test.c - three routers in a row, and hosts behind them: who reports
 * what, how many hops are counted, where the frames go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "path_var.h"
#include "tap.h"
#include "wire/ip.h"
#include "wire/parse.h"

static const char text[] = "host 10.0.0.1 ttl 200 mac 00:1b:21:3c:9d:07\n"
			   "net 10.2.0.0/16 behind 10.0.0.1\n"
			   "net 10.3.0.0/16 behind 10.2.0.1 delay 20ms\n"
			   "net 10.4.0.0/16 behind 10.3.0.1 mtu 1280\n"
			   "host 10.4.0.0/24\nhost 10.0.0.5\n"
			   "host 10.3.0.9\n"
			   "host 10.0.0.2 os cisco-ios mac 02:00:00:00:00:02\n"
			   "net 10.5.0.0/16 behind 10.0.0.2\n"
			   "host fd00::1 mac 02:00:00:00:00:01\n"
			   "host fd00::2 os freebsd mac 02:00:00:00:00:03\n"
			   "net fd05::/64 behind fd00::1\n"
			   "net fd06::/64 behind fd00::2\n";

static struct {
	struct hosts *hosts;
	struct path *path;
	uint64_t now;
	uint8_t router[6];  /* the MAC that packets are sent to */
	unsigned from[256]; /* frames from 10.0.0.N to hosts */
	unsigned to[2];	    /* that went to each side, the last one: */
	uint8_t frame[2000];
	size_t len;
	struct ip_hdr ip;
} x = {.router = {0x00, 0x1b, 0x21, 0x3c, 0x9d, 0x07}};

static void
on_send(void *ctx, enum path_side to, uint64_t now, const uint8_t *f, size_t n)
{
	(void)ctx;
	(void)now;
	x.to[to]++;
	x.len = n;
	memcpy(x.frame, f, n < sizeof(x.frame) ? n : sizeof(x.frame));
	ip_decode(f + 14, n - 14, &x.ip);
	if (to == PATH_PROGRAM)
		x.from[f[29]]++;
}

/* drain - until nothing waits */
static void
drain(void)
{
	while (path_deadline(x.path) != UINT64_MAX) {
		x.now = path_deadline(x.path);
		path_timer(x.path, x.now);
	}
}

static const uint8_t outside[] = {0x52, 0x54, 0, 0, 0, 9};

/* put - an UDP packet of so many bytes in all goes to this side */
static void
put(enum path_side side, const char *from, const char *to, uint8_t ttl,
    size_t len)
{
	struct ip_hdr h = {
	    .proto = PROTO_UDP, .ttl = ttl, .df = true, .len = (uint32_t)len};
	uint8_t f[9000] = {0};

	memcpy(f, side == PATH_WIRE ? outside : x.router, 6);
	memcpy(f + 6, outside, 6);
	parse_addr(from, &h.src);
	parse_addr(to, &h.dst);
	h.v6 = !ip_is_v4(&h.dst);
	put_be16(f + 12, h.v6 ? ETHER_IP6 : ETHER_IP4);
	ip_encode(f + 14, &h);
	path_input(x.path, x.now, side, f, 14 + len);
}

/* go - the same, to the end of its way */
static void
go(enum path_side side, const char *from, const char *to, uint8_t ttl,
    size_t len)
{
	memset(x.to, 0, sizeof(x.to));
	put(side, from, to, ttl, len);
	drain();
}

/* said - who has sent the last frame, an ICMP error of this type and code */
static bool
said(const char *router, uint8_t type, uint8_t code)
{
	struct ip_addr a;

	parse_addr(router, &a);
	return x.to[PATH_WIRE] == 1 && x.to[PATH_PROGRAM] == 0 &&
	       ip_equal(&x.ip.src, &a) && x.ip.proto == PROTO_ICMP &&
	       x.frame[34] == type && x.frame[35] == code;
}

static void
test_in(void)
{
	go(PATH_PROGRAM, "10.0.0.9", "10.4.0.9", 1, 60);
	check(said("10.0.0.1", 11, 0) && x.ip.ttl == 200,
	    "one hop: the first router, with the TTL of its line");
	go(PATH_PROGRAM, "10.0.0.9", "10.4.0.9", 2, 60);
	check(said("10.2.0.1", 11, 0), "two: the second");
	go(PATH_PROGRAM, "10.0.0.9", "10.4.0.9", 3, 60);
	check(said("10.3.0.1", 11, 0), "three: the third");
	check(x.ip.ttl == 62, "its error has passed two: %u", x.ip.ttl);
	go(PATH_PROGRAM, "10.0.0.9", "10.4.0.9", 4, 60);
	check(x.to[PATH_PROGRAM] == 1 && x.to[PATH_WIRE] == 0 && x.ip.ttl == 1,
	    "four: the host");
	check(memcmp(x.frame, "\x02\x50\x0a\x04\x00\x09", 6) == 0,
	    "at its own MAC");
	go(PATH_PROGRAM, "10.0.0.9", "10.4.1.9", 64, 60);
	check(said("10.3.0.1", 3, 1), "no host: the last router says so");
	go(PATH_PROGRAM, "10.0.0.9", "10.4.0.9", 64, 1400);
	check(said("10.3.0.1", 3, 4) && get_be16(x.frame + 40) == 1280,
	    "too long: the router before that link, and the MTU");
	check(path_stats(x.path)->errors == 5, "five errors in all");
}

/* test_lost - the first router has no way to the rest of the world */
static void
test_lost(void)
{
	go(PATH_PROGRAM, "10.0.0.9", "8.8.8.8", 64, 60);
	check(said("10.0.0.1", 3, 0) && x.ip.ttl == 200,
	    "in no net: unreachable, by the first router");
	go(PATH_PROGRAM, "10.0.0.9", "8.8.8.8", 1, 60);
	check(said("10.0.0.1", 11, 0), "the last hop is there");
	go(PATH_PROGRAM, "10.0.0.9", "10.0.0.5", 64, 60);
	check(x.to[PATH_PROGRAM] == 1 && x.to[PATH_WIRE] == 0 &&
		  x.ip.ttl == 63 &&
		  memcmp(x.frame, "\x02\x50\x0a\x00\x00\x05", 6) == 0,
	    "a host on the link: forwarded to its MAC");
	go(PATH_PROGRAM, "10.0.0.9", "10.0.0.1", 1, 60);
	check(x.to[PATH_PROGRAM] == 1 && x.ip.ttl == 1, "the router itself");
	go(PATH_PROGRAM, "10.0.0.9", "224.0.0.1", 64, 60);
	check(x.to[PATH_PROGRAM] == 1, "a group: unchanged");
	go(PATH_PROGRAM, "127.0.0.1", "8.8.8.8", 64, 60);
	check(x.to[PATH_WIRE] == 0, "no error to no host");
	go(PATH_WIRE, "10.0.0.1", "8.8.8.8", 64, 60);
	check(x.to[PATH_WIRE] == 1 && x.ip.ttl == 64, "out: it may send there");
}

/* lost_at - the IPv4 identification of this router's error about a packet */
static uint16_t
lost_at(const char *router, const char *to, uint8_t ttl)
{
	go(PATH_PROGRAM, "10.0.0.9", to, ttl, 60);
	check(said(router, 11, 0), "%s answers", router);
	return get_be16(x.frame + 18);
}

/* test_faces - a router's errors are those of its system, as its pings are */
static void
test_faces(void)
{
	uint8_t was[6];
	uint16_t a, b, c;
	uint32_t word;

	memcpy(was, x.router, 6);
	memcpy(x.router, "\2\0\0\0\0\2", 6);
	go(PATH_PROGRAM, "10.0.0.9", "10.5.0.9", 1, 200);
	check(said("10.0.0.2", 11, 0) && x.ip.ttl == 255 && x.ip.len == 56 &&
		  x.ip.tos == 0xc0,
	    "cisco-ios: its TTL, and how much it quotes: %u, %u", x.ip.ttl,
	    x.ip.len);
	memcpy(x.router, was, 6);
	a = lost_at("10.0.0.1", "10.4.0.9", 1);
	b = lost_at("10.2.0.1", "10.4.0.9", 2);
	c = lost_at("10.0.0.1", "10.4.0.9", 1);
	check((uint16_t)(c - a) >= 1 && (uint16_t)(c - a) < 40 &&
		  (uint16_t)(b - a) >= 40,
	    "each router counts identifications by itself: %u, %u, %u", a, b,
	    c);
	memcpy(x.router, "\2\0\0\0\0\1", 6);
	go(PATH_PROGRAM, "fd00::9", "fd05::9", 1, 200);
	word = get_be32(x.frame + 14);
	check(x.to[PATH_WIRE] == 1 && x.frame[54] == 3 &&
		  (word >> 20 & 0xff) == 0 && (word & 0xfffff) != 0,
	    "IPv6, as a Linux: no traffic class, but a flow label");
	go(PATH_PROGRAM, "fd00::9", "fd05::9", 1, 200);
	check(get_be32(x.frame + 14) == word, "the same for the next");
	x.router[5] = 3;
	go(PATH_PROGRAM, "fd00::9", "fd06::9", 1, 200);
	check(x.to[PATH_WIRE] == 1 && x.frame[54] == 3 &&
		  (get_be32(x.frame + 14) & 0xfffffff) == 0,
	    "freebsd: neither");
	memcpy(x.router, was, 6);
}

static void
test_out(void)
{
	uint64_t before = x.now;

	go(PATH_WIRE, "10.4.0.9", "10.0.0.9", 64, 60);
	check(x.to[PATH_WIRE] == 1 && x.ip.ttl == 61,
	    "out: three routers have counted");
	check(memcmp(x.frame + 6, "\x00\x1b\x21\x3c\x9d\x07", 6) == 0,
	    "from the MAC of the first");
	check(x.now - before == 20 * NS_PER_MS, "one link has delayed it");
	go(PATH_WIRE, "10.0.0.5", "10.0.0.9", 64, 60);
	check(x.to[PATH_WIRE] == 1 && x.ip.ttl == 64,
	    "a host on the link: unchanged");
}

/* flood - more than fits, of each of so many hosts; then 50 of another: how
   many of these come through */
static unsigned
flood(unsigned hosts, size_t len)
{
	char from[16];
	unsigned i, k;

	memset(x.from, 0, sizeof(x.from));
	for (i = 0; i < hosts; i++) {
		snprintf(from, sizeof(from), "10.0.0.%u", 100 + i);
		for (k = 0; k < QUEUE; k++)
			put(PATH_PROGRAM, from, "10.3.0.9", 64, len);
	}
	for (k = 0; k < 50; k++)
		put(PATH_PROGRAM, "10.0.0.9", "10.3.0.9", 64, len);
	drain();
	return x.from[9];
}

/* test_shares - see base/part.h */
static void
test_shares(void)
{
	unsigned i, least = QUEUE, most = 0;

	for (i = 1; i <= 32; i *= 4)
		check(flood(i, 60) == 50, "%u sources: not another's", i);
	for (i = 100; i < 116; i++) {
		least = x.from[i] < least ? x.from[i] : least;
		most = x.from[i] > most ? x.from[i] : most;
	}
	check(least > QUEUE / 20 && most < QUEUE / 12,
	    "each has an equal part: %u to %u", least, most);
	check(flood(16, 8000) == 50, "of long packets, by their bytes");
	check(path_deadline(x.path) == UINT64_MAX, "nothing waits");
}

int
main(void)
{
	static const struct hosts_use faces = {.faces = true};
	char error[HOSTS_ERROR] = "", name[] = "/tmp/path_test.XXXXXX";
	int fd = mkstemp(name);

	x.now = 1000 * NS_PER_SEC;
	if (fd >= 0 && write(fd, text, sizeof(text) - 1) > 0)
		x.hosts = hosts_load(name, &faces, error);
	close(fd);
	unlink(name);
	if (!check(x.hosts != NULL, "the file %s", error))
		return done();
	x.path = path_new(&(struct path_config){.hosts = x.hosts,
	    .seed = 1,
	    .error_rate = 100,
	    .mtu = 1500,
	    .ttl = 64,
	    .tcp = true,
	    .other = true,
	    .send = on_send});
	test_in();
	test_lost();
	test_faces();
	test_out();
	test_shares();
	path_free(x.path);
	hosts_free(x.hosts);
	return done();
}
