/*
 * iface.h - what phantom does about the kind of its interface.
 */
#ifndef PHANTOM_IFACE_H
#define PHANTOM_IFACE_H

struct options;

/*
 * iface_look - its MTU is the programs', unless the user gave one; what will
 * not work there is said, before it fails; a bridge port that does not
 * forward yet is waited for. One that cannot be read is left to rawcap's
 * words.
 */
void iface_look(struct options *);

#endif
