/*
 * turns.h - several programs write a packet stream to one pipe, each whole
 * records in its turn. The turn is a lock (fcntl(2)), which ends with its
 * process.
 */
#ifndef PIPE_TURNS_H
#define PIPE_TURNS_H

#include <stdbool.h>

/*
 * turns_offer - that programs started from now on share the pipe fd; false: it
 * is none, or its system has no locks for pipes
 */
bool turns_offer(int fd);

/* turns_shared - fd is the pipe that is shared */
bool turns_shared(int fd);

/*
 * turn_take - false: another has it. *asked is kept between the calls: a
 * program that has waited is next.
 */
bool turn_take(int fd, bool *asked);

/* turn_wanted - it will be kept for longer: others may ask; turn_end */
void turn_wanted(int fd);
void turn_end(int fd);

#endif
