/*
 * quirk.h - misbehaviour on the command line.
 */
#ifndef TCPFSM_QUIRK_H
#define TCPFSM_QUIRK_H

struct tcp_config;

/* quirk_option - "-Q text": one quirk more; dies where the text is wrong, and
   after the list that "list" asks for */
void quirk_option(struct tcp_config *, const char *text);

#endif
