/*
 * keys_test.c - engines that share their secrets: a SYN cookie of one is good
 * for the other, and only then.
 */
#include <string.h>

#include "base/bytes.h"
#include "tap.h"
#include "tcp/tcp_var.h"
#include "tests/frame.h"
#include "wire/parse.h"

#define START UINT64_C(1763640000000000000)

static struct ip_addr ours, theirs;
static uint8_t last[256];
static unsigned sent, opened;

static void
on_emit(void *ctx, uint64_t now, const uint8_t *head, size_t hlen,
    const uint8_t *data, size_t dlen)
{
	sent++;
	memcpy(last, head, hlen < sizeof(last) ? hlen : sizeof(last));
}

static void
on_opened(void *ctx, struct tcb *tcb, uint64_t now)
{
	opened++;
}

static struct tcp *
engine(uint64_t secret, bool shared, uint64_t seed)
{
	static struct tcp_host host = {.emit = on_emit};
	static struct tcp_app app = {.opened = on_opened};
	struct tcp_config cfg;
	int i;

	tcp_defaults(&cfg);
	cfg.trust_cksum = true;
	cfg.backlog = 0;
	cfg.has_secrets = true;
	cfg.shared = shared;
	cfg.seed = seed;
	for (i = 0; i < TCP_SECRETS; i++)
		cfg.secrets[i] = secret * (uint64_t)(i + 1);
	return tcp_new(&cfg, &host, NULL, &app, NULL, START);
}

static void
give(struct tcp *t, uint64_t now, uint16_t flags, uint32_t seq, uint32_t ack)
{
	struct tcp_hdr h = {.sport = 4000,
	    .dport = 80,
	    .seq = seq,
	    .ack = ack,
	    .flags = flags,
	    .wnd = 1000};
	uint8_t f[200] = {0};
	size_t n = frame_tcp(f, &theirs, &ours, &h, 0);

	sent = opened = 0;
	tcp_input(t, now, f, n, now, 1);
	tcp_flush(t, now, SIZE_MAX);
}

/* answered - the SYN goes to one, the acknowledgment to the other: it opens */
static bool
answered(struct tcp *one, struct tcp *other)
{
	uint32_t iss;

	give(one, START, TH_SYN, 100, 0);
	iss = get_be32(last + 38);
	give(other, START + NS_S, TH_ACK, 101, iss + 1);
	tcp_free(one);
	tcp_free(other);
	return opened == 1;
}

int
main(void)
{
	parse_addr("10.0.0.5", &ours);
	parse_addr("10.0.0.9", &theirs);
	check(answered(engine(7, true, 1), engine(7, true, 2)),
	    "the cookie of another engine with the same keys");
	check(!answered(engine(7, true, 1), engine(8, true, 2)),
	    "not with others");
	check(!answered(engine(7, false, 1), engine(7, false, 2)),
	    "one that shares nothing looks at none before it has sent one");
	return done();
}
