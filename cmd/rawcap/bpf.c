/*
 * bpf.c - programs of the classic BSD packet filter (McCanne and Jacobson
 * 1993, the kernel's linux/filter.h): read as text, checked, and run over
 * packets that come from a file.
 *
 * The kernel checks what is attached to a socket once more; here the check
 * guards our own machine, and gives a message that names the line.
 */
#include <limits.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "rawcap.h"
#include "wire/ether.h"

/* offsets from here on up ask the kernel, not the packet */
#define ANCILLARY ((uint32_t)SKF_AD_OFF)

static bool
known_load(const struct sock_filter *f)
{
	switch (f->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
		return f->k < BPF_MEMWORDS;
	default: /* a number from outside */
		return false;
	}
}

static bool
known_alu(const struct sock_filter *f)
{
	switch (f->code & ~BPF_X) {
	case BPF_ALU | BPF_DIV:
	case BPF_ALU | BPF_MOD:
		return (f->code & BPF_X) || f->k != 0;
	case BPF_ALU | BPF_LSH:
	case BPF_ALU | BPF_RSH:
		return (f->code & BPF_X) || f->k < 32;
	case BPF_ALU | BPF_ADD:
	case BPF_ALU | BPF_SUB:
	case BPF_ALU | BPF_MUL:
	case BPF_ALU | BPF_OR:
	case BPF_ALU | BPF_AND:
	case BPF_ALU | BPF_XOR:
		return true;
	case BPF_ALU | BPF_NEG:
		return !(f->code & BPF_X);
	default:
		return false;
	}
}

static bool
known_return(const struct sock_filter *f)
{
	return f->code == (BPF_RET | BPF_K) || f->code == (BPF_RET | BPF_A);
}

/* a jump at i of n lands inside the program; jumps are only forward */
static bool
jump_lands(const struct sock_filter *f, unsigned i, unsigned n)
{
	unsigned left = n - i - 1;

	switch (f->code & ~BPF_X) {
	case BPF_JMP | BPF_JA:
		return !(f->code & BPF_X) && f->k < left;
	case BPF_JMP | BPF_JEQ:
	case BPF_JMP | BPF_JGT:
	case BPF_JMP | BPF_JGE:
	case BPF_JMP | BPF_JSET:
		return f->jt < left && f->jf < left;
	default:
		return false;
	}
}

const char *
bpf_check(const struct bpf *b)
{
	unsigned i;
	bool ok;

	if (b->n == 0 || b->n > BPF_MAX)
		return "its length is not from 1 to 4096";
	for (i = 0; i < b->n; i++) {
		switch (BPF_CLASS(b->f[i].code)) {
		case BPF_ALU:
			ok = known_alu(&b->f[i]);
			break;
		case BPF_JMP:
			ok = jump_lands(&b->f[i], i, b->n);
			break;
		case BPF_RET:
			ok = known_return(&b->f[i]);
			break;
		default:
			ok = known_load(&b->f[i]);
			break;
		}
		if (!ok)
			return "an instruction is unknown, or jumps outside";
	}
	if (!known_return(&b->f[b->n - 1]))
		return "its last instruction is no return";
	return NULL;
}

/* a decimal number up to max, then white space or the end */
static int
number(const char **p, const char *end, uint32_t max, uint32_t *out)
{
	const char *start;
	uint64_t v = 0;

	while (*p < end && (**p == ' ' || **p == '\n' || **p == '\r'))
		(*p)++;
	for (start = *p; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		v = v * 10 + (uint64_t)(**p - '0');
		if (v > max)
			return -1;
	}
	if (*p == start)
		return -1;
	if (*p < end && **p != ' ' && **p != '\n' && **p != '\r')
		return -1;
	*out = (uint32_t)v;
	return 0;
}

const char *
bpf_parse(struct bpf *b, const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	uint32_t count, code, jt, jf, k;

	if (number(&p, end, BPF_MAX, &count) < 0 || count == 0)
		return "its first line is not a count of instructions "
		       "(is it from tcpdump -ddd?)";
	for (b->n = 0; b->n < count; b->n++) {
		if (number(&p, end, USHRT_MAX, &code) < 0 ||
		    number(&p, end, UCHAR_MAX, &jt) < 0 ||
		    number(&p, end, UCHAR_MAX, &jf) < 0 ||
		    number(&p, end, UINT32_MAX, &k) < 0)
			return "a line is not four numbers, or lines are "
			       "missing";
		b->f[b->n].code = (uint16_t)code;
		b->f[b->n].jt = (uint8_t)jt;
		b->f[b->n].jf = (uint8_t)jf;
		b->f[b->n].k = k;
	}
	while (p < end && (*p == ' ' || *p == '\n' || *p == '\r'))
		p++;
	if (p < end)
		return "it has more lines than it says";
	return bpf_check(b);
}

struct machine {
	uint32_t a, x, mem[BPF_MEMWORDS];
	const uint8_t *frame;
	uint32_t caplen, len; /* without what is passed over: */
	uint32_t tag;	      /* bytes of a priority tag, behind the MACs */
};

