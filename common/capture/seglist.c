/*
 * seglist.c - see seglist.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/syscalls.h"
#include "capture/seglist.h"
#include "pipe/stream.h"
#include "wire/ether.h"

/* a cut capture has the headers all the same: zeroes stand for the rest */
static const uint8_t *
whole(const struct stream_rec *rec)
{
	static uint8_t buf[STREAM_SNAPLEN];

	if (rec->caplen >= rec->len || rec->len > sizeof(buf))
		return rec->data;
	memcpy(buf, rec->data, rec->caplen);
	memset(buf + rec->caplen, 0, rec->len - rec->caplen);
	return buf;
}

int
tcpseg_decode(const struct stream_rec *rec, struct tcpseg *out)
{
	const uint8_t *frame = whole(rec);
	size_t len = frame == rec->data ? rec->caplen : rec->len;
	struct ether_hdr eth;
	struct ip_hdr ip;
	struct tcp_hdr h;

	if (ether_decode(frame, len, &eth) != 0 ||
	    (eth.type != ETHER_IP4 && eth.type != ETHER_IP6) ||
	    ip_decode(frame + eth.hlen, len - eth.hlen, &ip) != IP_OK ||
	    ip.frag || ip.proto != PROTO_TCP ||
	    tcp_hdr_decode(frame + eth.hlen + ip.hlen, ip.len - ip.hlen, &h) !=
		0 ||
	    (size_t)eth.hlen + ip.hlen + h.hlen > rec->caplen)
		return -1;
	out->time = rec->ts;
	out->len = ip.len - ip.hlen - h.hlen;
	out->at = eth.hlen + ip.hlen + h.hlen;
	out->src.addr = ip.src;
	out->src.port = h.sport;
	out->dst.addr = ip.dst;
	out->dst.port = h.dport;
	out->seq = h.seq;
	out->ack = h.ack;
	out->wnd = h.wnd;
	out->flags = h.flags;
	out->opt = h.opt;
	out->ip_id = ip.v6 ? 0 : ip.id;
	memcpy(out->mac, frame, 12);
	return 0;
}

static bool
wanted(const struct tcpseg_list *l, const struct tcpseg *s)
{
	if (l->addr != NULL && !ip_equal(l->addr, &s->src.addr) &&
	    !ip_equal(l->addr, &s->dst.addr))
		return false;
	return l->port == 0 || l->port == s->src.port || l->port == s->dst.port;
}

static void
take(struct tcpseg_list *l, const struct stream_rec *rec)
{
	struct tcpseg s, *grown;

	if (tcpseg_decode(rec, &s) != 0 || !wanted(l, &s))
		return;
	if (l->n == TCPSEG_MAX) {
		l->beyond++;
		return;
	}
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		grown = realloc(l->s, l->room * sizeof(*grown));
		if (grown == NULL)
			die(EXIT_NO, "keep packets: %s", strerror(errno));
		l->s = grown;
	}
	s.no = l->n;
	l->s[l->n++] = s;
}

int
tcpseg_list_read(struct tcpseg_list *l, int fd, const char *name)
{
	struct stream_rec rec;
	struct stream_in in;
	int more = 0, status = 0;
	ssize_t n;

	if (stream_in_init(&in) != 0)
		die(EXIT_NO, "read %s: %s", name, strerror(errno));
	do {
		n = stream_in_read(&in, fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die(EXIT_NO, "read %s: %s", name, strerror(errno));
		while ((more = stream_in_next(&in, &rec)) > 0)
			take(l, &rec);
	} while (n != 0 && more == 0);
	if (more < 0 || stream_in_end(&in) != 0) {
		say("read %s: %s", name, in.error);
		status = in.status;
	}
	stream_in_free(&in);
	return status;
}

/* qsort() asks how much memory there is */
SANDBOX_NEEDS_FOR(SORT, sysinfo);

static int
by_time(const void *a, const void *b)
{
	const struct tcpseg *r = a, *s = b;

	if (r->time != s->time)
		return r->time < s->time ? -1 : 1;
	return r->no < s->no ? -1 : 1;
}

void
tcpseg_list_sort(struct tcpseg_list *l)
{
	if (l->n > 0)
		qsort(l->s, l->n, sizeof(*l->s), by_time);
}
