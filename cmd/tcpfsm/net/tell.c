/*
 * tell.c - what the log has of a session of a net beyond what any connection
 * has: its service and line, when it began, and where what it said is kept.
 */
#include "hosts/hosts.h"
#include "log.h"
#include "net/net_var.h"

void
net_tell(struct net *n, struct tcb *tcb, struct log_more *more)
{
	static const char *const name[] = {[SERVICE_CLOSED] = "closed",
	    [SERVICE_SILENT] = "silent",
	    [SERVICE_OPEN] = "open",
	    [SERVICE_FILE] = "file",
	    [SERVICE_COMMAND] = "command",
	    [SERVICE_ECHO] = "echo"};
	struct session *s = session_find(&n->sessions, tcb);
	const char *const *source;
	uint32_t count;

	if (s == NULL)
		return;
	if (n->cf.said != NULL)
		more->said = said_end(n->cf.said, s->said, n->said_name);
	s->said = NULL;
	source = hosts_sources(s->gen->hosts, &count);
	more->begin = s->begin;
	more->service = name[s->rule->service];
	more->line = s->rule->line;
	more->source = s->rule->source < count ? source[s->rule->source] : "";
}
