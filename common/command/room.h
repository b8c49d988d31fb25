/*
 * room.h - descriptors for commands, before the sandbox.
 */
#ifndef COMMAND_ROOM_H
#define COMMAND_ROOM_H

/* room_for - raise the limit for the files of commands, and some to spare;
   die where it cannot be */
void room_for(unsigned files);

#endif
