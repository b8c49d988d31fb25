/*
 * client.h - many clients in one program, as frames: client i is an address
 * of 10.1.0.0/16 and a port, and talks to port 80 of 10.0.0.5.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stddef.h>
#include <stdint.h>

enum {
	CLIENT_FRAME = 128, /* bytes that the longest takes */
	CLIENT_WINDOW = 2 * 1448,
	CLIENT_MAX = 65536 * 50000u - 1,
};

/* client_frame - what client i says, without data; returns its bytes */
size_t client_frame(
    uint8_t *f, uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack);

/* client_of - whom a frame is for, or whose endpoint this is */
uint32_t client_of(const uint8_t *frame);
uint32_t client_at(const uint8_t *addr4, uint16_t port);

/* client_turn - the next after i: far from it, and all have their turn */
uint32_t client_turn(uint32_t i, uint32_t clients);

#endif
