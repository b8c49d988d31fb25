# tcphantom: programs to bin/, everything else that is made to build/.
#
#	make		build			make demo	see it work
#	make check	build and test		make asan	test under sanitizers
#	make lint	style and static checks	make fuzz	a minute for each parser
#	make soak	simulate for ever	make mutations	do the tests find faults?
#	make explore	every schedule of small conversations, SECONDS=60
#	make prove	readers and writers of headers, exhaustively
#	make interop	with the kernel, lwIP, an older commit
#	make bench	beside the kernel	make install	PREFIX, DESTDIR
#	make coverage	which lines the tests reach
#	make pictures	those in the texts, from a run of the demo
#	make html	pages, lessons, films as static files, in build/html
#	make posix	without Linux		make uninstall
#	make dist	the source, packed	make deb	a Debian package
#	make posix	without Linux		make analyze	static analysers
#	make valgrind	the engine's tests	make check-all	all of these
#	make check-plain	the tests once more, without super-frames
#	make check-musl	with musl	make check-32	for 32-bit x86
#	make check-endian	for s390x and arm64, by qemu
#	make check-vms	with virtual machines, by qemu

VERSION = 0.1
PREFIX = /usr/local
DESTDIR =
BINDIR = $(PREFIX)/bin
# all of them: a lab and a capture file need no root
SBINDIR = $(BINDIR)
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/tcphantom
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
UNITDIR = $(PREFIX)/lib/systemd/system
LIBDIR = $(PREFIX)/lib
INCDIR = $(PREFIX)/include/tcphantom

CC = cc
CFLAGS = -O2 -g
CPPFLAGS =
LDFLAGS =
WARN = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wvla -Wformat=2 \
	-Wno-unused-parameter
# libc's checks of lengths: 3, or 2 where compiler and libc know no more
FORTIFY := $(if $(shell echo '\#include <stdio.h>' | $(CC) -O2 -Werror -E \
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 - 2>/dev/null),3,2)
HARD = -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=$(FORTIFY)
HARDLD = -pie -Wl,-z,relro,-z,now
# headers are named by their folder below common/; a program's own, by the
# place below its folder
ALLCPP = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Icommon -I. $(CPPFLAGS)
program = $(word 2,$(subst /, ,$1))
own = $(if $(filter cmd/%,$1),-Icmd/$(call program,$1))

