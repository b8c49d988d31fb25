/*
 * cookies.h - a client's Fast Open cookies in a file, from run to run: a line
 * for each, the last one of a server counts.
 *
 *	our address, the server's, its port, its MSS, the cookie in
 *	hexadecimal or "-", and until when it is not tried, s since 1970
 */
#ifndef TCPFSM_CLIENT_COOKIES_H
#define TCPFSM_CLIENT_COOKIES_H

#include <stddef.h>

#include "tcp/tcp.h"

enum { COOKIES_MAX = 64 };

struct cookies {
	int fd; /* -1: none */
	size_t n;
	struct tcp_cookie known[COOKIES_MAX];
};

/*
 * cookies_open - read the file, which is made if there is none, and rewritten
 * if it has grown long; 0, or -1 and errno. Lines that make no sense are left
 * out.
 */
int cookies_open(struct cookies *, const char *path);

/* cookies_tell - the engine all that is known */
void cookies_tell(const struct cookies *, struct tcp *);

/* cookies_add - one more line; what cannot be written is reported once */
void cookies_add(struct cookies *, const struct tcp_cookie *);

#endif
