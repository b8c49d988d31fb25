/*
 * plain.c - for make check-plain: rawinject as if it were always called with
 * -1, so that it sends no super-frame. Linked to rawinject's own objects with
 * --wrap=main: a program like any other, that can be copied and given rights.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

int
__wrap_main(int argc, char **argv)
{
	static char option[] = "-1";
	char **args = calloc((size_t)argc + 2, sizeof(*args));

	if (args == NULL || argc < 1) {
		fprintf(stderr, "rawinject: start: %s\n", strerror(errno));
		return 2;
	}
	args[0] = argv[0];
	args[1] = option;
	memcpy(args + 2, argv + 1, (size_t)(argc - 1) * sizeof(*args));
	return __real_main(argc + 1, args);
}
