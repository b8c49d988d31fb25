/*
 * quirk.h - misbehaviour on the command line.
 */
#ifndef QUIRK_H
#define QUIRK_H

struct tcp_config;

/* quirk_option - "-Q text": one quirk more; dies where the text is wrong, and
   after the list that "list" asks for */
void quirk_option(struct tcp_config *, const char *text);

#endif
