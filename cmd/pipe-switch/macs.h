/*
 * macs.h - the table of addresses of a switch: which port each was last seen
 * at, by VLAN. Of a fixed size, with a keyed hash: a flood from one port
 * drives out that port's own addresses.
 */
#ifndef PIPE_SWITCH_MACS_H
#define PIPE_SWITCH_MACS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge.h"

struct macs;

/* macs_new - for max addresses, of this many ports; NULL without memory */
struct macs *macs_new(
    uint32_t max, unsigned ports, uint64_t age, const uint64_t key[2]);
void macs_free(struct macs *);

/*
 * macs_learn - it was seen at this port. True: it was at another port before.
 * port[] counts the entries of each.
 */
bool macs_learn(struct macs *, uint64_t now, const struct mac *, unsigned vid,
    unsigned port, struct bridge_port *ports);

/* macs_find - the port, or -1 */
int macs_find(struct macs *, uint64_t now, const struct mac *, unsigned vid);

/* macs_forget - all of a port */
void macs_forget(struct macs *, unsigned port, struct bridge_port *ports);

void macs_each(const struct macs *, uint64_t now, void *ctx,
    void (*each)(void *ctx, const struct bridge_entry *));

#endif
