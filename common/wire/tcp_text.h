/*
 * tcp_text.h - the parts of a segment as words, the same in a program's input
 * and in its output.
 */
#ifndef WIRE_TCP_TEXT_H
#define WIRE_TCP_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { TCP_FLAGS_TEXT = 10 }; /* "FSRPAUEWe" with NUL */

/*
 * tcp_text_flags - letters of FSRPAUEWe in any order, "." for A, "e" for
 * AE and brackets around them as tcpdump has it, or "none"; 0, or -1
 */
int tcp_text_flags(const char *s, uint16_t *flags);

/* tcp_text_put_flags - as letters into buf of TCP_FLAGS_TEXT; returns buf */
const char *tcp_text_put_flags(uint16_t flags, char *buf);

/* tcp_text_number - decimal, or hexadecimal after 0x; 0, or -1 */
int tcp_text_number(const char *s, uint64_t *out);

/* tcp_text_stamp - "1763640000.123456789", in ns since 1970; 0, or -1 */
int tcp_text_stamp(const char *s, uint64_t *ns);

/*
 * tcp_text_hex - pairs of hexadecimal digits, with spaces or colons between
 * them or not, as at most cap bytes, *n of them; 0, or -1
 */
int tcp_text_hex(const char *s, uint8_t *p, size_t cap, size_t *n);

/*
 * tcp_text_bytes - text with the escapes of printf(1)'s %b (\0OOO for any
 * byte), \xHH, \" and \' as at most cap bytes, *n of them. Returns NULL, or
 * where it cannot go on: at a backslash, or at what finds no room.
 */
const char *tcp_text_bytes(const char *s, uint8_t *p, size_t cap, size_t *n);

enum { TCP_BYTE_TEXT = 5 }; /* of the longest byte: "\0377" */

/*
 * tcp_text_put_bytes - n bytes as text that printf(1)'s %b and
 * tcp_text_bytes() turn back, of ASCII that can be printed, and no single
 * quote in it: between single quotes it is inert in any shell. Takes at most
 * n * TCP_BYTE_TEXT bytes at to; returns how many. No NUL is put.
 */
size_t tcp_text_put_bytes(const uint8_t *p, size_t n, char *to);

#endif
