/*
 * ip.c - the decoders of Ethernet, IPv4 and IPv6 over any bytes: what they
 * accept lies inside the packet; a plain header is the same when written and
 * read again.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/ether.h"
#include "wire/ip.h"

static void
again(const struct ip_hdr *h)
{
	struct ip_hdr plain = *h, got;
	uint8_t *p;
	size_t n;

	plain.hlen = h->v6 ? 40 : 20;
	if (h->len < plain.hlen || h->len > 65535)
		return;
	p = calloc(1, h->len);
	n = ip_encode(p, &plain);
	must(n == plain.hlen);
	/* an extension header's number has no header behind it any more */
	if (ip_decode(p, h->len, &got) == IP_OK) {
		must(
		    ip_equal(&got.src, &h->src) && ip_equal(&got.dst, &h->dst));
		must(got.ttl == h->ttl && got.tos == h->tos);
		must(got.v6 == h->v6 && got.len == h->len);
	} else {
		must(h->v6);
	}
	free(p);
}

static void
texts(const struct ip_hdr *h)
{
	char buf[IP_TEXT];
	struct mac m;

	must(strlen(ip_text(&h->src, buf)) < IP_TEXT);
	must(!(ip_is_host(&h->dst) && ip_is_multicast(&h->dst)));
	must(ip_match(&h->src, &h->src, 128));
	mac_of_phantom(&h->dst, &m);
	must(!mac_is_group(&m));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	struct ether_hdr e = {0};
	struct ip_hdr h;
	enum ip_error err;
	size_t skip = 0;

	memcpy(copy, data, size);
	if (ether_decode(copy, size, &e) == 0) {
		must(e.hlen >= ETHER_HLEN && e.hlen <= ETHER_MAXHLEN);
		must(e.hlen <= size);
		skip = e.hlen;
	}
	err = ip_decode(copy + skip, size - skip, &h);
	must(ip_error_name(err) != NULL);
	if (err == IP_OK) {
		must(h.hlen >= 20 && h.hlen <= h.len);
		must(h.len <= size - skip);
		must(h.v6 == !ip_is_v4(&h.src) || h.v6);
		again(&h);
		texts(&h);
	}
	free(copy);
	return 0;
}