# every CPU, unless -j says how many; a short line a file, V=1 for all
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS))$(findstring j,$(firstword -$(MAKEFLAGS))),0)
MAKEFLAGS += -j$(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
endif
MAKEFLAGS += --no-print-directory
ifeq ($(V),1)
Q =
else
Q = @
ifeq ($(findstring s,$(firstword -$(MAKEFLAGS))),)
short = @printf '  %-4s %s\n' $1 $2
endif
endif

OBJCOPY = objcopy

B = build
BIN = bin
PROVE = prove

PROGS = $(notdir $(wildcard cmd/*))
obj = $(patsubst %.c,$B/%.o,$(wildcard $1))
# the engine, a library; and all other layers below the programs
TCP = $(call obj,common/tcp/*.c common/tcp/*/*.c)
COMMON = $(filter-out $(TCP),$(call obj,common/*/*.c))
LIBS = $B/libtcp.a $B/libcommon.a
# what a program is made of; without its main(), for the tests of its parts
objects = $(call obj,cmd/$1/*.c cmd/$1/*/*.c)
parts = $(filter-out $B/cmd/$1/$1.o,$(call objects,$1))
UNIT = $(patsubst tests/unit/%.c,$B/tests/unit/%,\
	$(wildcard tests/unit/*/*_test.c))

all: $(PROGS:%=$(BIN)/%)

define prog
$(BIN)/$1: $(call objects,$1) $(LIBS)
	@mkdir -p $$(@D)
	$$(call short,LD,$$@)
	$$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $$@ $$^
endef
# one that is a script: cmd/NAME/NAME.sh
define script
$(BIN)/$1: cmd/$1/$1.sh examples/forbidden.sh Makefile
	@mkdir -p $$(@D)
	$$(call short,SH,$$@)
	$$Qsed -e 's/@VERSION@/$(VERSION)/' -e '/^# @FORBIDDEN@/{' \
		-e 'r examples/forbidden.sh' -e 'd' -e '}' cmd/$1/$1.sh > $$@
	$$Qchmod 755 $$@
endef
$(foreach p,$(PROGS),$(eval $(call \
	$(if $(wildcard cmd/$p/$p.sh),script,prog),$p)))

# the page of tcp-film, from its parts as people write them
FILM = $(addprefix cmd/tcp-film/,film.html film.css live.js model.js why.js draw.js \
	ladder.js graph.js panel.js play.js)
$B/cmd/tcp-film/pages.c: cmd/tcp-film/embed $(FILM)
	@mkdir -p $(@D)
	$(call short,SH,$@)
	$Qcmd/tcp-film/embed $(FILM) >$@.new && mv $@.new $@

$B/cmd/tcp-film/pages.o: $B/cmd/tcp-film/pages.c cmd/tcp-film/film.h
	$(call short,CC,$<)
	$Q$(CC) $(WARN) $(HARD) $(ALLCPP) -Icmd/tcp-film $(CFLAGS) -c -o $@ $<

$(BIN)/tcp-film: $B/cmd/tcp-film/pages.o

# the scripts of tcp-drill, as a part of it
DRILLS = $(wildcard cmd/tcp-drill/catalogue/*)
$B/cmd/tcp-drill/catalogue.c: $(DRILLS) cmd/tcp-drill/catalogue.sh
	@mkdir -p $(@D)
	$(call short,GEN,$@)
	$Qcmd/tcp-drill/catalogue.sh $(sort $(DRILLS)) >$@.new && mv $@.new $@
$B/cmd/tcp-drill/catalogue.o: $B/cmd/tcp-drill/catalogue.c
	$Q$(CC) $(WARN) $(HARD) $(ALLCPP) $(CFLAGS) -c -o $@ $<
$(BIN)/tcp-drill: $B/cmd/tcp-drill/catalogue.o

$B/libcommon.a: $(COMMON)
	@rm -f $@
	$(call short,AR,$@)
	$Qar qcs $@ $(COMMON)

# the engine for other programs: position-independent, one object that has all
# it needs of base and wire, and no names but those of its headers
HEADERS = common/base/allocator.h common/tcp/fsm.h common/tcp/tcp.h \
	common/wire/addr.h
LIB = $B/lib/libtcphantom.a
pic = $(patsubst $B/%.o,$B/lib/%.o,$1)
$B/lib/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(filter-out -fPIE,$(HARD)) -fPIC $(ALLCPP) $(CFLAGS) \
		-MMD -MP -c -o $@ $<

$B/lib/rest.a: $(call pic,$(call obj,common/base/*.c common/wire/*.c))
	@rm -f $@
	ar qcs $@ $^

$(LIB): $(call pic,$(TCP)) $B/lib/rest.a $(HEADERS)
	$(LD) -r -o $B/lib/tcphantom.o $(call pic,$(TCP)) $B/lib/rest.a
	cat $(HEADERS) | grep -oE 'tcp_(cubic|reno|bbr|[a-z_0-9]+\()' | \
		tr -d '(' | sort -u >$B/lib/names
	$(OBJCOPY) --keep-global-symbols=$B/lib/names $B/lib/tcphantom.o
	@rm -f $@
	ar qcs $@ $B/lib/tcphantom.o

$B/libtcp.a: $(TCP)
	@rm -f $@
	$(call short,AR,$@)
	$Qar qcs $@ $(TCP)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(call short,CC,$<)
	$Q$(CC) $(WARN) $(HARD) $(ALLCPP) $(call own,$<) $(CFLAGS) -MMD -MP -c \
		-o $@ $<

# tests/unit/X tests the layer common/X, or the parts of the program X
$B/parts/%.a:
	@mkdir -p $(@D); rm -f $@
	$Qar qcs $@ $^
define unit
$(if $(call parts,$1),$B/parts/$1.a: $(call parts,$1))
$B/tests/unit/$1/%_test: $B/tests/unit/$1/%_test.o \
		$(if $(call parts,$1),$B/parts/$1.a) $(LIBS)
	$$(call short,LD,$$@)
	$$Q$$(CC) $$(HARDLD) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^
$B/tests/unit/$1/%.o: private ALLCPP += -Itests/unit $(if $(call parts,$1),-Icmd/$1)
endef
$(foreach d,$(notdir $(patsubst %/,%,$(wildcard tests/unit/*/))),\
	$(eval $(call unit,$d)))

$B/tests/pkt/pkt: $(call obj,tests/pkt/*.c) $(LIBS)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^

# its memory is counted, and refused
WRAP = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
	-Wl,--wrap=aligned_alloc -Wl,--wrap=free
$B/tests/sim/sim: $(call obj,tests/sim/*.c) $(LIBS)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $^

# every schedule of small conversations, on the simulation's world
WORLD = way app wire step verdict look draw middle forge log invariant facts truth alloc
$B/tests/sim/explore/explore: $(call obj,tests/sim/explore/*.c) \
		$(WORLD:%=$B/tests/sim/%.o) $(LIBS)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $^

# two stages in every order, on a kernel that is none
FAKED = read write poll ppoll fcntl fstat lseek ftruncate sigprocmask sigaction \
	clock_now malloc calloc aligned_alloc free
$B/tests/pipe/model/model: $(call obj,tests/pipe/model/*.c) $(LIBS)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(FAKED:%=-Wl,--wrap=%)

# readers and writers of headers, over all that they can be given
$B/tests/prove/prove: $(call obj,tests/prove/*.c) $(LIBS)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^

# for LD_PRELOAD: a parser that has been taken over
$B/tests/net/%.so: tests/net/%.c
	@mkdir -p $(@D)
	$(call short,CC,$<)
	$Q$(CC) $(WARN) -D_GNU_SOURCE -O2 -fPIC -shared -o $@ $<

TESTPROGS = $(UNIT) $(if $(wildcard tests/pkt/*.c),$B/tests/pkt/pkt) \
	$(if $(wildcard tests/sim/*.c),$B/tests/sim/sim \
	$B/tests/sim/explore/explore) $B/tests/pipe/model/model \
	$B/tests/prove/prove \
	$(patsubst %.c,$B/%.so,$(filter-out tests/net/lwip% tests/net/sack%,$(wildcard tests/net/*.c)))
TESTS = $(UNIT) $(wildcard tests/*.t tests/pkt/*.t tests/sim/*.t tests/pipe/*.t tests/net/*.t)

-include $(wildcard $B/*/*.d $B/*/*/*.d $B/*/*/*/*.d $B/lib/*/*/*/*.d)

# no more than it runs, so that it begins soon
demo: $(addprefix $(BIN)/,rawcap tcpfsm rawinject arp-phantom ladder tcp-film)
	@tests/needs demo
	@PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo

# BIN and BUILD tell the tests what to test
# these wait more than they work: three at a time, then the others one by one
WAITING = $(wildcard $(patsubst %,tests/%.t,net/arp net/check-device \
	net/client net/command net/dhcp net/dhcp_bad net/dns net/drill-bad \
	net/drill-quirks net/exchange net/far net/faults net/film net/habits \
	net/home net/hosts net/icmp net/impair net/internetwork net/leased \
	net/lessons net/links net/linux net/loss net/net-example net/nets \
	net/os net/owners net/p0f net/phantom net/phantom-lab net/pmtu \
	net/probe net/quirk net/reload net/replay net/turns net/udp-command \
	net/updown net/watch pipe/craft pipe/full pipe/grade pipe/plug \
	pipe/relay pipe/swap pipe/switch))
IN_TURN = -j 3 $(WAITING:%=--rules 'par=%') --rules 'seq=**'

check: all $(TESTPROGS)
	@tests/needs
	@BIN=$(abspath $(BIN)) BUILD=$(abspath $B) $(PROVE) --timer $(IN_TURN) \
		-e '' $(TESTS)

# the tests that have a rawinject, with one that makes no super-frames: no
# behaviour changes by speed. PLAIN tells it to those that look (tests/tap.sh)
PLAIN = $B/plain
PLAIN_TESTS = $(wildcard tests/pipe/*.t tests/net/*.t)
check-plain: all $(TESTPROGS) $(PROGS:%=$(PLAIN)/%)
	@tests/needs
	@PLAIN=yes BIN=$(abspath $(PLAIN)) BUILD=$(abspath $B) \
		$(PROVE) --timer -e '' $(PLAIN_TESTS)

$(PLAIN)/rawinject: $B/tests/plain.o $(call obj,cmd/rawinject/*.c) \
		$B/libcommon.a
	@mkdir -p $(@D)
	$(call short,LD,$@)
	$Q$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=main -o $@ $^

# copies, as a program finds the others beside itself
$(PLAIN)/%: $(BIN)/%
	@mkdir -p $(@D)
	$Qcp -p $< $@

# the same tests against programs that notice every misstep
ASAN = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
asan:
	$(MAKE) check B=build/asan BIN=build/asan/bin CFLAGS='$(ASAN)' HARD= \
		HARDLD= CPPFLAGS='$(CPPFLAGS) -DNO_SECCOMP'

# which lines of the programs the tests reach. The counters are in files that a
# program maps as it starts, so that one that becomes nobody, locks itself in or
# is ended by a signal counts as well, and with the locks of all others. Those
# files are everybody's: a program that a test starts as another user opens them.
# -O1: counters do not depend on it, and the simulation takes half of the time.
COV = build/cov
COUNT = -fprofile-instr-generate=$(abspath $(COV))/prof/%m%c.profraw \
	-fcoverage-mapping -mllvm -runtime-counter-relocation \
	-Wno-unused-command-line-argument
counted = COUNTED=yes $(MAKE) $1 B=$(COV) BIN=$(COV)/bin CC=clang HARD= \
	HARDLD= CFLAGS='-O1 -g $(COUNT)'
coverage:
	@tests/needs coverage
	@rm -rf $(COV)/prof $(COV)/state && mkdir -p $(COV)/prof && chmod 1777 $(COV)/prof
	+$(call counted,all)
	@for p in $(COV)/bin/*; do $$p --version >/dev/null 2>&1 </dev/null; \
	    done; chmod 666 $(COV)/prof/*
	-+@$(call counted,check) PROVE='$(PROVE) --statefile=$(COV)/state --state=save'
	tests/coverage $(COV)

# what needs no Linux header, as plain POSIX.1-2008: all but the capture
# socket, the sandbox, this host's addresses, rawinject, rst-guard, pipe-plug,
# tcp-relay; of what comes out, with tests/posix.c in the place of Linux, a ring
# and an internetwork
INTERNET = pipe-switch pipe-router phantom tcpfsm icmp-ping icmp-phantom \
	arp-phantom impair
LINUX = $(filter-out common/linux/bpfcode.c,$(wildcard common/linux/*.c \
	cmd/rawinject/*.c cmd/rst-guard/*.c cmd/pipe-plug/*.c \
	cmd/tcp-relay/*.c cmd/rawcap/live.c cmd/phantom/link.c))
POSIX = -std=c11 -D_POSIX_C_SOURCE=200809L -pedantic -Wall -Wextra -Werror \
	-Wno-unused-parameter
PX = build/posix
posix: all
	@rm -rf $(PX)
	@mkdir -p $(PX)/bin
	set -e; for f in $(filter-out $(LINUX),$(wildcard common/*/*.c \
		common/tcp/*/*.c cmd/*/*.c cmd/*/*/*.c)); do \
		mkdir -p $(PX)/$${f%/*}; p=$${f#cmd/}; \
		$(CC) $(POSIX) -O2 -DVERSION='"$(VERSION)"' -Icommon \
			-Icmd/$${p%%/*} -c -o $(PX)/$${f%.c}.o $$f; \
	done
	ar qcs $(PX)/common.a `find $(PX)/common -name '*.o'`
	$(CC) $(POSIX) -Icommon -Icmd/phantom -c -o $(PX)/posix.o tests/posix.c
	for p in $(INTERNET); do \
		$(CC) -o $(PX)/bin/$$p `find $(PX)/cmd/$$p -name '*.o'` \
			$(PX)/common.a $(PX)/posix.o $(PX)/common.a || exit 1; \
	done
	BIN=$(abspath $(PX)/bin) $(PROVE) tests/pipe/ring.t \
		tests/pipe/internetwork.t tests/pipe/lockstep.t

lint: all
	@tests/lint

# seeds that nobody has tried, until stopped; FIRST= begins where told
soak: $B/tests/sim/sim
	@$B/tests/sim/sim -f $(if $(FIRST),-s $(FIRST))

# every schedule of small conversations, for so long
explore: $B/tests/sim/explore/explore
	@$B/tests/sim/explore/explore -d 3 -t $(or $(SECONDS),60) \
		-j `getconf _NPROCESSORS_ONLN`

# every header's reader and writer, over all within the bounds it names
prove: $B/tests/prove/prove
	@$B/tests/prove/prove -a

# who talks with whom: kernel, lwIP, these programs, those of an older commit
interop: all
	@tests/needs
	@BIN=$(abspath $(BIN)) tests/interop

# is every fault that is put into the engine found?
mutations: $B/tests/sim/sim $(BIN)/tcp-drill
	@tests/sim/mutate
	@BY=drill tests/sim/mutate
	@BY=pipe tests/sim/mutate
	@BY=prove tests/sim/mutate

fuzz:
	@tests/needs fuzz
	@tests/fuzz/run $(SECONDS_EACH)

# the same harnesses by AFL++
afl:
	@tests/needs afl
	@FUZZER=afl tests/fuzz/run $(SECONDS_EACH)

bench: all
	@BIN=$(abspath $(BIN)) tests/bench/run $(if $(UNPINNED),-u) $(ROWS)

# what the compiler's and other analysers find, with .clang-tidy
analyze:
	@tests/analyze

# the engine's tests where every access to memory is looked at; without the
# filter of system calls, as valgrind has others
VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full \
	--errors-for-leak-kinds=definite
valgrind:
	$(MAKE) valgrind-tests B=build/valgrind BIN=build/valgrind/bin \
		CPPFLAGS='$(CPPFLAGS) -DNO_SECCOMP'

valgrind-tests: $(TESTPROGS)
	$(PROVE) -e '$(VALGRIND)' $(UNIT)
	$(VALGRIND) $B/tests/pkt/pkt tests/pkt/*/*.pkt >$B/valgrind.log || \
		{ grep -v '^ok' $B/valgrind.log; exit 1; }
	$(VALGRIND) $B/tests/sim/sim -j 1 -n 200 >$B/valgrind.log || \
		{ grep -v '^ok' $B/valgrind.log; exit 1; }

# another C library, 32 bits, other machines
check-musl:
	@tests/needs musl
	@MAKE="$(MAKE)" tests/machine musl

check-32:
	@tests/needs 32
	@MAKE="$(MAKE)" tests/machine 32

check-endian:
	@tests/needs endian
	@MAKE="$(MAKE)" tests/machine s390x arm64

# machines under QEMU; a kernel for them is unpacked into build/vm
check-vms: all
	@tests/needs vms
	@tests/unpack-kernel $B/vm
	@BIN=$(abspath $(BIN)) $(PROVE) -v tests/pipe/vms.t

# what takes too long for every commit
# one after the other: they use all CPUs
check-all:
	for t in check-vms check check-plain check-musl check-32 check-endian asan analyze valgrind mutations prove fuzz posix; \
	do $(MAKE) $$t || exit 1; done
	$B/tests/sim/explore/explore -n 10000000
	$B/tests/pipe/model/model -l -n 3000000
	$(MAKE) interop
	LONG=yes BIN=$(abspath $(BIN)) $(PROVE) tests/net/scan.t
	RING_BYTES=1000000000 BIN=$(abspath $(BIN)) $(PROVE) tests/pipe/ring.t
	$B/tests/sim/sim -a -n 10000

install: all $(LIB)
	mkdir -p $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR)
	for p in $(PROGS); do \
		if [ -f man/$$p.8 ]; then d=$(SBINDIR); s=8; \
		else d=$(BINDIR); s=1; fi; \
		install -m 755 $(BIN)/$$p $(DESTDIR)$$d/$$p && \
		install -D -m 644 man/$$p.$$s \
			$(DESTDIR)$(MANDIR)/man$$s/$$p.$$s || exit 1; \
	done
	for m in man/*.3 man/*.5 man/*.7; do \
		s=$${m##*.}; \
		install -D -m 644 $$m $(DESTDIR)$(MANDIR)/man$$s/$${m#man/} || \
			exit 1; \
	done
	for f in README.md examples/* examples/lessons/* examples/net/*; do \
		[ -f $$f ] || continue; \
		m=644; [ ! -x $$f ] || m=755; \
		install -D -m $$m $$f $(DESTDIR)$(DOCDIR)/$$f || exit 1; \
	done
	mkdir -p $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCDIR)
	install -m 644 $(LIB) $(DESTDIR)$(LIBDIR)
	for h in $(HEADERS); do \
		sed -e 's,^#include "[a-z]*/\(.*\)",#include <tcphantom/\1>,' \
		    -e 's,^\(#ifndef\|#define\) \([A-Z_]*_H\)$$,\1 TCPHANTOM_\2,' \
			$$h >$(DESTDIR)$(INCDIR)/$${h##*/} || exit 1; \
	done
	sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@LIBDIR@,$(LIBDIR),' \
		-e 's,@VERSION@,$(VERSION),' \
		.package/tcphantom.pc \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/tcphantom.pc
	mkdir -p $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(UNITDIR)
	.package/completion bash $(BIN) >$(DESTDIR)$(BASHDIR)/tcphantom
	for p in $(PROGS); do \
		ln -sf tcphantom $(DESTDIR)$(BASHDIR)/$$p || exit 1; \
	done
	.package/completion zsh $(BIN) >$(DESTDIR)$(ZSHDIR)/_tcphantom
	for u in phantom@.service phantom-hosts@.service; do \
		sed 's,@SBINDIR@,$(SBINDIR),' .package/$$u \
			>$(DESTDIR)$(UNITDIR)/$$u || exit 1; \
	done
	@echo 'examples, lessons and resp.txt are in $(DOCDIR)/examples'
	@echo 'to run without root: setcap cap_net_raw+ep on rawcap,' \
		'rawinject, arp-phantom, arp-query, icmp-ping, dhcp-lease' \
		'and dns-query in $(SBINDIR), tcp-drill in $(BINDIR)'

