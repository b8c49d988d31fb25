/*
 * middle.h - what routers and middleboxes do to a frame.
 */
#ifndef MIDDLE_H
#define MIDDLE_H

#include <stddef.h>
#include <stdint.h>

struct chance;
struct view;

/* middle_strip - options out of a SYN, STRIP_...; mss: at most, 0 any */
void middle_strip(
    uint8_t *p, size_t n, struct view *v, unsigned strip, uint16_t mss);
/* middle_bend - what is not as RFC 9768 wants it: BEND_... */
void middle_bend(uint8_t *p, size_t n, struct view *v, unsigned bend);
/* middle_mark - congestion experienced, RFC 3168 5 */
void middle_mark(uint8_t *p, const struct view *v);
/* middle_damage - up to eight bits in a row, which a checksum tells */
void middle_damage(uint8_t *p, size_t n, size_t from, struct chance *c);
/*
 * middle_cut - the fragment of an IP packet's payload from off (of 8) into
 * out; the bytes of its frame, of at most size bytes of payload. *more:
 * others follow
 */
size_t middle_cut(const uint8_t *p, const struct view *v, size_t off,
    size_t size, uint16_t id, uint8_t *out, int *more);
/* middle_sum - fill in the sums of IP and TCP; TCP's length is len */
void middle_sum(uint8_t *p, const struct view *v);

#endif