enum { AT_TAG = 12, TAG = 4 };

/* A = the bytes at an offset; false when they are not there */
static bool
load(struct machine *m, unsigned size, uint64_t at)
{
	unsigned n = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;

	if (at + n > m->caplen)
		return false;
	for (m->a = 0; n > 0; n--, at++)
		m->a = m->a << 8 | m->frame[at + (at < AT_TAG ? 0 : m->tag)];
	return true;
}

/*
 * What the kernel would know of the packet. In a file its VLAN tag is in the
 * frame, where programs of libpcap also look.
 */
static bool
load_ancillary(struct machine *m, uint32_t what)
{
	switch (what) {
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
	case SKF_AD_VLAN_TPID:
	case SKF_AD_PKTTYPE:
	case SKF_AD_IFINDEX:
		m->a = 0;
		return true;
	case SKF_AD_PROTOCOL:
		return load(m, BPF_H, AT_TAG);
	default:
		return false;
	}
}

/* false ends the program: the packet is too short for it */
static bool
run_load(struct machine *m, const struct sock_filter *f)
{
	switch (f->code) {
	case BPF_LD | BPF_IMM:
		m->a = f->k;
		return true;
	case BPF_LD | BPF_MEM:
		m->a = m->mem[f->k];
		return true;
	case BPF_LD | BPF_W | BPF_LEN:
		m->a = m->len;
		return true;
	case BPF_LDX | BPF_IMM:
		m->x = f->k;
		return true;
	case BPF_LDX | BPF_MEM:
		m->x = m->mem[f->k];
		return true;
	case BPF_LDX | BPF_W | BPF_LEN:
		m->x = m->len;
		return true;
	case BPF_LDX | BPF_B | BPF_MSH:
		if (f->k >= m->caplen)
			return false;
		m->x = (m->frame[f->k + (f->k < AT_TAG ? 0 : m->tag)] & 0xfu) *
		       4;
		return true;
	default:
		break;
	}
	if (BPF_MODE(f->code) == BPF_IND)
		return load(m, BPF_SIZE(f->code), (uint64_t)m->x + f->k);
	if (f->k >= ANCILLARY)
		return load_ancillary(m, f->k - ANCILLARY);
	return load(m, BPF_SIZE(f->code), f->k);
}

static bool
run_alu(struct machine *m, const struct sock_filter *f)
{
	uint32_t v = BPF_SRC(f->code) == BPF_X ? m->x : f->k;

	switch (BPF_OP(f->code)) {
	case BPF_ADD:
		m->a += v;
		break;
	case BPF_SUB:
		m->a -= v;
		break;
	case BPF_MUL:
		m->a *= v;
		break;
	case BPF_DIV:
		if (v == 0)
			return false;
		m->a /= v;
		break;
	case BPF_MOD:
		if (v == 0)
			return false;
		m->a %= v;
		break;
	case BPF_OR:
		m->a |= v;
		break;
	case BPF_AND:
		m->a &= v;
		break;
	case BPF_XOR:
		m->a ^= v;
		break;
	case BPF_LSH:
		m->a <<= v & 31;
		break;
	case BPF_RSH:
		m->a >>= v & 31;
		break;
	default:
		m->a = -m->a;
		break;
	}
	return true;
}

/* how many instructions to leap over */
static uint32_t
run_jump(const struct machine *m, const struct sock_filter *f)
{
	uint32_t v = BPF_SRC(f->code) == BPF_X ? m->x : f->k;
	bool yes;

	switch (BPF_OP(f->code)) {
	case BPF_JA:
		return f->k;
	case BPF_JEQ:
		yes = m->a == v;
		break;
	case BPF_JGT:
		yes = m->a > v;
		break;
	case BPF_JGE:
		yes = m->a >= v;
		break;
	default:
		yes = (m->a & v) != 0;
		break;
	}
	return yes ? f->jt : f->jf;
}

uint32_t
bpf_run(
    const struct bpf *b, const uint8_t *frame, uint32_t caplen, uint32_t len)
{
	struct machine m = {.frame = frame, .caplen = caplen, .len = len};
	const struct sock_filter *f;

	if (ether_is_priority(frame, caplen)) {
		m.tag = TAG;
		m.caplen -= TAG;
		m.len -= TAG;
	}

	/* jumps go forward and the last instruction returns: it ends */
	for (f = b->f;; f++) {
		switch (BPF_CLASS(f->code)) {
		case BPF_RET:
			return f->code == (BPF_RET | BPF_A) ? m.a : f->k;
		case BPF_ST:
			m.mem[f->k] = m.a;
			break;
		case BPF_STX:
			m.mem[f->k] = m.x;
			break;
		case BPF_MISC:
			if (f->code == (BPF_MISC | BPF_TAX))
				m.x = m.a;
			else
				m.a = m.x;
			break;
		case BPF_ALU:
			if (!run_alu(&m, f))
				return 0;
			break;
		case BPF_JMP:
			f += run_jump(&m, f);
			break;
		default:
			if (!run_load(&m, f))
				return 0;
			break;
		}
	}
}
