/*
 * options.h - the words of dhcp-lease's command line. Needs ether.h, ip.h
 * and exchange.h.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

struct options {
	struct exchange_options ex;
	bool has_addr;
	struct ip_addr addr; /* -a: wished for */
	const char *host;    /* -H; NULL: none */
	bool keep;
};

/* options_read - or die with what is wrong */
void options_read(struct options *, int argc, char **argv);

#endif
