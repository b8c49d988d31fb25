/*
 * hosts_var.h - the table, while it grows.
 */
#ifndef HOSTS_HOSTS_VAR_H
#define HOSTS_HOSTS_VAR_H

#include "hosts/hosts.h"
#include "wire/face.h"

enum { HOSTS_TEXTS = 4096, HOSTS_MAX = 1 << 20 };

/* texts of one kind, each once */
struct texts {
	char *text[HOSTS_TEXTS];
	uint32_t n;
};

/* the rules of a manner lie in one piece, in the order of the file: of
   rule[first] on */
struct manner {
	struct hosts_manner is;
	uint32_t first, nrule;
	struct hosts_rule other[2]; /* all other ports: TCP, UDP */
};

struct hosts {
	struct hosts_entry *entry;
	size_t n, cap;
	struct manner *manner;
	size_t nmanner, manner_cap;
	struct hosts_rule *rule;
	size_t nrule, rule_cap;
	struct hosts_net *net;
	size_t nnet, net_cap;
	struct impair_config *words; /* of nets that have some */
	size_t nwords, words_cap;
	struct texts files, commands, quirks, names, sources;
	struct face *face; /* of each name; none without faces */
	size_t nface, face_cap;
	/* to find an entry: its number and one, at a place by its prefix */
	uint32_t *place;
	size_t places;	  /* a power of two */
	uint8_t len[129]; /* the lengths that occur, longest first */
	unsigned nlen;
	bool own_macs; /* the file has some */
	uint64_t salt; /* of its text when it was first read */
	bool nets;     /* there was one when it was first read */
	void *map;     /* all of it is there; NULL: each has its own memory */
	size_t mapped;
};

/* grow - room for one more of the size; false without memory */
bool hosts_grow(void **p, size_t *cap, size_t n, size_t size);

/* hosts_face - the face of a system, by its name: our own ones, then those of
   db, if there is one. 1, 0: there is none, -1: the file cannot be read */
int hosts_face(struct face *, const char *name, const char *db);

/* a system that needs no database, and what fingerprints do not have: of the
   SYN-ACK that nobody answers, ms until it is retransmitted first, and for how
   long in all; whether IPv6 flows have labels */
struct hosts_print {
	const char *name, *print;
	uint32_t wait, limit;
	bool labels;
	uint16_t wnd6; /* its window with IPv6, where it is another */
};

/* hosts_print - of this name, or NULL */
const struct hosts_print *hosts_print(const char *name);

/* hosts_isn_tick - of a system of this name, see struct face: Linux has a clock
   of 64 ns, FreeBSD counts a MiB a second, and macOS draws each number */
enum { HOSTS_LINUX_TICK = 64 };
uint32_t hosts_isn_tick(const char *name);

/* hosts_vendor - who makes the network card of a system of this name */
uint8_t hosts_vendor(const char *os);
/* hosts_vendor_mac - the first half of a MAC of that vendor: any of those that
   are known */
struct mac hosts_vendor_mac(uint8_t vendor, uint64_t any);

enum hosts_added { HOSTS_ADDED, HOSTS_TWICE, HOSTS_NO_MEMORY };

/* hosts_add - one more entry, which can be found from now on */
enum hosts_added hosts_add(struct hosts *, const struct hosts_entry *);
/* hosts_exact - the entry of just this prefix, which there is */
const struct hosts_entry *hosts_exact(
    const struct hosts *, const struct prefix *);

#endif
