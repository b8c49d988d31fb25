/*
 * wordof.c - see wordof.h.
 *
 * Only a word that can be nothing else is looked for: no assignment, quote,
 * expansion, redirection, reserved word or builtin of sh.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "find.h"
#include "wordof.h"

enum { WORD = 256 };

/* what sh knows without a program (POSIX 2.4, 2.9.1, 2.14) */
static const char *const known[] = {"!", ".", ":", "[", "alias", "bg", "break",
    "case", "cd", "command", "continue", "echo", "eval", "exit", "export",
    "false", "fg", "for", "getopts", "hash", "if", "jobs", "kill", "local",
    "printf", "pwd", "read", "readonly", "return", "set", "shift", "test",
    "times", "trap", "true", "type", "ulimit", "umask", "unalias", "unset",
    "until", "wait", "while", "{"};

static bool
is_known(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], word) == 0)
			return true;
	return false;
}

/* next_word - a plain one, up to a blank or an operator; 0: it is not plain */
static size_t
next_word(const char **text, char word[WORD])
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "./_+-:[!{";
	size_t n;

	*text += strspn(*text, " \t\n");
	n = strspn(*text, plain);
	if (n == 0 || n >= WORD ||
	    ((*text)[n] != '\0' && strchr(" \t\n;|&<>", (*text)[n]) == NULL))
		return 0;
	memcpy(word, *text, n);
	word[n] = '\0';
	*text += n;
	return n;
}

/* in_path - as sh will find it, for which our own folder is in PATH, too */
static bool
in_path(const char *word)
{
	char *path = find_program(word, "phantom");
	bool found = path != NULL;

	free(path);
	return found;
}

const char *
command_wrong(const char *text)
{
	static char wrong[WORD + 80];
	char word[WORD];

	if (next_word(&text, word) == 0)
		return NULL;
	if (strcmp(word, "exec") == 0 && next_word(&text, word) == 0)
		return NULL;
	if (is_known(word))
		return NULL;
	if (strchr(word, '/') != NULL ? access(word, X_OK) == 0 : in_path(word))
		return NULL;
	snprintf(wrong, sizeof(wrong),
	    strchr(word, '/') != NULL ? "%s cannot be run from this folder"
				      : "no %s in PATH",
	    word);
	return wrong;
}
