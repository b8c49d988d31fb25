/*
 * keys.h - the file of --keys: the secrets of the engine's hashes, which
 * several machines share.
 */
#ifndef TCPFSM_KEYS_H
#define TCPFSM_KEYS_H

#include <stdint.h>

#include "tcp/tcp.h"

/* keys_read - dies where the file is none, or may be read by others */
void keys_read(uint64_t secrets[TCP_SECRETS], const char *path);

#endif
