/*
 * print.h - an answer as lines: its data alone, or all of it as dig prints
 * it. Needs ip.h, ether.h, query.h, dname.h, message.h and ask.h.
 */
#ifndef DNS_QUERY_PRINT_H
#define DNS_QUERY_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "ask.h"

/* print_short - the data of the answer section, a line a record */
void print_short(const struct ask *, FILE *);

/* print_long - header, question and the three sections, with remarks */
void print_long(const struct ask *, FILE *);

/* print_status - "NXDOMAIN" and the like into buf of TYPE_TEXT; buf */
const char *print_status(uint16_t rcode, char *buf);

#endif
