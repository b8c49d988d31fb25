/*
 * responder.c - the answer to each packet for a phantom, see responder.h.
 *
 * Echo and timestamp requests get their replies, UDP to a closed port gets an
 * error (RFC 1122 3.2.2.1, RFC 4443 3.1); an ICMP error or reply gets nothing,
 * nor does a ping by which a DHCP server finds out whether an address is free
 * (RFC 2131 4.3.1). Fragments are reassembled first, as a host does: no answer
 * is ever to a fragment (RFC 1122 3.2.2), and checksums can be verified. A
 * packet that is not for a phantom, or not ours to answer, is left alone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bucket.h"
#include "base/bytes.h"
#include "base/chance.h"
#include "base/cksum.h"
#include "base/clock.h"
#include "hosts/hosts.h"
#include "wire/dhcp.h"
#include "wire/dhcp_watch.h"
#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/ipfrag.h"
#include "wire/limit.h"
#include "wire/phantom.h"
#include "wire/udp.h"

#include "drop.h"
#include "icmp.h"
#include "responder_var.h"

enum {
	FRAG_LEAST = 576, /* bytes of a piece that the table reckons with */
	MTU_LINES = 10,	  /* in the log, of one source: strangers cause them */
	BACK_RATE = 10,	  /* a second of one source, see may.c */
};

static struct responder_event
event_of(const struct packet *k, const char *name)
{
	struct responder_event ev = {
	    .name = name, .stamp = k->stamp, .frame = k->no};

	ev.ttl = k->ip.ttl;
	if (k->ip.len > 0) {
		ev.local = &k->ip.dst;
		ev.remote = &k->ip.src;
	}
	return ev;
}

/* responder_probe - a scanner may have sent this */
void
responder_probe(struct responder *r, const struct packet *k, const char *kind)
{
	struct responder_event ev = event_of(k, "probe");

	if (r->call.probe == NULL)
		return;
	ev.kind = kind;
	if (k->ip.proto == PROTO_UDP) {
		ev.rport = get_be16(k->payload);
		ev.lport = get_be16(k->payload + 2);
	}
	r->call.probe(r->call.ctx, k->now, &ev);
}

/* responder_drop - one line a second and reason, however many there are */
void
responder_drop(struct responder *r, const struct packet *k, enum drop why)
{
	struct responder_event ev = event_of(k, "drop");

	r->totals.dropped++;
	r->drop[why].count++;
	if (!bucket_take(&r->drop[why].full, k->now, NS_PER_SEC, 1))
		return;
	ev.why = drop_name(why);
	ev.count = r->drop[why].count;
	r->drop[why].count = 0;
	r->call.event(r->call.ctx, &ev);
}

/* own_ttl - that the file gives the host; 0: none */
static uint8_t
own_ttl(const struct responder *r, const struct packet *k)
{
	return hosts_manner(r->cf.hosts, k->host)->ttl;
}

/* wear - the TTL of the file, and the face */
static void
wear(const struct hosts *h, const struct hosts_manner *m, struct letter *l)
{
	const struct face *f = hosts_face_of(h, m);
	bool v6 = !ip_is_v4(l->src);

	l->ttl = m->ttl;
	l->no_icmp_label = m->habits.icmp6_plain;
	if (f == NULL)
		return;
	if (l->ttl == 0)
		l->ttl = v6 ? f->hops : f->echo_ttl;
	l->id = f->icmp_id;
	l->no_label = !f->labels;
	l->first_id = hosts_first_id(h, l->src) +
		      (f->ids_apart ? FACE_IDS_APART : 0);
}

/* responder_face - of the host that it is for; NULL: it has none */
const struct face *
responder_face(const struct responder *r, const struct packet *k)
{
	const struct hosts *h = r->cf.hosts;

	return k->host != NULL ? hosts_face_of(h, hosts_manner(h, k->host))
			       : NULL;
}

