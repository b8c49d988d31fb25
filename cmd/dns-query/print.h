/*
 * print.h - an answer as lines: its data alone, or all of it as dig prints
 * it. Needs ip.h, ether.h, exchange.h, dname.h, message.h and ask.h.
 */
#ifndef PRINT_H
#define PRINT_H

/* print_short - the data of the answer section, a line a record */
void print_short(const struct ask *, FILE *);

/* print_long - header, question and the three sections, with remarks */
void print_long(const struct ask *, FILE *);

/* print_status - "NXDOMAIN" and the like into buf of TYPE_TEXT; buf */
const char *print_status(uint16_t rcode, char *buf);

#endif
