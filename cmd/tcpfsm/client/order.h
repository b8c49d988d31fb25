/*
 * order.h - when each of many recorded connections may begin.
 */
#ifndef TCPFSM_CLIENT_ORDER_H
#define TCPFSM_CLIENT_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct replay;
struct talk;

/* order_at - ns after the first one, as recorded */
uint64_t order_at(const struct replay *, uint32_t no);

/*
 * order_free - connection no may begin: of those that are there, in n places,
 * all have been opened, and none had ended by then in the recording
 */
bool order_free(
    const struct replay *, uint32_t no, const struct talk *, uint32_t n);

#endif