/* responder_letter - the answer to the sender of k */
struct letter
responder_letter(const struct responder *r, const struct packet *k, uint8_t tos,
    const uint8_t *head, const uint8_t *data, size_t dlen)
{
	struct letter l = {.frame = k->frame,
	    .l2len = k->eth.hlen,
	    .src = &k->ip.dst,
	    .dst = &k->ip.src,
	    .tos = tos,
	    .head = head,
	    .data = data,
	    .dlen = dlen};

	if (k->host != NULL)
		wear(r->cf.hosts, hosts_manner(r->cf.hosts, k->host), &l);
	return l;
}

/*
 * responder_answer - icmp holds the message's first bytes, without the
 * checksum; data follows them
 */
void
responder_answer(struct responder *r, const struct packet *k, uint8_t *icmp,
    uint8_t tos, bool df, const uint8_t *data, size_t dlen)
{
	struct letter l = responder_letter(r, k, tos, icmp, data, dlen);
	uint32_t sum = 0;

	l.df = df;
	if (!k->ip.v6 && icmp[0] == ICMP_UNREACHABLE &&
	    responder_face(r, k) != NULL && own_ttl(r, k) == 0)
		l.ttl = responder_face(r, k)->refuse_ttl;
	if (k->ip.v6)
		sum = ip_pseudo_sum(
		    l.src, l.dst, PROTO_ICMP6, (uint32_t)(ICMP_HLEN + dlen));
	put_be16(icmp + 2, 0);
	sum = cksum_add(sum, icmp, ICMP_HLEN);
	put_be16(icmp + 2, cksum_fold(cksum_add(sum, data, dlen)));
	sender_send(&r->sender, k->now, &l);
}

void
responder_tell(
    struct responder *r, const struct packet *k, const char *kind, uint32_t len)
{
	struct responder_event ev = event_of(k, "answer");

	ev.kind = kind;
	ev.len = len;
	if (k->ip.problem != IP_OK) {
		r->call.event(r->call.ctx, &ev);
		return;
	}
	if (k->ip.proto == PROTO_UDP) {
		ev.rport = get_be16(k->payload);
		ev.lport = get_be16(k->payload + 2);
	} else if (k->ip.proto == (k->ip.v6 ? PROTO_ICMP6 : PROTO_ICMP)) {
		ev.numbered = true;
		ev.id = get_be16(k->payload + 4);
		ev.seq = get_be16(k->payload + 6);
	}
	r->call.event(r->call.ctx, &ev);
}

/* is_answer - an IPv6 packet that this program sends, as an error quotes it: an
   echo reply, what a UDP service says, or a fragment of either */
static bool
is_answer(const uint8_t *q)
{
	bool part = q[6] == 44;
	uint8_t proto = q[part ? 40 : 6];

	return q[0] >> 4 == 6 &&
	       (proto == PROTO_UDP || (proto == PROTO_ICMP6 &&
					  (part || q[40] == ICMP6_ECHO_REPLY)));
}

/*
 * too_big - a router could not pass an answer on. Anybody can forge that; all
 * that it brings is packets of 1280 bytes.
 */
static void
too_big(struct responder *r, const struct packet *k)
{
	const uint8_t *q = k->payload + ICMP_HLEN;
	struct responder_event ev = event_of(k, "pmtu");
	struct ip_addr src, dst;

	if (k->n < ICMP_HLEN + 41 || !is_answer(q)) {
		r->totals.foreign++; /* about TCP, or whatever else */
		return;
	}
	memcpy(src.b, q + 8, 16);
	memcpy(dst.b, q + 24, 16);
	ev.mtu = get_be32(k->payload + 4);
	if (!ip_equal(&src, &k->ip.dst) || !ip_is_host(&dst) ||
	    sender_shrink(&r->sender, k->now, &src, &dst, ev.mtu) == -1) {
		responder_drop(r, k, DROP_MTU);
		return;
	}
	ev.remote = &dst;
	if (limit_take(&r->told, k->now, &k->ip.src, r->key))
		r->call.event(r->call.ctx, &ev);
}

