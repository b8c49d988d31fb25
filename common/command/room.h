/*
 * room.h - descriptors for commands, before the sandbox.
 */
#ifndef COMMAND_ROOM_H
#define COMMAND_ROOM_H

/* room_for - raise the limit for the files of commands, and some to spare;
   die where it cannot be */
void room_for(unsigned files);

/* room_at_least - likewise, of a program without commands */
void room_at_least(unsigned files);

/*
 * room_to_send - for a process that hands descriptors over. The kernel counts
 * those of all processes of a user that are on their way, and refuses a sender
 * whose own limit of open files is lower (ETOOMANYREFS, unix(7)). This process
 * gets the highest limit; what it starts gets by room_of_command() what it
 * would have had, but at most half of the highest, so that no command can fill
 * more.
 */
void room_to_send(void);
void room_of_command(void);

#endif
