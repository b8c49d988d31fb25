/*
 * words.h - addresses from text, for tests.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdio.h>

#include "wire/ether.h"
#include "wire/ip.h"
#include "wire/parse.h"

static inline struct ip_addr
ip(const char *s)
{
	struct ip_addr a;

	if (parse_addr(s, &a) != 0)
		printf("Bail out! %s\n", s);
	return a;
}

static inline struct mac
mac(const char *s)
{
	struct mac m;

	if (parse_mac(s, &m) != 0)
		printf("Bail out! %s\n", s);
	return m;
}

#endif
