/*
 * icmp_ears.h - for icmp-phantom's tests: packets by hand, and its engine with
 * ears; after the headers that it needs.
 */
#ifndef ICMP_EARS_H
#define ICMP_EARS_H

#define T0    (1000 * NS_PER_SEC)
#define ASKER "52:54:00:00:00:09"

static const struct responder_config plain = {.mtu = 1500,
    .ttl = 64,
    .echo_rate = 1000,
    .error_rate = 1000,
    .frag_bytes = 4 << 20};

/* ---- packets by hand ---- */

static struct {
	const char *src, *dst, *to, *from; /* NULL: as it should be */
	uint8_t proto, tos, ttl;
	bool tagged;
} how;

static uint8_t payload[65536], frame[70000];

static void
reset(bool v6)
{
	memset(&how, 0, sizeof how);
	memset(payload, 0, 64);
	how.src = v6 ? "fd00::9" : "10.0.0.9";
	how.dst = v6 ? "fd00::5" : "10.0.0.5";
	how.proto = v6 ? PROTO_ICMP6 : PROTO_ICMP;
	how.ttl = 3;
}

/* wrap - n bytes of payload as a frame; the checksum at byte sum is filled
   in, unless sum is 0. The frame's length. */
static inline size_t
wrap(size_t n, size_t sum)
{
	struct ip_hdr h = {.src = ip(how.src),
	    .dst = ip(how.dst),
	    .proto = how.proto,
	    .ttl = how.ttl,
	    .tos = how.tos,
	    .id = 77};
	bool v4 = ip_is_v4(&h.src);
	struct mac to;
	size_t at = how.tagged ? 18 : 14;

	mac_of_phantom(&h.dst, &to);
	if (how.to != NULL)
		to = mac(how.to);
	memcpy(frame, to.b, 6);
	memcpy(frame + 6, mac(how.from ? how.from : ASKER).b, 6);
	if (how.tagged)
		put_be32(frame + 12, 0x81006007);
	put_be16(frame + at - 2, v4 ? ETHER_IP4 : ETHER_IP6);
	h.len = (uint32_t)((v4 ? 20 : 40) + n);
	at += ip_encode(frame + at, &h);
	memcpy(frame + at, payload, n);
	if (sum == 0)
		return at + n;
	put_be16(frame + at + sum, 0);
	put_be16(frame + at + sum,
	    ip_cksum(&h.src, &h.dst, how.proto, frame + at, n));
	return at + n;
}

static inline size_t
echo(bool v6, size_t data)
{
	payload[0] = v6 ? ICMP6_ECHO : ICMP_ECHO;
	put_be32(payload + 4, 0x12345678);
	for (size_t i = 0; i < data; i++)
		payload[ICMP_HLEN + i] = (uint8_t)(i * 7);
	return wrap(ICMP_HLEN + data, 2);
}

static inline size_t
udp(size_t data)
{
	how.proto = PROTO_UDP;
	put_be32(payload, 40000u << 16 | 7);
	put_be16(payload + 4, (uint16_t)(8 + data));
	return wrap(8 + data, 6);
}

/* ---- the engine, with ears ---- */

enum { MANY = 64 };

static struct {
	struct responder *r;
	struct chance chance;
	unsigned sent, events;
	uint8_t out[MANY][1600]; /* the last frames */
	size_t len[MANY];
	char why[32], kind[32];
	uint64_t count;
} e;

static void
on_send(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	unsigned i = e.sent++ % MANY;

	if (hlen + dlen > sizeof e.out[i]) {
		printf("Bail out! a frame of %zu bytes\n", hlen + dlen);
		return;
	}
	memcpy(e.out[i], head, hlen);
	memcpy(e.out[i] + hlen, data, dlen);
	e.len[i] = hlen + dlen;
}

static void
on_event(void *ctx, const struct responder_event *ev)
{
	e.events++;
	snprintf(e.why, sizeof e.why, "%s", ev->why ? ev->why : "");
	snprintf(e.kind, sizeof e.kind, "%s", ev->kind ? ev->kind : ev->name);
	e.count = ev->count;
}

static void
engine(const struct responder_config *cf)
{
	static const struct responder_calls calls = {
	    .send = on_send, .event = on_event};

	responder_free(e.r);
	memset(&e, 0, sizeof e);
	chance_seed(&e.chance, 7);
	e.r = responder_new(cf, &calls, &e.chance);
}

/* give - frames that this one brings out; the first is out[0] */
static unsigned
give(uint64_t now, size_t len)
{
	e.sent = 0;
	e.why[0] = '\0';
	responder_input(e.r, now, frame, len, now, 1);
	return e.sent;
}

static inline bool
silent(size_t len, const char *why)
{
	engine(&plain);
	return give(T0, len) == 0 && strcmp(e.why, why) == 0;
}

/* the IP packet of an answer; its payload's checksum must be right */
static inline struct ip_hdr
answer_ip(unsigned i, size_t at, const uint8_t **p)
{
	struct ip_hdr h;

	memset(&h, 0, sizeof h);
	if (ip_decode(e.out[i] + at, e.len[i] - at, &h) != IP_OK)
		return h;
	*p = e.out[i] + at + h.hlen;
	if (!h.frag &&
	    ip_cksum(&h.src, &h.dst, h.proto, *p, h.len - h.hlen) != 0)
		h.len = 0;
	return h;
}

/* the fragments that came out, put together */
static inline bool
joined(size_t want, size_t mtu)
{
	static const uint64_t key[2] = {1, 2};
	struct ipfrag *f = ipfrag_new(1 << 20, 64, key);
	enum ipfrag_result r = IPFRAG_WAIT;
	const uint8_t *p = NULL, *q;
	struct ip_hdr h;
	size_t n = 0;
	bool good = true;

	for (unsigned i = 0; i < e.sent && i < MANY; i++) {
		h = answer_ip(i, 14, &q);
		good = good && h.frag && e.len[i] <= 14 + mtu &&
		       (i == e.sent - 1 || e.len[i] > 14 + mtu - 8) &&
		       r == IPFRAG_WAIT;
		r = ipfrag_put(f, T0, &h, e.out[i] + 14, &p, &n);
	}
	good = good && r == IPFRAG_WHOLE && ip_decode(p, n, &h) == IP_OK &&
	       h.len - h.hlen == want &&
	       memcmp(p + h.hlen + 4, frame + 14 + h.hlen + 4, want - 4) == 0;
	ipfrag_free(f);
	return good;
}

#endif
