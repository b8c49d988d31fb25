# tcphantom: programs to bin/, everything else that is made to build/.
#
#	make		build			make demo	see it work
#	make check	build and test		make asan	test under sanitizers
#	make lint	style and static checks	make fuzz	a minute for each parser
#	make bench	beside the kernel	make install	PREFIX, DESTDIR

VERSION = 0.1
PREFIX = /usr/local
DESTDIR =
BINDIR = $(PREFIX)/bin
SBINDIR = $(PREFIX)/sbin
MANDIR = $(PREFIX)/share/man

CC = cc
CFLAGS = -O2 -g
CPPFLAGS =
LDFLAGS =
WARN = -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wvla -Wformat=2 \
	-Wno-unused-parameter
HARD = -fstack-protector-strong -fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
HARDLD = -pie -Wl,-z,relro,-z,now
INC = -Icommon -Icmd/tcpfsm -Icmd/arp-phantom -Icmd/impair -Itests/unit
ALLCPP = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(INC) $(CPPFLAGS)

B = build
BIN = bin
PROVE = prove

PROGS = $(notdir $(wildcard cmd/*))
obj = $(patsubst %.c,$B/%.o,$(wildcard $1))
COMMON = $(call obj,common/*.c)
# the pure parts, which tests link: the engine, what answers ARP and ND, and
# what impairs
ENGINE = $(call obj,cmd/tcpfsm/tcp_*.c cmd/tcpfsm/wheel.c)
CLAIM = $(filter-out $B/cmd/arp-phantom/arp-phantom.o,\
	$(call obj,cmd/arp-phantom/*.c))
IMPAIR = $(filter-out $B/cmd/impair/impair.o $B/cmd/impair/run.o,\
	$(call obj,cmd/impair/*.c))
UNIT = $(patsubst tests/unit/%.c,$B/tests/unit/%,$(wildcard tests/unit/*_test.c))

all: $(PROGS:%=$(BIN)/%)

define prog
$(BIN)/$1: $(call obj,cmd/$1/*.c) $B/libcommon.a
	@mkdir -p $$(@D)
	$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $$@ $$^
endef
$(foreach p,$(PROGS),$(eval $(call prog,$p)))

$B/libcommon.a: $(COMMON)
	@rm -f $@
	ar rcs $@ $(COMMON)

$B/libengine.a: $(ENGINE)
	@rm -f $@
	ar rcs $@ $(ENGINE)

$B/libclaim.a: $(CLAIM)
	@rm -f $@
	ar rcs $@ $(CLAIM)

$B/libimpair.a: $(IMPAIR)
	@rm -f $@
	ar rcs $@ $(IMPAIR)

$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(HARD) $(ALLCPP) $(CFLAGS) -MMD -MP -c -o $@ $<

LIBS = $B/libengine.a $B/libclaim.a $B/libimpair.a $B/libcommon.a

$B/tests/unit/%: $B/tests/unit/%.o $(LIBS)
	$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^

$B/tests/pkt/pkt: $(call obj,tests/pkt/*.c) $(LIBS)
	$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^

$B/tests/sim/sim: $(call obj,tests/sim/*.c) $(LIBS)
	$(CC) $(HARDLD) $(CFLAGS) $(LDFLAGS) -o $@ $^

TESTPROGS = $(UNIT) $(if $(wildcard tests/pkt/*.c),$B/tests/pkt/pkt) \
	$(if $(wildcard tests/sim/*.c),$B/tests/sim/sim)
TESTS = $(UNIT) $(wildcard tests/*.t tests/pkt/*.t tests/sim/*.t tests/pipe/*.t tests/net/*.t)

-include $(wildcard $B/*/*.d $B/*/*/*.d)

demo: all
	@tests/needs demo
	@PATH="$(CURDIR)/$(BIN):$$PATH" examples/demo

# BIN and BUILD tell the tests what to test
check: all $(TESTPROGS)
	@tests/needs
	@BIN=$(abspath $(BIN)) BUILD=$(abspath $B) $(PROVE) --timer -e '' $(TESTS)

# the same tests against programs that notice every misstep
ASAN = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all
asan:
	$(MAKE) check B=build/asan BIN=build/asan/bin CFLAGS='$(ASAN)' HARD= \
		HARDLD= CPPFLAGS='$(CPPFLAGS) -DNO_SECCOMP'

lint: all
	@tests/lint

fuzz:
	@tests/fuzz/run $(SECONDS_EACH)

bench: all
	@BIN=$(abspath $(BIN)) tests/bench/run

# what takes too long for every commit
check-all: check asan fuzz

install: all
	mkdir -p $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR)
	for p in $(PROGS); do \
		if [ -f man/$$p.8 ]; then d=$(SBINDIR); s=8; \
		else d=$(BINDIR); s=1; fi; \
		install -m 755 $(BIN)/$$p $(DESTDIR)$$d/$$p && \
		install -D -m 644 man/$$p.$$s \
			$(DESTDIR)$(MANDIR)/man$$s/$$p.$$s || exit 1; \
	done
	for m in man/*.5 man/*.7; do \
		s=$${m##*.}; \
		install -D -m 644 $$m $(DESTDIR)$(MANDIR)/man$$s/$${m#man/} || \
			exit 1; \
	done
	@echo 'to run without root: setcap cap_net_raw+ep on rawcap,' \
		'rawinject and arp-phantom in $(SBINDIR)'

uninstall:
	for p in $(PROGS); do \
		rm -f $(DESTDIR)$(BINDIR)/$$p $(DESTDIR)$(SBINDIR)/$$p; \
	done
	cd man && for m in *.[1578]; do \
		rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$$m; \
	done

clean:
	rm -rf build bin

.PHONY: all demo check asan lint fuzz bench check-all install uninstall clean
