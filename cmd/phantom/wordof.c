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

/* what sh knows without a program (POSIX 2.4, 2.9.1, 2.14); some of these only
   where sh is bash or dash */
static const char *const known[] = {"!", ".", ":", "[", "[[", "alias", "bg",
    "break", "builtin", "case", "cd", "chdir", "command", "continue", "coproc",
    "declare", "echo", "enable", "eval", "exit", "export", "false", "fg", "for",
    "function", "getopts", "hash", "if", "jobs", "kill", "let", "local",
    "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray",
    "readonly", "return", "select", "set", "shift", "shopt", "source", "test",
    "time", "times", "trap", "true", "type", "typeset", "ulimit", "umask",
    "unalias", "unset", "until", "wait", "while", "{"};

static bool
is_known(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], word) == 0)
			return true;
	return false;
}

/* is_name - of a program, not the number of a redirection, nor that of a
   function, whose body follows */
static bool
is_name(const char *word, const char *rest)
{
	if ((*rest == '<' || *rest == '>') &&
	    word[strspn(word, "0123456789")] == '\0')
		return false;
	return rest[strspn(rest, " \t")] != '(';
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
	return is_name(word, *text) ? n : 0;
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
	if (strcmp(word, "exec") == 0 &&
	    (next_word(&text, word) == 0 || word[0] == '-'))
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