static void
take_icmp(struct responder *r, const struct packet *k)
{
	uint32_t n = (uint32_t)k->n;

	if (n < ICMP_HLEN) {
		responder_drop(r, k, DROP_ICMP_SHORT);
		return;
	}
	if (ip_cksum(&k->ip.src, &k->ip.dst, k->ip.proto, k->payload, n) != 0) {
		responder_drop(r, k, DROP_ICMP_CKSUM);
		return;
	}
	if (k->payload[0] == (k->ip.v6 ? ICMP6_ECHO : ICMP_ECHO))
		responder_echo(r, k);
	else if (k->ip.v6 && k->payload[0] == ICMP6_TOO_BIG)
		too_big(r, k);
	else if (!k->ip.v6 && k->payload[0] == ICMP_TIMESTAMP &&
		 n >= ICMP_TIMESTAMP_LEN)
		responder_timestamp(r, k);
	else
		r->totals.foreign++;
}

/* responder_quoted6 - bytes of the packet that an ICMPv6 error repeats */
size_t
responder_quoted6(const struct packet *k)
{
	const size_t most = ICMP6_QUOTED - 40 - ICMP_HLEN;

	return k->ip.len < most ? k->ip.len : most;
}

/*
 * take_problem - the headers were read, and no host takes such a packet; its
 * sender gets an error if the option or RFC 8200 4.4 asks for one
 */
static void
take_problem(struct responder *r, const struct packet *k)
{
	uint8_t icmp[ICMP_HLEN] = {ICMP6_PARAMETER, k->ip.problem_code};

	responder_drop(r, k, (enum drop)(DROP_IP + k->ip.problem));
	if (k->ip.problem_at == 0 || icmp6_is_error(&k->ip, k->p) ||
	    hosts_habits_of(r->cf.hosts, &k->ip.dst).no_problem ||
	    !phantom_hears(&k->ip.src, &k->eth.src, &k->ip.dst) ||
	    !responder_may(r, &r->error, k))
		return;
	put_be32(icmp + 4, k->ip.problem_at);
	responder_answer(r, k, icmp, 0, false, k->p, responder_quoted6(k));
	r->totals.problems++;
	responder_tell(r, k, "parameter-problem", 0);
}

/* reassemble - true when this fragment was the last one: k is whole then */
static bool
reassemble(struct responder *r, struct packet *k)
{
	enum ipfrag_result res;
	enum ip_error err;
	size_t n;

	res = ipfrag_put(r->frag, k->now, &k->ip, k->p, &k->p, &n);
	if (res == IPFRAG_WAIT)
		return false;
	if (res != IPFRAG_WHOLE) {
		responder_drop(r, k, (enum drop)(DROP_FRAG + res));
		return false;
	}
	err = ip_decode(k->p, n, &k->ip);
	if (err != IP_OK && err == k->ip.problem)
		take_problem(r, k);
	else if (err != IP_OK)
		responder_drop(r, k, (enum drop)(DROP_IP + err));
	return err == IP_OK;
}

/* is_at - for one of our addresses, at its MAC; k->host is found */
static bool
is_at(const struct responder *r, struct packet *k)
{
	struct mac mac;

	if (r->cf.hosts == NULL)
		return phantom_is_at(
		    r->cf.addr, r->cf.mac, &k->eth.dst, &k->ip.dst);
	k->host = hosts_find(r->cf.hosts, &k->ip.dst);
	if (k->host == NULL)
		return false;
	mac = hosts_mac(r->cf.hosts, k->host, &k->ip.dst);
	return mac_equal(&mac, &k->eth.dst);
}

static bool
may_be_at(const struct responder *r, const struct mac *to)
{
	if (r->cf.hosts != NULL)
		return hosts_may_be_at(r->cf.hosts, to);
	return phantom_may_be_at(r->cf.addr, r->cf.mac, to);
}

/* take_bad - err is the reason why it is no packet for a host */
static void
take_bad(struct responder *r, struct packet *k, enum ip_error err)
{
	bool read = err == k->ip.problem;

	if (!read)
		k->ip.len = 0; /* the ends are not known */
	if (read ? !is_at(r, k) : !may_be_at(r, &k->eth.dst))
		r->totals.foreign++;
	else if (read)
		take_problem(r, k);
	else
		responder_drop(r, k, (enum drop)(DROP_IP + err));
}

