/*
 * log.c - what happens in a run, for people: a line for each frame nearly as
 * tcpdump writes it, with what becomes of it, and one for each event of the
 * engines; and for tshark the frames in a file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pipe/stream.h"
#include "sim.h"

static struct stream_out out;
static int out_fd = -1;

const char *
side_name(int who)
{
	return who == CLIENT ? "client" : "server";
}

static double
seconds(const struct sim *s)
{
	return (double)(s->now - START) / 1e9;
}

static void
flags_text(uint16_t flags, char *buf)
{
	static const char letter[] = "FSRP.UEWe";
	int i, n = 0;

	for (i = 0; i < 9; i++) {
		if (flags & 1u << i)
			buf[n++] = letter[i];
	}
	buf[n] = '\0';
}

static void
log_options(const struct tcp_opts *o, uint32_t iss)
{
	int i;

	if (o->have_mss)
		printf(" mss %u", o->mss);
	if (o->sack_ok)
		printf(" sackOK");
	if (o->have_wscale)
		printf(" wscale %u", o->wscale);
	if (o->have_ts)
		printf(" TS val %u ecr %u", o->tsval, o->tsecr);
	for (i = 0; i < o->nsack; i++)
		printf(" sack %u:%u", o->sack[i].start - iss,
		    o->sack[i].end - iss);
	if (o->acc.have)
		printf(" accecn%u", o->acc.order);
	for (i = 0; o->acc.have && i < o->acc.n; i++)
		printf("%c%u", i > 0 ? ',' : ' ', o->acc.field[i]);
	if (o->have_cookie)
		printf(" fastopen %u", o->cookie_len);
}

void
log_frame(const struct sim *s, int from, const struct view *v, const uint8_t *p,
    size_t n, const char *fate)
{
	const struct tcp_hdr *h = &v->h;
	const struct side *d = NULL;
	uint32_t iss = 0, irs = 0;
	char flags[10];

	printf(
	    "# %.6f %s > %s: ", seconds(s), side_name(from), side_name(!from));
	if (!v->tcp) {
		printf("%zu bytes", n);
	} else {
		d = side_of(&s->end[from], h->sport, h->dport);
		if (d != NULL && d->opened && !(h->flags & TH_SYN)) {
			iss = d->w.iss;
			irs = d->w.irs;
		}
		flags_text(h->flags, flags);
		printf("%u > %u [%s] seq %u:%u ack %u win %u", h->sport,
		    h->dport, flags, h->seq - iss, h->seq - iss + v->len,
		    h->ack - irs, h->wnd);
		log_options(&h->opt, irs);
		printf(" length %u", v->len);
	}
	printf("%s%s\n", fate != NULL ? "; " : "", fate != NULL ? fate : "");
}

void
log_event(const struct end *e, const struct tcp_event *ev)
{
	static const char *const name[] = {"state", "retransmit", "timeout",
	    "drop", "close", "segment", "icmp", "pmtu", "quirk", "ecn",
	    "probe"};

	printf("#     %.6f %s %u>%u %s", seconds(e->sim), side_name(e->who),
	    ev->lport, ev->rport, name[ev->type]);
	if (ev->type == TCP_EV_STATE)
		printf(" %d to %d", ev->state_old, ev->state_new);
	if (ev->type == TCP_EV_CLOSE)
		printf(" how=%d", ev->how);
	if (ev->type == TCP_EV_RETRANSMIT)
		printf(" seq=%u len=%u", ev->seq, ev->len);
	if (ev->why != NULL)
		printf(" %s", ev->why);
	printf("\n");
}

void
log_pcap_open(int fd)
{
	if (stream_out_init(&out, 1 << 20) != 0)
		abort();
	out_fd = fd;
}

void
log_pcap(const struct sim *s, const uint8_t *p, size_t n)
{
	stream_out_put(&out, s->now, p, n, NULL, 0);
	if (stream_out_drain(&out, out_fd) != 0) {
		perror("sim: write");
		exit(1);
	}
}
