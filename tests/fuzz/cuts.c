/*
 * cuts.c - a harness, run on files as they are when they end too early: each
 * is cut at every byte. With -p the bytes of the next argument come before.
 */
#include <string.h>

#include "fuzz.h"

enum { LARGEST = 4096 };

/* cut - the file's first n bytes, of which the last one's end is watched */
static void
cut(const char *prefix, const uint8_t *file, size_t n)
{
	size_t before = strlen(prefix);
	uint8_t *p = malloc(before + n + 1);

	must(p != NULL);
	memcpy(p, prefix, before);
	memcpy(p + before, file, n);
	p = realloc(p, before + n > 0 ? before + n : 1);
	must(p != NULL);
	LLVMFuzzerTestOneInput(p, before + n);
	free(p);
}

int
main(int argc, char **argv)
{
	static uint8_t file[LARGEST + 1];
	const char *prefix = "";
	unsigned long runs = 0;
	size_t n, i;
	FILE *f;

	if (argc > 2 && strcmp(argv[1], "-p") == 0) {
		prefix = argv[2];
		argv += 2;
	}
	for (argv++; *argv != NULL; argv++) {
		f = fopen(*argv, "re");
		if (f == NULL)
			return 2;
		n = fread(file, 1, sizeof(file), f);
		fclose(f);
		for (i = 0; n <= LARGEST && i <= n; i++, runs++)
			cut(prefix, file, i);
	}
	printf("%lu\n", runs);
	return runs == 0;
}
