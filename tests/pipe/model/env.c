/*
 * env.c - all that is around the two stages: who writes to the first, who
 * reads from the second, who sends signals, and the time.
 */
#include <string.h>

#include "base/clock.h"
#include "model.h"

struct model m;

const char *const act_name[ACTS] = {"A", "B", "a", "b", "put", "part", "end",
    "silent", "take", "some", "stall", "gone", "stop-A", "stop-B", "ask-A",
    "ask-B", "time"};

/* the n-th packet, as the source writes it */
static void
record(int n, uint8_t *p)
{
	stream_rec_head(p, (uint64_t)n, PACKET, PACKET);
	memset(p + STREAM_REC_HLEN, n, PACKET);
}

static void
append(struct queue *q, const uint8_t *p, size_t n)
{
	memcpy(q->byte + q->n, p, n);
	q->n += n;
}

void
env_begin(const struct plan *plan)
{
	static const uint8_t head[STREAM_FILE_HLEN] = {0x4d, 0x3c, 0xb2, 0xa1,
	    2, 0, 4, 0, [18] = 4, [20] = STREAM_ETHERNET};
	uint8_t first[RECORD];
	int i;

	memset(&m, 0, sizeof(m));
	m.plan = plan;
	m.now = NS_PER_SEC;
	for (i = 0; i < QUEUES; i++) {
		m.q[i].cap = plan->cap;
		m.q[i].reader = m.q[i].writer = true;
	}
	m.q[0].cap = SLOT;
	if (plan->disk > 0)
		m.q[2].cap = plan->disk;
	/* the file header is there at once */
	append(&m.q[0], head, STREAM_FILE_HLEN);
	for (i = 1; plan->kind == RING && i <= plan->packets; i++) {
		record(i, first);
		first[RECORD - 1] = 0; /* the hops */
		append(&m.q[0], first, RECORD);
		m.put++;
	}
	if (plan->kind == RING)
		m.q[0].cap = plan->cap;
}

/* ---- what can come */

static bool
source_can_write(void)
{
	return m.plan->kind != RING && !m.ended && !m.silent && m.q[0].reader &&
	       m.put < m.plan->packets && m.q[0].n + RECORD <= m.q[0].cap;
}

static int
source_acts(enum act *a)
{
	int n = 0;

	if (m.plan->kind == RING || m.ended || m.silent)
		return 0;
	if (source_can_write() && (m.plan->kind != BUSY || m.q[0].n < RECORD))
		a[n++] = PUT;
	if (source_can_write() && m.part == 0 && m.parts < m.plan->parts)
		a[n++] = PUT_PART;
	if (m.plan->kind == BUSY && m.put < m.plan->packets)
		return n;
	if (m.part == 0 || m.stalls < m.plan->stalls)
		a[n++] = END;
	if (m.stalls < m.plan->stalls)
		a[n++] = SILENT;
	return n;
}

static int
sink_acts(enum act *a)
{
	int n = 0;

	if (m.plan->kind == RING || m.plan->disk > 0 || m.gone || m.stalled)
		return 0;
	if (m.q[2].n > 0)
		a[n++] = TAKE;
	if (m.q[2].n > PART && m.parts < m.plan->parts)
		a[n++] = TAKE_PART;
	if (m.stalls < m.plan->stalls)
		a[n++] = STALL;
	if (m.plan->gones > 0)
		a[n++] = GONE;
	return n;
}

static int
signal_acts(enum act *a)
{
	int n = 0, i;

	for (i = 0; i < STAGES; i++) {
		if (proc[i].over)
			continue;
		if (m.signals < m.plan->signals)
			a[n++] = i == 0 ? STOP_A : STOP_B;
		if (m.asks < m.plan->asks)
			a[n++] = i == 0 ? ASK_A : ASK_B;
	}
	return n;
}

