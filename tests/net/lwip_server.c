/*
 * lwip_server.c - a device on lwIP's TCP: at 10.1.0.2 port 80, on the tap
 * interface tap0, it answers a request by 20000 bytes and closes.
 */
#include <lwip/api.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/tapif.h>
#include <stdio.h>
#include <unistd.h>

static char answer[20000];

/* line_ends - how many in a row, with those of p */
static int
line_ends(int lines, const char *p, u16_t n)
{
	for (; n > 0; n--, p++) {
		if (*p == '\n')
			lines++;
		else if (*p != '\r')
			lines = 0;
	}
	return lines;
}

static void
serve(void *arg)
{
	struct netconn *c = arg;
	struct netbuf *buf;
	size_t i;
	void *p;
	u16_t n;
	int lines = 0;

	/* up to an empty line */
	while (lines < 2 && netconn_recv(c, &buf) == ERR_OK) {
		netbuf_data(buf, &p, &n);
		lines = line_ends(lines, p, n);
		netbuf_delete(buf);
	}
	/* little by little: there is room for a few segments only, and a
	   write that needs more never ends */
	for (i = 0; i < sizeof(answer); i += 500)
		netconn_write(c, answer + i, 500, NETCONN_COPY);
	netconn_close(c);
	netconn_delete(c);
}

static void
listen_on(void *arg)
{
	struct netconn *l = netconn_new(NETCONN_TCP), *c;

	netconn_bind(l, IP_ADDR_ANY, 80);
	netconn_listen(l);
	printf("ready\n");
	fflush(stdout);
	while (netconn_accept(l, &c) == ERR_OK)
		sys_thread_new("serve", serve, c, 0, 0);
}

static void
start(void *arg)
{
	static struct netif nif;
	ip4_addr_t addr, mask, gw;

	IP4_ADDR(&addr, 10, 1, 0, 2);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gw, 10, 1, 0, 1);
	netif_add(&nif, &addr, &mask, &gw, NULL, tapif_init, tcpip_input);
	netif_set_default(&nif);
	netif_set_up(&nif);
	sys_thread_new("listen", listen_on, NULL, 0, 0);
}

int
main(void)
{
	tcpip_init(start, NULL);
	for (;;)
		pause();
}
