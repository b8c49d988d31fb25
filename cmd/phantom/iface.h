/*
 * iface.h - what phantom does about the kind of its interface.
 */
#ifndef PHANTOM_IFACE_H
#define PHANTOM_IFACE_H

struct options;

/*
 * iface_look - its MTU is the programs', unless the user gave one. A message
 * names what will not work there, before it fails. A bridge port that does not
 * forward yet is waited for. If the interface cannot be read, rawcap's message
 * comes.
 */
void iface_look(struct options *);

#endif
