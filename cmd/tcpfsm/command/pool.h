/*
 * pool.h - the commands that run and the connections that wait for one: as
 * many slots as commands may run at once, a queue, and the talk with the
 * spawner. One source, a v4 address or a v6 /64, gets three quarters of what
 * others leave of the slots and of the queue at most, and of those that wait
 * the source that has fewest slots is the next. When there is no slot for it,
 * the source that has most loses one, as long as it has more.
 */
#ifndef TCPFSM_COMMAND_POOL_H
#define TCPFSM_COMMAND_POOL_H

#include <stdbool.h>
#include <stdint.h>

struct event_log;
struct ip_addr;
struct job;

enum { CREW_SOURCES = 4096 }; /* those that share one share its part */

struct crew {
	/* given */
	int sock; /* of the spawner */
	uint32_t max;
	struct event_log *log; /* NULL: the commands' ends are not logged */
	/* working */
	uint32_t used, queued;
	uint32_t limit;	 /* of used: less than max while the system starts no
			    more processes */
	uint64_t say_at; /* no message before, about what cannot be started */
	struct job **slot;
	struct job *first, **last; /* the queue */
	struct job *newest;	   /* of all */
	struct job *dead; /* jobs whose connection ended without a slot */
	bool asking;	  /* there is a message for the spawner */
	bool moved;	  /* something may have come to its end */
	bool gone;	  /* the spawner */
	bool ending;	  /* nothing new is begun */
	uint32_t going;	  /* commands that make room, and still run */
	uint64_t next;	  /* when crew_step() has something to do */
	/* a source's part: slots, and places in the queue */
	uint64_t key[2];
	uint32_t running[CREW_SOURCES], waiting[CREW_SOURCES];
};

/* crew_init - the fields given are there; 0, or -1 without memory */
int crew_init(struct crew *);

/* crew_full - no place for one more of this address, not even in the queue */
bool crew_full(const struct crew *, const struct ip_addr *);
/* crew_join - a job wants its command to run */
void crew_join(struct crew *, struct job *);
/* crew_leave - the job's connection has ended; hangup: it was cut */
void crew_leave(struct crew *, struct job *, bool hangup, uint64_t now);
/* crew_step - free what has come to its end, begin what waits */
void crew_step(struct crew *, uint64_t now);
/* crew_hear - the messages of the spawner */
void crew_hear(struct crew *, uint64_t now);

#endif
