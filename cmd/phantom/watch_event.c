/*
 * watch_event.c - see watch.h: what an event of a program means, and the line
 * that people see of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "plan.h"
#include "watch.h"

/* ends - of a connection, as they are shown */
static void
ends(const char *line, char text[HELD_ENDS])
{
	char local[LINE_VALUE], remote[LINE_VALUE];

	snprintf(text, HELD_ENDS, "%s to %s",
	    line_value(line, "remote", remote),
	    line_value(line, "local", local));
}

static void
state_line(struct watch *w, const char *line)
{
	char text[HELD_ENDS], new[LINE_VALUE];

	if (strcmp(line_value(line, "new", new), "ESTABLISHED") != 0)
		return;
	ends(line, text);
	held_opened(&w->held, text);
}

static void
connection_line(struct watch *w, const char *line)
{
	char text[HELD_ENDS], sent[LINE_VALUE];
	char received[LINE_VALUE], again[LINE_VALUE], how[LINE_VALUE];
	char why[LINE_VALUE];
	bool none;

	/* not counted: a handshake that was never completed */
	if (strcmp(line_value(line, "opened", why), "0") != 0)
		w->closed++;
	ends(line, text);
	held_closed(&w->held, text);
	if (!watch_may_show(w, 0))
		return;
	line_value(line, "how", how);
	/* "reset: reset" means no more than "reset" */
	if (strcmp(line_value(line, "why", why), how) == 0)
		why[0] = '\0';
	line_value(line, "retransmits", again);
	none = strcmp(again, "0") == 0;
	watch_say(w, "%s: %s bytes sent%s%s%s, %s received, %s%s%s", text,
	    line_value(line, "sent", sent), none ? "" : " (", none ? "" : again,
	    none ? "" : " retransmitted)",
	    line_value(line, "received", received), how,
	    why[0] != '\0' ? ": " : "", why);
}

/* shorten - a list that was too long ends with a whole port, and dots, which
   need room: where its last comma is, a scanner decides */
static void
shorten(char list[LINE_VALUE])
{
	static const char dots[] = ",...";
	char *cut;

	if (strlen(list) < LINE_VALUE - 1)
		return;
	list[LINE_VALUE - sizeof(dots)] = '\0';
	cut = strrchr(list, ',');
	if (cut != NULL)
		memcpy(cut, dots, sizeof(dots));
}

/* probe_line - what a scan of ten seconds was */
static void
probe_line(struct watch *w, const char *line)
{
	char local[LINE_VALUE], remote[LINE_VALUE], kind[LINE_VALUE];
	char count[LINE_VALUE], hosts[LINE_VALUE], ports[LINE_VALUE];

	w->scans++;
	if (!watch_may_show(w, 0))
		return;
	line_value(line, "kind", kind);
	line_value(line, "count", count);
	line_value(line, "remote", remote);
	if (strcmp(remote, "-") == 0) {
		watch_say(w, "probes: %s more, of more sources", count);
		return;
	}
	line_value(line, "ports", ports);
	shorten(ports);
	line_value(line, "local", local);
	line_value(line, "hosts", hosts);
	watch_say(w, "probes: %s to %s%s: %s %s%s%s", remote,
	    local[0] != '-' ? local : hosts, local[0] != '-' ? "" : " hosts",
	    count, kind, ports[0] != '\0' ? ", ports " : "", ports);
}

static uint64_t
line_number(const char *line, const char *key)
{
	char text[LINE_VALUE];

	return strtoull(line_value(line, key, text), NULL, 10);
}

/* end_line - the totals; with -r tcpfsm has another summary */
static void
end_line(struct watch *w, const char *line)
{
	w->now.connections = line_number(line, "connections");
	w->now.sent = line_number(line, "sent");
	w->now.received = line_number(line, "received");
	w->now.retransmits = line_number(line, "retransmits");
}

void
watch_event(struct watch *w, struct prog *p, const char *line)
{
	char event[LINE_VALUE];

	line_value(line, "event", event);
	if (strcmp(event, "start") == 0)
		p->ready = true;
	else if (p->job == JOB_ARP && strcmp(event, "claim") == 0)
		w->claims++;
	else if (p->job == JOB_TCP && strcmp(event, "state") == 0)
		state_line(w, line);
	else if (p->job == JOB_TCP && strcmp(event, "close") == 0)
		connection_line(w, line);
	else if (p->job != JOB_ARP && strcmp(event, "probe") == 0)
		probe_line(w, line);
	else if (p->job == JOB_TCP && strcmp(event, "end") == 0)
		end_line(w, line);
}
