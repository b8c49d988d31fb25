/*
 * options.h - the words of dns-query's command line. Needs ip.h, ether.h,
 * exchange.h, dname.h and message.h.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

struct options {
	struct exchange_options ex;
	struct ip_addr server;
	uint16_t port;
	struct dns_question question;
	const char *name; /* as it was given */
	unsigned tries;
	bool tcp;	/* +tcp: at once */
	bool norecurse; /* +norecurse */
};

/* options_read - or die with what is wrong */
void options_read(struct options *, int argc, char **argv);

#endif
