/*
 * report.c - what a run reports of itself: the log's first and last line, and
 * the summary.
 */
#include "app.h"
#include "base/die.h"
#include "log.h"
#include "run.h"

void
run_log_start(struct run *r, uint64_t now)
{
	event_start(&r->log, now, r->start, r->tell_seed ? &r->cfg.seed : NULL,
	    r->rights);
	if (r->app->first_words != NULL)
		r->app->first_words(r->app_ctx, now);
}

void
run_log_end(struct run *r)
{
	event_begin(&r->log, r->now, NULL, 0, NULL, 0, "end");
	log_totals(&r->log, tcp_stats(r->tcp), r->cut);
	event_num(&r->log, "output_dropped", r->out.dropped);
	event_num(&r->log, "lost_lines", r->log.lost_all);
	event_num(&r->log, "not_told", r->log.not_told);
	if (r->app->totals != NULL)
		r->app->totals(r->app_ctx, &r->log);
	event_end(&r->log);
}

void
run_summary(void *ctx)
{
	struct run *r = ctx;
	const struct tcp_stats *s;

	if (r->tcp == NULL || r->level <= LOG_NOTHING)
		return;
	if (r->app->summary != NULL && r->app->summary(r->app_ctx, r->now))
		return;
	s = tcp_stats(r->tcp);
	say("%llu connections, %llu bytes sent, %llu received, %llu "
	    "retransmissions, %llu packets dropped",
	    (unsigned long long)s->opened, (unsigned long long)s->sent,
	    (unsigned long long)s->received, (unsigned long long)s->retransmits,
	    (unsigned long long)(s->dropped + r->cut + r->out.dropped));
}
