/*
 * lwip_server.c - a device on lwIP's TCP: at 10.1.0.2, on the tap interface
 * tap0. At port 80 it answers a request by 20000 bytes and closes; ports 7, 9
 * and 19 are the services of RFC 862 to 864. For each line "ADDR PORT" on
 * stdin it is a client, which sends a request and reads the answer; for "ADDR
 * PORT FILE" it waits for that, keeps it in the file, and prints "got".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lwip/api.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/tapif.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char answer[20000];

/*
 * pbuf_alloc - instead of the library's own: the buffers of its pool are
 * smaller than it believes (616 bytes; it writes behind them whatever frame is
 * longer), and those of the heap are not
 */
struct pbuf *
pbuf_alloc(pbuf_layer layer, u16_t n, pbuf_type type)
{
	static struct pbuf *(*next)(pbuf_layer, u16_t, pbuf_type);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "pbuf_alloc");
	return next(layer, n, type == PBUF_POOL ? PBUF_RAM : type);
}

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

/* drop - all that comes, up to the end */
static void
drop(struct netconn *c)
{
	struct netbuf *buf;

	while (netconn_recv(c, &buf) == ERR_OK)
		netbuf_delete(buf);
}

static void
echo(struct netconn *c)
{
	struct netbuf *buf;
	err_t err = ERR_OK;
	void *p;
	u16_t n;

	while (err == ERR_OK && netconn_recv(c, &buf) == ERR_OK) {
		do {
			netbuf_data(buf, &p, &n);
			err = netconn_write(c, p, n, NETCONN_COPY);
		} while (err == ERR_OK && netbuf_next(buf) >= 0);
		netbuf_delete(buf);
	}
}

static void
chargen(struct netconn *c)
{
	while (netconn_write(c, answer, 500, NETCONN_COPY) == ERR_OK)
		;
}

static void
http(struct netconn *c)
{
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
}

static const struct service {
	u16_t port;
	void (*work)(struct netconn *);
} services[] = {{7, echo}, {9, drop}, {19, chargen}, {80, http}};

struct client {
	struct netconn *c;
	const struct service *s;
};

static void
serve(void *arg)
{
	struct client *one = arg;

	one->s->work(one->c);
	netconn_close(one->c);
	netconn_delete(one->c);
	free(one);
}

static void
listen_on(void *arg)
{
	struct netconn *l = netconn_new(NETCONN_TCP), *c;
	const struct service *s = arg;
	struct client *one;

	netconn_bind(l, IP_ADDR_ANY, s->port);
	netconn_listen(l);
	printf("ready %u\n", s->port);
	fflush(stdout);
	while (netconn_accept(l, &c) == ERR_OK) {
		one = malloc(sizeof(*one));
		*one = (struct client){c, s};
		sys_thread_new("serve", serve, one, 0, 0);
	}
}

static void
start(void *arg)
{
	static struct netif nif;
	ip4_addr_t addr, mask, gw;
	size_t i;

	IP4_ADDR(&addr, 10, 1, 0, 2);
	IP4_ADDR(&mask, 255, 255, 255, 0);
	IP4_ADDR(&gw, 10, 1, 0, 1);
	netif_add(&nif, &addr, &mask, &gw, NULL, tapif_init, tcpip_input);
	netif_set_default(&nif);
	netif_set_up(&nif);
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		sys_thread_new("listen", listen_on, (void *)&services[i], 0, 0);
}

/* ---- the client ---- */

struct order {
	ip_addr_t addr;
	u16_t port;
	char file[100]; /* "": the answer is dropped */
};

static void
keep(struct netconn *c, const char *name)
{
	FILE *f = fopen(name, "w");
	struct netbuf *buf;
	void *p;
	u16_t n;

	while (f != NULL && netconn_recv(c, &buf) == ERR_OK) {
		do {
			netbuf_data(buf, &p, &n);
			fwrite(p, 1, n, f);
		} while (netbuf_next(buf) >= 0);
		netbuf_delete(buf);
	}
	if (f != NULL)
		fclose(f);
}

static void
fetch(void *arg)
{
	static const char request[] = "GET / HTTP/1.0\r\n\r\n";
	struct netconn *c = netconn_new(NETCONN_TCP);
	struct order *o = arg;

	if (netconn_connect(c, &o->addr, o->port) == ERR_OK &&
	    netconn_write(c, request, sizeof(request) - 1, NETCONN_COPY) ==
		ERR_OK)
		o->file[0] != '\0' ? keep(c, o->file) : drop(c);
	netconn_close(c);
	netconn_delete(c);
	if (o->file[0] != '\0')
		printf("got %s\n", o->file);
	fflush(stdout);
	free(o);
}

int
main(void)
{
	size_t i;
	char text[64], line[200];
	unsigned port;
	struct order *o;

	for (i = 0; i < sizeof(answer); i++)
		answer[i] = (char)(33 + i % 89);
	tcpip_init(start, NULL);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		o = calloc(1, sizeof(*o));
		if (sscanf(line, "%63s %u %99s", text, &port, o->file) < 2 ||
		    !ipaddr_aton(text, &o->addr)) {
			free(o);
			continue;
		}
		o->port = (u16_t)port;
		if (o->file[0] != '\0')
			fetch(o);
		else
			sys_thread_new("fetch", fetch, o, 0, 0);
	}
	for (;;)
		pause();
}