uninstall:
	for p in $(PROGS); do \
		rm -f $(DESTDIR)$(BINDIR)/$$p $(DESTDIR)$(SBINDIR)/$$p \
			$(DESTDIR)$(BASHDIR)/$$p; \
	done
	rm -f $(DESTDIR)$(BASHDIR)/tcphantom $(DESTDIR)$(ZSHDIR)/_tcphantom \
		$(DESTDIR)$(UNITDIR)/phantom@.service \
		$(DESTDIR)$(UNITDIR)/phantom-hosts@.service
	rm -f $(DESTDIR)$(LIBDIR)/libtcphantom.a \
		$(DESTDIR)$(LIBDIR)/pkgconfig/tcphantom.pc
	rm -rf $(DESTDIR)$(INCDIR) $(DESTDIR)$(DOCDIR)
	cd man && for m in *.[13578]; do \
		rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$$m; \
	done

pictures: $(addprefix $(BIN)/,rawcap tcpfsm rawinject arp-phantom ladder tcp-film)
	@.package/pictures

# to be put anywhere: only relative links
html: all
	@tests/needs html
	@.package/html $(BIN) $B/html

dist:
	@.package/dist $(VERSION) $B

deb: all
	@.package/deb $(VERSION) $B/deb

clean:
	rm -rf build bin

.PHONY: all demo check check-plain check-musl check-32 check-endian check-vms asan analyze valgrind valgrind-tests coverage posix lint soak explore mutations \
	fuzz afl bench check-all install uninstall html pictures dist deb clean