/* soonest - when a wait is over by itself */
static uint64_t
soonest(void)
{
	uint64_t at = TIME_NEVER;
	int i;

	for (i = 0; i < STAGES; i++) {
		if (!proc[i].over && proc[i].call == CALL_WAIT &&
		    proc[i].until > m.now && proc[i].until < at)
			at = proc[i].until;
	}
	return at;
}

static int
stage_acts(enum act *a, int i)
{
	const struct proc *p = &proc[i];
	int n = 0;

	if (p->over || !kernel_can(p))
		return 0;
	a[n++] = i == 0 ? RUN_A : RUN_B;
	if ((p->call == CALL_READ || p->call == CALL_WRITE) && p->size > PART &&
	    m.parts < m.plan->parts)
		a[n++] = i == 0 ? SHORT_A : SHORT_B;
	return n;
}

/* busy_acts - one order, in which the first stage always finds a record */
static int
busy_acts(enum act *a)
{
	enum act b[ACTS];
	int n = source_acts(b);

	n += sink_acts(b + n);
	n += stage_acts(b + n, 1);
	n += stage_acts(b + n, 0);
	if (n == 0)
		return 0;
	a[0] = b[0];
	return 1 + signal_acts(a + 1);
}

int
env_acts(enum act *a)
{
	int n;

	if (m.plan->kind == BUSY)
		return busy_acts(a);
	n = stage_acts(a, 0);

	n += stage_acts(a + n, 1);
	n += source_acts(a + n);
	n += sink_acts(a + n);
	n += signal_acts(a + n);
	if (soonest() != TIME_NEVER)
		a[n++] = TIME;
	return n;
}

/* ---- and what comes */

static void
put(size_t n)
{
	uint8_t p[RECORD];

	record(m.put + 1, p);
	append(&m.q[0], p + m.part, n);
	m.part = (m.part + n) % RECORD;
	m.put += m.part == 0;
}

static void
take(size_t n)
{
	struct queue *q = &m.q[2];

	n = n > q->n ? q->n : n;
	if (m.n_arrived + n > ARRIVED) {
		wrong("more arrives than was sent");
		return;
	}
	memcpy(m.arrived + m.n_arrived, q->byte, n);
	m.n_arrived += n;
	queue_drop(q, n);
}

static void
stop(struct proc *p)
{
	m.signals++;
	if (p->stop_at == 0)
		p->stop_at = m.now;
	kernel_signal(p, SIGTERM);
}

static void
ask(struct proc *p)
{
	m.asks++;
	p->to_ask = true;
	kernel_signal(p, SIGUSR1);
}

static void
env_source(enum act a)
{
	switch (a) {
	case PUT:
		put(RECORD - m.part);
		break;
	case PUT_PART:
		m.parts++;
		put(PART);
		break;
	case END:
		m.ended = 1;
		m.torn = m.part > 0;
		m.stalls += m.torn;
		m.q[0].writer = false;
		break;
	default:
		m.stalls++;
		m.silent = 1;
	}
}

void
env_do(enum act a)
{
	switch (a) {
	case RUN_A:
	case RUN_B:
		kernel_run(a == RUN_B, false);
		break;
	case SHORT_A:
	case SHORT_B:
		m.parts++;
		kernel_run(a == SHORT_B, true);
		break;
	case PUT:
	case PUT_PART:
	case END:
	case SILENT:
		env_source(a);
		break;
	case TAKE:
		take(SLOT);
		break;
	case TAKE_PART:
		m.parts++;
		take(PART);
		break;
	case STALL:
		m.stalls++;
		m.stalled = true;
		break;
	case GONE:
		m.gone = true;
		m.q[2].reader = false;
		break;
	case STOP_A:
	case STOP_B:
		stop(&proc[a == STOP_B]);
		break;
	case ASK_A:
	case ASK_B:
		ask(&proc[a == ASK_B]);
		break;
	case TIME:
		m.now = soonest();
		break;
	case ACTS:
		break;
	}
}
