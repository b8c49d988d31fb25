/*
 * pktsock_super.c - the headers of a super-frame: what virtio has before a
 * frame, then those of its first segment, made out for all of it.
 */
#include <string.h>

#include "linux/pktsock.h"
#include "wire/gso.h"

void
pktsock_super(uint8_t *head, const struct segment *s, uint32_t n, uint8_t flags,
    uint16_t size)
{
	struct pktsock_gso gso = {.tcp = s->l4,
	    .hlen = s->hlen,
	    .size = size,
	    .v6 = s->v6,
	    .cwr = (flags & TCP_CWR) != 0};
	struct segment made = *s;

	made.frame = head + PKTSOCK_VNET_HLEN;
	memcpy(made.frame, s->frame, s->hlen);
	segment_set_payload(&made, n, flags);
	pktsock_vnet(head, &gso);
}
