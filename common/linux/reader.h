/*
 * reader.h - the process that reads the file of --hosts again, see again.h.
 */
#ifndef LINUX_READER_H
#define LINUX_READER_H

#include <sys/types.h>

#include "linux/again.h"

/* what it is asked */
enum reader_ask {
	READER_NOW,   /* for the table that counts */
	READER_TABLE, /* by the first: to read it again; by others: what it is
			 then; ENODATA: nothing new */
	READER_FILE,  /* for the next file of that */
	READER_YES,   /* ready for it: 0, all are; ECANCELED, one is not;
			 ETIMEDOUT, one does not answer */
	READER_NO,
};

/* reader_become - the process that parent has just forked for it; client[0] is
   the one that has it read; image: the table of now as a file, or -1 */
_Noreturn void reader_become(pid_t parent, const struct again_config *,
    const struct again_other *client, unsigned clients, const struct hosts *now,
    int image);

#endif
