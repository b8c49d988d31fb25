/*
 * session.c - one connection of a client, see session.h.
 */
#include <poll.h>
#include <string.h>

#include "base/die.h"
#include "client/session.h"
#include "replay/dialog.h"
#include "replay/script.h"
#include "sink.h"
#include "tcp/fsm.h"
#include "tcp/tcp.h"
#include "wire/ip.h"

enum { LAST_WRITE_MS = 1000 };

const char *
talk_result_name(enum result r)
{
	static const char *const name[RESULTS] = {
	    [DONE] = "done",
	    [DIFFERENT] = "different",
	    [REFUSED] = "refused",
	    [RESET] = "reset",
	    [TIMEOUT] = "timed out",
	    [UNREACHABLE] = "unreachable",
	    [FAILED] = "failed",
	};

	return name[r];
}

static enum result
result_of(const struct tcp_event *ev)
{
	switch (ev->how) {
	case TCP_CLOSE_FIN:
		return DONE;
	case TCP_CLOSE_RESET:
		return strcmp(ev->why, "refused") == 0 ? REFUSED : RESET;
	case TCP_CLOSE_TIMEOUT:
		return TIMEOUT;
	case TCP_CLOSE_ABORT:
		break;
	}
	return strcmp(ev->why, "unreachable") == 0 ? UNREACHABLE : FAILED;
}

static void
copy_word(char *to, const char *from)
{
	size_t n = from != NULL ? strlen(from) : 0;

	n = n < TALK_WHY_MAX ? n : TALK_WHY_MAX - 1;
	memcpy(to, from != NULL ? from : "", n);
	to[n] = '\0';
}

void
talk_event(struct talk *t, const struct tcp_event *ev)
{
	if (ev->type == TCP_EV_STATE && ev->state_new == TCPS_TIME_WAIT)
		t->time_wait = true;
	if (ev->type == TCP_EV_ICMP)
		copy_word(t->icmp, ev->why);
	if (ev->type != TCP_EV_CLOSE)
		return;
	t->result = result_of(ev);
	t->rto = ev->rto;
	copy_word(t->why, ev->why);
	if (t->play != NULL && play_ended(t->play, ev->how, ev->time))
		t->result = t->play->differs > 0 ? DIFFERENT : DONE;
}

void
talk_tell(const struct talk *t, const struct ip_addr *raddr, uint16_t rport,
    bool stopped)
{
	const char *icmp = t->icmp[0] != '\0' ? t->icmp : NULL;
	const char *verb = t->opened ? "talk to" : "connect to";
	const char *why = talk_result_name(t->result), *link = ": ";
	char addr[IP_TEXT];

	if (t->result == DONE)
		return;
	if (t->error != 0) {
		say("write response: %s", strerror(t->error));
		return;
	}
	if (t->result == DIFFERENT) {
		say("%s port %u: it sent other data than was recorded, first "
		    "at offset %llu",
		    ip_text(raddr, addr), rport,
		    (unsigned long long)t->play->first_differ);
		return;
	}
	if (t->result == FAILED)
		why = stopped ? "interrupted" : t->why;
	if (t->result == TIMEOUT) {
		why = "no answer";
		link = ", but an ICMP error: ";
	}
	say("%s %s port %u: %s%s%s", verb, ip_text(raddr, addr), rport, why,
	    icmp != NULL ? link : "", icmp != NULL ? icmp : "");
}

void
talk_write_last(struct talk *t)
{
	struct pollfd p;

	while (t->used && sink_waits(&t->sink) > 0) {
		p = (struct pollfd){.fd = t->sink.fd, .events = POLLOUT};
		if (poll(&p, 1, LAST_WRITE_MS) != 1 ||
		    sink_flush(&t->sink) != 0)
			break;
	}
}
