/*
 * input.c - the TCP segments of a packet stream or capture, as rows.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "ether.h"
#include "ladder.h"
#include "stream.h"

static struct row *
row_new(struct ladder *l)
{
	struct row *grown;

	if (l->rows == ROWS_MAX) {
		l->beyond++;
		return NULL;
	}
	if (l->rows == l->room) {
		l->room = l->room ? 2 * l->room : 1024;
		grown = realloc(l->row, l->room * sizeof(*grown));
		if (grown == NULL)
			die(EXIT_NO, "keep packets: %s", strerror(errno));
		l->row = grown;
	}
	memset(&l->row[l->rows], 0, sizeof(*l->row));
	return &l->row[l->rows];
}

static bool
wanted(const struct ladder *l, const struct row *r)
{
	if (l->have_addr && !ip_equal(&l->addr, &r->src.addr) &&
	    !ip_equal(&l->addr, &r->dst.addr))
		return false;
	return l->port == 0 || l->port == r->src.port || l->port == r->dst.port;
}

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

/* 0, or -1 when this is no TCP segment with a whole header */
static int
segment(const struct stream_rec *rec, struct row *r)
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
	r->time = rec->ts;
	r->len = ip.len - ip.hlen - h.hlen;
	r->src.addr = ip.src;
	r->src.port = h.sport;
	r->dst.addr = ip.dst;
	r->dst.port = h.dport;
	r->seq = h.seq;
	r->ack = h.ack;
	r->wnd = h.wnd;
	r->flags = h.flags;
	r->opt = h.opt;
	return 0;
}

static void
take(struct ladder *l, const struct stream_rec *rec)
{
	struct row *r = row_new(l);

	if (r == NULL)
		return;
	if (segment(rec, r) != 0) {
		l->skipped++;
		return;
	}
	if (!wanted(l, r))
		return;
	r->no = l->rows++;
}

int
input_read(struct ladder *l, int fd, const char *name)
{
	struct stream_rec rec;
	struct stream_in in;
	int more, status = 0;
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
