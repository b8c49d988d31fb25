/*
 * flow.h - which connection a segment belongs to: one table for all programs
 * that read captures.
 *
 * Connections have numbers, from 0 in the order in which they began. The hash
 * is keyed (SipHash-2-4): a crafted capture cannot make its connections share
 * a bucket. Both directions find the same connection.
 */
#ifndef CAPTURE_FLOW_H
#define CAPTURE_FLOW_H

#include <stdint.h>

#include "wire/endpoint.h"

struct flow_table;

#define FLOW_NONE UINT32_MAX

/*
 * flow_table_new - a table of at most max connections. key: 16 bytes that an
 * outsider does not know; NULL: drawn from the kernel. Results do not depend
 * on it. NULL without memory.
 */
struct flow_table *flow_table_new(uint32_t max, const uint64_t key[2]);
void flow_table_free(struct flow_table *);

/*
 * flow_find - the latest connection of these two ends, in either direction;
 * *from: which of its ends src is. FLOW_NONE: there is none.
 */
uint32_t flow_find(struct flow_table *, const struct endpoint *src,
    const struct endpoint *dst, int *from);

/*
 * flow_add - a new connection of these ends, src is end 0. When the table is
 * full the connection that was silent for the longest time gives up its
 * number. FLOW_NONE without memory.
 */
uint32_t flow_add(struct flow_table *, const struct endpoint *src,
    const struct endpoint *dst);

/* flow_older - the connection of the same ends before this one; FLOW_NONE */
uint32_t flow_older(const struct flow_table *, uint32_t id);

uint32_t flow_count(const struct flow_table *);

#endif
