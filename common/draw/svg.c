/*
 * svg.c - see svg.h.
 */
#include <stdio.h>

#include "draw/svg.h"

void
svg_begin(unsigned width, unsigned height, const char *light, const char *dark)
{
	printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" "
	       "height=\"%u\" viewBox=\"0 0 %u %u\">\n",
	    width, height, width, height);
	printf("<style>\n"
	       "  svg { background: #fff; color: #1b1f24 }\n"
	       "  text { font: 12px ui-monospace, Menlo, Consolas, monospace;"
	       " fill: currentColor }\n"
	       "%s"
	       "  @media (prefers-color-scheme: dark) {\n"
	       "    svg { background: #0d1117; color: #e6edf3 }\n"
	       "%s"
	       "  }\n"
	       "</style>\n",
	    light, dark);
}

void
svg_end(void)
{
	printf("</svg>\n");
}

void
svg_words(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s == '<')
			fputs("&lt;", stdout);
		else if (*s == '>')
			fputs("&gt;", stdout);
		else if (*s == '&')
			fputs("&amp;", stdout);
		else
			putchar(*s);
	printf("</text>\n");
}
