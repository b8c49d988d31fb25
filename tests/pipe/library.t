#!/bin/bash
# The library as it is installed, and nothing else of the project: the example
# of tcphantom(3), taken out of the page, is built as C and as C++, and echoes
# to a client over packet streams.
. "${0%/*}/../tap.sh"
scratch
unset MAKEFLAGS MFLAGS MAKELEVEL
# by the name that the objects were made under: make knows what is stale by it
make -s -o all install BIN="$BIN" B="${BUILD#"$PWD"/}" DESTDIR="$T/i" \
    PREFIX=/usr >/dev/null 2>"$T/err" || cat "$T/err"
lib=$T/i/usr/lib/libtcphantom.a
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$T/i/usr/share/man/man3/tcphantom.3" |
    sed -e '1d;$d' -e 's/\\e/\\/g' -e 's/^\\&//' >"$T/echo.c"
cp "$T/echo.c" "$T/echo.cc"
ok "the example has $(wc -l <"$T/echo.c") lines, under 120" \
    [ "$(wc -l <"$T/echo.c")" -lt 120 ]
if have pkg-config; then
	flags=$(PKG_CONFIG_PATH=$T/i/usr/lib/pkgconfig \
	    PKG_CONFIG_SYSROOT_DIR=$T/i PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 \
	    PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 \
	    pkg-config --cflags --libs tcphantom)
else
	flags="-I$T/i/usr/include -L$T/i/usr/lib -ltcphantom"
fi
head -c 200000 /dev/urandom >"$T/request"

# echoes WHAT - a client gets back what it has said to $T/WHAT
echoes() {
	rm -f "$T/ring" "$T/response"
	mkfifo "$T/ring"
	timeout 20 "$BIN/tcpfsm" -q -c 10.0.0.5:7 -s 10.0.0.9 -H -g phantom \
	    -f "$T/request" -o "$T/response" <"$T/ring" 2>"$T/log" |
	    timeout 20 "$T/$1" >"$T/ring"
	cmp "$T/request" "$T/response" || { cat "$T/log"; return 1; }
}

# build COMPILER WHAT FILE
build() {
	# shellcheck disable=SC2086 # flags are words
	$1 -Wall -Wextra -Wno-unused-parameter -Werror -o "$T/$2" "$T/$3" \
	    $flags >"$T/err" 2>&1 || { cat "$T/err"; return 1; }
}
ok 'as C: it builds without a warning' build "${CC:-cc} -std=gnu11" c echo.c
ok 'as C: it echoes' echoes c
if have c++; then
	ok 'as C++: it builds without a warning' build c++ cc echo.cc
	ok 'as C++: it echoes' echoes cc
else
	skip 'as C++' c++
fi
ok 'position-independent: a shared object holds it' "${CC:-cc}" -shared \
    -Wl,-z,text -Wl,--whole-archive "$lib" -Wl,--no-whole-archive \
    -o "$T/all.so"
nm -g "$lib" | awk '$2 ~ /[A-Z]/ && $2 != "U" { print $3 }' |
    grep -v '^tcp_' >"$T/names"
is 'no name but those of the headers' "$(cat "$T/names")" ''
nm -g "$lib" | awk '$2 == "T" { print $3 }' | sort -u >"$T/functions"
sed -n 's/^\.F[no] \(tcp_[a-z_0-9]*\).*/\1/p' \
    "$T/i/usr/share/man/man3/tcphantom.3" | sort -u |
    diff "$T/functions" - >"$T/diff"
is 'its functions are those of the page' "$(cat "$T/diff")" ''
is 'no state of its own' "$(nm "$lib" |
    awk '$2 ~ /^[bBcC]$/ { print $3 }')" ''
for h in "$T"/i/usr/include/tcphantom/*.h; do
	for as in 'c -std=c11 -Wpedantic' 'c++ -std=c++11'; do
		# shellcheck disable=SC2086 # as is words
		echo "#include <tcphantom/${h##*/}>" | "${CC:-cc}" -x $as \
		    -I"$T/i/usr/include" -Wall -Wextra -Werror -fsyntax-only - \
		    2>&1 | head -n 3
	done
done >"$T/wrong"
is 'every header alone, as C11 and C++11' "$(cat "$T/wrong")" ''
make -s uninstall DESTDIR="$T/i" PREFIX=/usr
is 'uninstall takes it away' "$(find "$T/i" -name '*tcphantom*' \
    -path '*/include/*' -o -name 'libtcphantom*' -o -name '*.pc' -o \
    -name 'tcphantom.3')" ''
done_testing