/* is_ours - of a protocol that we answer. The hosts of a file have no programs
   beside those that it names; other phantoms may */
static bool
is_ours(const struct packet *k)
{
	return icmp_may_be(&k->ip) || (k->host != NULL && icmp_unknown(&k->ip));
}

/* read_packet - true when there is one for a phantom, whole */
static bool
read_packet(struct responder *r, struct packet *k, size_t len)
{
	enum ip_error err;

	if (ether_decode(k->frame, len, &k->eth) != 0 ||
	    mac_is_group(&k->eth.dst) ||
	    (k->eth.type != ETHER_IP4 && k->eth.type != ETHER_IP6)) {
		r->totals.foreign++;
		return false;
	}
	k->p = k->frame + k->eth.hlen;
	err = ip_decode(k->p, len - k->eth.hlen, &k->ip);
	if (err == IP_OK && k->ip.v6 != (k->eth.type == ETHER_IP6))
		err = IP_VERSION;
	if (err != IP_OK) {
		take_bad(r, k, err);
		return false;
	}
	if (!is_at(r, k) || !is_ours(k)) {
		r->totals.foreign++;
		return false;
	}
	if (!phantom_hears(&k->ip.src, &k->eth.src, &k->ip.dst)) {
		responder_drop(r, k, DROP_SOURCE);
		return false;
	}
	return !k->ip.frag || reassemble(r, k);
}

void
responder_input(struct responder *r, uint64_t now, const uint8_t *frame,
    size_t len, uint64_t stamp, uint64_t no)
{
	struct packet k = {
	    .now = now, .stamp = stamp, .no = no, .frame = frame};
	struct dhcp d;

	r->totals.frames++;
	if (dhcp_watch_frame(&r->dhcp, now, frame, len, &d)) {
		r->totals.foreign++; /* no error to a server's answer */
		return;
	}
	if (!read_packet(r, &k, len))
		return;
	k.payload = k.p + k.ip.hlen;
	k.n = k.ip.len - k.ip.hlen;
	if (k.ip.proto == PROTO_UDP)
		responder_udp(r, &k);
	else if (k.ip.proto == (k.ip.v6 ? PROTO_ICMP6 : PROTO_ICMP))
		take_icmp(r, &k);
	else if (k.host != NULL && icmp_unknown(&k.ip))
		responder_unknown(r, &k);
	else
		r->totals.foreign++;
}

void
responder_totals(const struct responder *r, struct responder_totals *out)
{
	*out = r->totals;
}

struct responder *
responder_new(const struct responder_config *cf,
    const struct responder_calls *call, struct chance *chance)
{
	struct responder *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->cf = *cf;
	r->call = *call;
	r->key[0] = chance_u64(chance);
	r->key[1] = chance_u64(chance);
	r->frag = ipfrag_new(
	    cf->frag_bytes, (uint32_t)(cf->frag_bytes / FRAG_LEAST), r->key);
	if (r->frag == NULL) {
		free(r);
		return NULL;
	}
	limit_init(&r->echo, cf->echo_rate);
	limit_init(&r->error, cf->error_rate);
	limit_init(&r->told, MTU_LINES);
	limit_init(&r->back, BACK_RATE);
	/* what is recalled is a keyed hash already */
	r->said.key[0] = r->key[0];
	r->said.key[1] = r->key[1];
	r->sender.ctx = call->ctx;
	r->sender.send = call->send;
	r->sender.mtu = cf->mtu;
	r->sender.ttl = cf->ttl;
	sender_init(&r->sender, chance);
	return r;
}

void
responder_hosts(
    struct responder *r, const struct hosts *h, const struct datagram *file)
{
	r->cf.hosts = h;
	r->cf.file = file;
}

void
responder_free(struct responder *r)
{
	if (r == NULL)
		return;
	ipfrag_free(r->frag);
	free(r);
}
