/*
 * replay.c - a conversation out of any capture, and out of any packets of
 * two ends: streams that were in it, turns that can all come.
 */
#include <string.h>

#include "cmd/tcpfsm/replay/capture.h"
#include "cmd/tcpfsm/replay/dialog.h"
#include "cmd/tcpfsm/replay/turns.h"
#include "fuzz.h"
#include "pipe/stream.h"

enum { LIMIT = 1 << 20, PIECES = 200 };

/* playable - each side's turns ascend, and wait for nothing that never comes */
static void
playable(const struct conv *c)
{
	const struct conv_side *s, *you;
	uint64_t end, need, i;
	int who;

	for (who = 0; who < 2; who++) {
		s = &c->side[who];
		you = &c->side[!who];
		end = need = 0;
		for (i = 0; i < s->cues; i++) {
			must(s->cue[i].end > end && s->cue[i].need >= need);
			end = s->cue[i].end;
			need = s->cue[i].need;
		}
		must(end == s->len || s->holes > 0);
		must(end <= s->len && s->unknown <= CONV_HOLES);
		if (s->fin) {
			must(s->fin_cue.need >= need);
			need = s->fin_cue.need;
		}
		if (s->reset) {
			must(s->reset_cue.need >= need);
			need = s->reset_cue.need;
			must(s->reset_acked <= s->len);
		}
		must(need <= you->len + (you->fin || you->reset ? 1 : 0));
		if (s->holes == 0)
			touch(s->bytes, s->len);
		else
			touch(s->bytes + s->len - 1, 1);
	}
}

enum { UDP_EACH = 16 };

/* answered - of each port: answers that are there, and end */
static void
answered(struct turns *t)
{
	const struct turn_answer *a;
	const struct turn *q;
	uint32_t port, i, n, times;
	bool same;

	must(turns_end(t) == 0);
	for (port = 0; port < 65536; port++) {
		/* a look at each would take as long as all the rest */
		if (port > 1 && !turns_has_port(t, (uint16_t)port, false) &&
		    !turns_has_port(t, (uint16_t)port, true))
			continue;
		q = turns_find(
		    t, (uint16_t)port, (const uint8_t *)"", 0, &same);
		must(q == NULL || turns_has_port(t, (uint16_t)port, false));
		for (times = 0; q != NULL && times < 3; times++) {
			for (n = 0, i = q->first; i != TURN_LAST; n++) {
				a = turns_answer(t, i);
				must(a->len <= TURNS_LONGEST);
				touch(turns_bytes(t, a->at), a->len);
				i = a->next;
			}
			must(n == q->answers && n > 0);
			q = turns_find(
			    t, q->port, turns_bytes(t, q->at), q->len, &same);
			must(q != NULL && same);
		}
	}
	turns_free(t);
}

/* capture - the bytes are a packet stream */
static void
capture(const uint8_t *p, size_t n, int64_t stream)
{
	struct capture *c = capture_new(LIMIT, stream);
	struct stream_in in;
	struct stream_rec rec;
	struct conv conv;
	int64_t which;

	must(c != NULL && stream_in_init(&in) == 0);
	/* the table of ports costs more than all the rest: now and then */
	must(n % UDP_EACH != 0 || capture_udp(c, 1) == 0);
	if (n > STREAM_IN_CAP)
		n = STREAM_IN_CAP;
	memcpy(in.buf, p, n);
	in.end = n;
	while (stream_in_next(&in, &rec) > 0) {
		if (n % 2 == 1) /* of several interfaces */
			capture_iface(c, rec.len % 3, 3);
		if (capture_take(c, &rec, in.count) != 0) {
			must(capture_why(c)[0] != '\0');
			break;
		}
	}
	capture_end(c);
	if (n % UDP_EACH == 0)
		answered(capture_turns(c));
	which = capture_choose(c, &conv);
	must(which < (int64_t)capture_streams(c));
	if (which >= 0) {
		playable(&conv);
		conv_free(&conv);
	} else {
		must(capture_why(c)[0] != '\0');
	}
	stream_in_free(&in);
	capture_free(c);
}

/* pieces - the bytes say what two ends have sent */
static void
pieces(struct bytes_in *in)
{
	static struct conv_piece p[PIECES];
	uint8_t *store = malloc(PIECES * 256);
	uint32_t isn[2] = {take32(in), take32(in)}, n;
	struct conv conv;
	size_t at = 0;
	uint8_t how;

	must(store != NULL);
	memset(store, 7, PIECES * 256);
	for (n = 0; n < PIECES && in->n > 0; n++) {
		how = take8(in);
		p[n] = (struct conv_piece){.time = take16(in), .no = n + 1};
		p[n].who = how & 1;
		p[n].flags = n < 2 ? 0x12 : take8(in) & 0x17;
		p[n].seq = isn[how & 1] + (n < 2	? 0
					      : how & 2 ? take32(in)
							: take8(in));
		p[n].ack = isn[!(how & 1)] + (how & 4 ? take32(in) : take8(in));
		p[n].len = take8(in);
		p[n].missing = how & 8 ? take16(in) : 0;
		p[n].at = at;
		at += p[n].len;
	}
	must(conv_build(&conv, p, n, store,
		 isn[0] & 1 ? CONV_SERVER : CONV_CLIENT) == 0);
	if (conv.why[0] == '\0')
		playable(&conv);
	conv_free(&conv);
	free(store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes_in in = {data, size};

	switch (take8(&in) & 3) {
	case 0:
		capture(in.p, in.n, CAPTURE_ANY);
		break;
	case 1:
		capture(in.p, in.n, 0);
		break;
	default:
		pieces(&in);
		break;
	}
	return 0;
}
