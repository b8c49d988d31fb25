/*
 * digest.h - --md5: what one connection's peer has acknowledged, and what it
 * has sent.
 */
#ifndef TCPFSM_DIGEST_H
#define TCPFSM_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digests;
struct log_more;

/* digests_new - NULL without memory; free() ends it */
struct digests *digests_new(void);

/* each does nothing for NULL */

/* digests_acked - bytes up to offset off are acknowledged; from: those behind
   the last ones given */
void digests_acked(struct digests *, uint64_t off, const uint8_t *from);
/* digests_done - offset of the first byte not yet included */
uint64_t digests_done(const struct digests *);
void digests_received(struct digests *, const uint8_t *, size_t);
/* digests_text - into the log's line; they are used up */
void digests_text(struct digests *, struct log_more *);

#endif
