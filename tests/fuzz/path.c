/*
 * path.c - the routers in front of a net of hosts under any frames, in both
 * directions and at any time: what comes out goes where the file says, from the
 * first router's MAC or to a host's, and an IP packet in it has right lengths,
 * a right header checksum, and none is longer than one that has come.
 */
#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "fuzz.h"
#include "hosts/hosts.h"
#include "path.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

enum { MTU = 1500, ROOM = 9000, HEAD = 18, MOST = 1 << 16 };

static const char text[] =
    "host 10.0.0.1\n"
    "host fd00::1\n"
    "net 10.2.0.0/16 behind 10.0.0.1 delay 20ms loss 1%\n"
    "net 10.3.0.0/16 behind 10.2.0.1 mtu 1280\n"
    "net 10.4.0.0/16 behind 10.3.0.1 mtu 576 dup 9%\n"
    "net fd02::/64 behind fd00::1 mtu 1280 delay 9ms reorder 9%\n"
    "host 10.2.0.0/16 ttl 3\n"
    "host 10.3.0.0/24\n"
    "host 10.4.0.0/24\n"
    "host fd02::/96\n";
static const char *const at4[] = {"10.0.0.9", "10.0.0.1", "10.2.0.1",
    "10.2.0.9", "10.3.0.1", "10.3.0.9", "10.4.0.9", "10.4.1.9", "10.9.0.9",
    "224.0.0.1", "10.3.0.200", "0.0.0.0"};
static const char *const at6[] = {"fd00::9", "fd00::1", "fd02::1", "fd02::9",
    "fd02::5:9", "fd02:0:0:0:1::9", "fd03::9", "ff02::1"};

struct drive {
	const uint8_t *given; /* the frame that goes in */
	size_t longest;	      /* frame that has come */
	unsigned sent;
};

static void
on_send(void *ctx, enum path_side to, uint64_t now, const uint8_t *f, size_t n)
{
	struct drive *d = ctx;
	struct ether_hdr e;
	const uint8_t *ip;
	size_t hlen;

	(void)now;
	touch(f, n);
	d->sent++;
	must(to == PATH_WIRE || to == PATH_PROGRAM);
	if (f == d->given) /* passes unchanged, or as it was made */
		return;
	must(ether_decode(f, n, &e) == 0);
	must(e.type == ETHER_IP4 || e.type == ETHER_IP6);
	ip = f + e.hlen;
	n -= e.hlen;
	must(n <= d->longest);
	if (e.type == ETHER_IP6) {
		must(n >= IP6_HLEN && ip[0] >> 4 == 6 && ip[7] > 0);
		must(IP6_HLEN + (size_t)get_be16(ip + 4) == n);
		return;
	}
	must(n >= IP4_HLEN && ip[0] >> 4 == 4 && ip[8] > 0);
	hlen = (ip[0] & 15u) * 4;
	must(hlen >= IP4_HLEN && hlen <= n && get_be16(ip + 2) == n);
	must(cksum_fold(cksum_add(0, ip, hlen)) == 0);
}

/* packet - an IP packet at ip: which, changes, and some bytes; its length */
static size_t
packet(struct bytes_in *in, uint8_t *ip, bool v6)
{
	static const uint8_t proto[] = {1, 6, 17, 58, 44, 0, 4, 43};
	uint8_t b = take8(in), c = take8(in), i;
	size_t hlen = v6 ? IP6_HLEN : IP4_HLEN, k;
	size_t n = take16(in) % (b & 1 ? ROOM - 100 : 100);
	struct ip_hdr h = {.proto = proto[c & 7],
	    .ttl = c >> 3 & 7,
	    .df = b & 2,
	    .len = (uint32_t)(hlen + n)};

	parse_addr(v6 ? at6[take8(in) % 8] : at4[take8(in) % 12], &h.src);
	parse_addr(v6 ? at6[take8(in) % 8] : at4[take8(in) % 12], &h.dst);
	memset(ip + hlen, c, n);
	for (k = 0; k < 40 && k < n; k++)
		ip[hlen + k] = take8(in);
	ip_encode(ip, &h);
	for (i = b >> 6; i > 0; i--)
		ip[take16(in) % (hlen + n)] = take8(in);
	if (!v6 && b & 4) {
		put_be16(ip + 10, 0);
		put_be16(
		    ip + 10, cksum_fold(cksum_add(0, ip, (ip[0] & 15u) * 4)));
	}
	return hlen + n;
}

/* frame - with a tag or without, mostly to the first router; its length */
static size_t
frame(struct bytes_in *in, uint8_t *f, uint8_t b)
{
	bool v6 = b & 1;
	size_t l2 = b & 2 ? 18 : 14, n;

	memcpy(f, v6 ? "\x02\x50\0\0\0\1" : "\x02\x50\x0a\0\0\1", 6);
	memcpy(f + 6, "\x52\x54\0\0\0\x09\x81\0\0\x05", 10);
	if (b & 4)
		f[take8(in) % 6] ^= 1;
	put_be16(f + l2 - 2, v6 ? ETHER_IP6 : ETHER_IP4);
	n = l2 + packet(in, f + l2, v6);
	return b & 8 ? take16(in) % n : n;
}

/* step - one frame, some time later */
static void
step(struct path *p, struct drive *d, struct bytes_in *in, uint64_t *now)
{
	static uint8_t f[HEAD + ROOM];
	uint8_t b = take8(in), *copy;
	size_t n;

	*now += (uint64_t)(b >> 4) * 5 * NS_PER_MS;
	d->given = NULL;
	d->sent = 0;
	if (path_deadline(p) <= *now)
		path_timer(p, *now);
	n = frame(in, f, take8(in));
	copy = malloc(n + (n == 0));
	must(copy != NULL);
	memcpy(copy, f, n);
	d->given = copy;
	if (n > d->longest)
		d->longest = n;
	path_input(p, *now, b & 1 ? PATH_WIRE : PATH_PROGRAM, copy, n);
	must(d->sent <= MOST);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};
	static struct hosts *whole;
	uint64_t now = 1000 * NS_PER_SEC;
	char error[HOSTS_ERROR];
	struct drive d = {.longest = MTU};
	uint8_t how = take8(&in);
	struct path *p;

	if (whole == NULL)
		whole = hosts_text("net", text, sizeof(text) - 1, error);
	must(whole != NULL);
	p = path_new(&(struct path_config){.hosts = whole,
	    .seed = how,
	    .error_rate = how & 1 ? 1 : 100000,
	    .mtu = how & 2 ? 1280 : MTU,
	    .ttl = 64,
	    .tcp = how & 4,
	    .other = how & 8,
	    .ctx = &d,
	    .send = on_send});
	if (p == NULL)
		return 0;
	while (in.n > 0)
		step(p, &d, &in, &now);
	path_timer(p, now + NS_PER_SEC);
	path_free(p);
	return 0;
}
