/*
 * svg.h - a picture on stdout as SVG 1.1, for light and dark pages: what every
 * picture begins and ends with, and its words.
 */
#ifndef DRAW_SVG_H
#define DRAW_SVG_H

/*
 * svg_begin - its size, colours and font; light: rules of CSS, a line each;
 * dark: those that replace some of them on a dark page
 */
void svg_begin(
    unsigned width, unsigned height, const char *light, const char *dark);
void svg_end(void);

/* svg_words - s with its special characters escaped, and </text> */
void svg_words(const char *s);

#endif
