/*
 * own.c - the names of systems that need no database, see face.c: made from the
 * systems' documentation and public packet captures.
 */
#include <string.h>

#include "hosts/hosts_var.h"

static const struct hosts_print own[] = {
    {"linux",
	"SEQ(TI=Z%CI=Z%II=I%TS=A)\n"
	"OPS(O1=M5B4ST11NW7%O2=M5B4ST11NW7%O3=M5B4NNT11NW7%O6=M5B4ST11)\n"
	"WIN(W1=FE88%W3=FE88%W6=FE88)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FAF0%O=M5B4NNSNW7%CC=Y)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=40%IPL=164%UN=0)\nIE(DFI=N%TG=40%CD=S)\n",
	1000, 60000, true, 0},
    {"windows-10",
	"SEQ(TI=I%CI=I%II=I%TS=A)\n"
	"OPS(O1=M5B4NW8ST11%O2=M5B4NW8ST11%O3=M5B4NW8NNT11%O6=M5B4ST11)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FFDC)\n"
	"ECN(R=Y%DF=Y%TG=80%W=FFFF%O=M5B4NW8NNS%CC=N)\n"
	"T1(R=Y%DF=Y%TG=80)\n"
	"T2(R=Y%DF=Y%TG=80%W=0%S=Z%A=S%F=AR)\n"
	"T3(R=Y%DF=Y%TG=80%W=0%S=Z%A=O%F=AR)\n"
	"T4(R=Y%DF=Y%TG=80%W=0%S=A%A=O%F=R)\n"
	"T5(R=Y%DF=Y%TG=80%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=80%W=0%S=A%A=O%F=R)\n"
	"T7(R=Y%DF=Y%TG=80%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=80%IPL=164%UN=0)\nIE(DFI=N%TG=80%CD=Z)\n",
	1000, 5000, false, 0},
    {"freebsd",
	"SEQ(TI=Z%CI=Z%II=RI%TS=20)\n"
	"OPS(O1=M5B4NW6ST11%O2=M5B4NW6ST11%O3=M5B4NW6NNT11%O6=M5B4ST11)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FFFF)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FFFF%O=M5B4NW6SLL%CC=Y)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\n"
	"T3(R=Y%DF=Y%TG=40%W=FFFF%S=O%A=S+%F=AS)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=Y%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=40%IPL=164%UN=0)\nIE(DFI=S%TG=40%CD=S)\n",
	1000, 10000, true, 0},
    {"macos",
	"SEQ(TI=Z%CI=RD%II=RI%TS=A)\n"
	"OPS(O1=M5B4NW6NNT11SLL%O2=M5B4NW6NNT11SLL%O3=M5B4NW6NNT11%"
	"O6=M5B4NNT11SLL)\n"
	"WIN(W1=FFFF%W3=FFFF%W6=FFFF)\n"
	"ECN(R=Y%DF=Y%TG=40%W=FFFF%O=M5B4NW6SLL%CC=N)\n"
	"T1(R=Y%DF=Y%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=Y%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=40%W=0%S=Z%A=S%F=AR)\n"
	"U1(DF=N%TG=40%IPL=38%UN=0%RUCK=0)\nIE(DFI=S%TG=40%CD=S)\n",
	1000, 75000, true, 0},
    /* the stack of VxWorks, as many printers have it */
    {"printer",
	"SEQ(TI=I%CI=I%II=RI%TS=A)\n"
	"OPS(O1=M5B4NW0NNSNNT11%O2=M578NW0NNSNNT11%O3=M280NW0NNT11%"
	"O4=M5B4NW0NNSNNT11%O5=M218NW0NNSNNT11%O6=M109NNSNNT11)\n"
	"WIN(W1=43E0%W2=4110%W3=423C%W4=43E0%W5=4180%W6=403D)\n"
	"ECN(R=Y%DF=N%TG=40%W=4470%O=M5B4NW0NNS%CC=N)\n"
	"T1(R=Y%DF=N%TG=40)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=N%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"T6(R=Y%DF=N%TG=40%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=40%W=0%S=Z%A=S+%F=AR)\n"
	"U1(DF=N%TG=FF%IPL=38%UN=0)\nIE(DFI=N%TG=FF%CD=S)\n",
	3000, 75000, false, 8688},
    {"cisco-ios",
	"SEQ(TI=RD%CI=RD%II=RI%TS=U)\n"
	"OPS(O1=M5B4%O2=M578%O3=M280%O4=M218%O5=M218%O6=M109)\n"
	"WIN(W1=1020%W3=1020%W6=1020)\n"
	"ECN(R=Y%DF=N%TG=FF%W=1020%O=M5B4%CC=N)\n"
	"T1(R=Y%DF=N%TG=FF)\nT2(R=N)\nT3(R=N)\n"
	"T4(R=Y%DF=N%TG=FF%W=0%S=A%A=Z%F=R)\n"
	"T5(R=Y%DF=N%TG=FF%W=0%S=A%A=S+%F=AR)\n"
	"T6(R=Y%DF=N%TG=FF%W=0%S=A%A=Z%F=R)\n"
	"T7(R=Y%DF=N%TG=FF%W=0%S=A%A=S%F=AR)\n"
	"U1(DF=N%TG=FF%IPL=38%UN=0)\nIE(DFI=S%TG=FF%CD=S)\n",
	2000, 30000, false, 0},
};

const struct hosts_print *
hosts_print(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(own[i].name, name) == 0)
			return &own[i];
	return NULL;
}

uint32_t
hosts_isn_tick(const char *name)
{
	enum { LINUX = HOSTS_LINUX_TICK, FREEBSD = 954 };
	static const struct {
		const char *begins;
		uint32_t tick;
	} known[] = {{"linux", LINUX}, {"Linux 3", LINUX}, {"Linux 4", LINUX},
	    {"Linux 5", LINUX}, {"Linux 6", LINUX}, {"Android", LINUX},
	    {"freebsd", FREEBSD}, {"FreeBSD 12", FREEBSD},
	    {"FreeBSD 13", FREEBSD}, {"FreeBSD 14", FREEBSD},
	    {"macos", FACE_ISN_RANDOM}, {"macOS", FACE_ISN_RANDOM},
	    {"Apple", FACE_ISN_RANDOM}};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(name, known[i].begins, strlen(known[i].begins)) ==
		    0)
			return known[i].tick;
	return 0;
}
