#!/bin/bash
# Nothing is lost in silence: whoever cannot write says which file and why, and
# exits 1; the disk that fills in mid-run leaves files with whole records.
. "${0%/*}/../tap.sh"
scratch
tcp-craft -s 10.0.0.9:1000 -c 10.0.0.5:80 flags S seq 1 data hello >"$T/syn"
tcpfsm -q -T -S 1 -f LICENSE <"$T/syn" >"$T/out" 2>"$T/log"
tcpfsm -T -S 1 -f LICENSE <"$T/syn" >"$T/out" 2>"$T/log"
printf 'host 10.0.0.5\n\ttcp 80 file %s\n' "$ROOT/LICENSE" >"$T/hosts"

# refused WHAT FILE COMMAND... - stdin is the SYN, exit 1 is wanted
refused() {
	local what=$1 file=$2 got
	shift 2
	timeout 10 "$@" 2>"$T/err" <"$T/syn" >"${out:-/dev/full}"
	got=$?
	grep -q "write $file: No space left on device" "$T/err" ||
	    got="$got, said: $(head -c 300 "$T/err")"
	is "$what: write $file" "$got" 1
}

# ---- stdout, of each program; --help and --version, too
for d in cmd/*/; do
	p=$(basename "$d")
	[ -x "$BIN/$p" ] && [ -f "$d$p.c" ] || continue
	refused "$p --help" stdout "$p" --help
	refused "$p --version" stdout "$p" --version
done
for o in --help --version; do
	phantom-lab $o >/dev/full 2>"$T/err"
	is "phantom-lab $o says why, and exits 1" \
	    "$?$(grep -ci 'error' "$T/err")" 11
done
while IFS= read -r words; do
	[ "$words" ] || continue
	# shellcheck disable=SC2086
	eval refused "'$words'" stdout $words
done <<END
rawcap -
rawcap -r $T/syn
rawinject -
arp-phantom -n - 10.0.0.5
tcpfsm -T -f LICENSE
tcpfsm -f LICENSE
tcpfsm -T -c 10.0.0.9:1 -s 10.0.0.5 -g 02:00:00:00:00:09
impair loss 0%
ladder
ptee
tcp-show
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:2 flags S
seqplot
tcp-film
pcapnote -l $T/log
phantom --print -f LICENSE eth0 10.0.0.5
arp-query -T -s 10.0.0.3 - 10.0.0.9
icmp-ping -T -c 1 -s 10.0.0.3 - 10.0.0.9
dns-query -T -s 10.0.0.3 - @10.0.0.9 x
dhcp-lease -T -
icmp-phantom
pipe-router 1=10.0.0.1/24
pipe-switch 1:- 1:impair
pipe-plug - -- tcpfsm -q -f LICENSE
pipe-plug - unix:$T/unix
net-phantom --hosts $T/hosts -- tcpfsm -q -f LICENSE
phantom -q -f LICENSE - 10.0.0.5
phantom --check --hosts $T/hosts
tcp-drill -T -s 10.0.0.3 - 10.0.0.9:80
tcp-drill --list
END

# ---- files: logs, recordings, what is saved
out=$T/x
while read -r file words; do
	# shellcheck disable=SC2086
	eval refused "'$words'" "$file" $words
done <<END
/dev/full tcpfsm -T -f LICENSE -l /dev/full
/dev/full tcpfsm -f LICENSE -l /dev/full
/dev/full tcpfsm -f LICENSE -R /dev/full
/dev/full impair -l /dev/full loss 0%
/dev/full impair loss 100% save /dev/full
/dev/full icmp-phantom -l /dev/full
/dev/full arp-phantom -n -l /dev/full - 10.0.0.5
/dev/full ptee /dev/full
/dev/full tcp-show -o /dev/full
END

# ---- a disk that fills in mid-run
unshare -Urm true 2>/dev/null || [ "$(id -u)" = 0 ] || { done_testing; exit; }
small() { # COMMAND... - in a directory with 64 KiB of room
	unshare -Urm --propagation private sh -c 'mount -t tmpfs \
	    -o size=64k none "$0" && cd "$0" && "$@" >/dev/null
	    echo "status $?"
	    cp -r . "$0.kept"' "$T/small" "$@" <"$T/many" 2>"$T/err" >"$T/status"
}
mkdir "$T/small"
{ head -c 24 "$T/syn"
  for _ in $(seq 2000); do tail -c +25 "$T/syn"; done; } >"$T/many"
# fills WHAT FILE COMMAND... - exit 1, which file, and it holds whole records
fills() {
	local what=$1 file=$2
	shift 2
	small "$@"
	is "$what: exit 1" "$(cat "$T/status")" 'status 1'
	ok "$what: says which file" grep \
	    "write ${file%.out}.*: No space left on device" "$T/err"
	[ "$file" ] || file=x
	rawcap -r "$T/small.kept/$file" >"$T/read" 2>"$T/err2"
	is "$what: it holds whole records" "$? $(cat "$T/err2")" '0 '
	ok "$what: many" [ "$(stat -c %s "$T/read")" -gt 50000 ]
	rm -rf "$T/small.kept"
}
fills ptee x ptee x
fills 'rawcap -r' stdout.out sh -c 'exec rawcap -r - >stdout.out'
fills 'rawcap -' stdout.out sh -c 'exec rawcap - >stdout.out'
fills pipe-switch stdout.out sh -c 'exec pipe-switch -q 1:- 1:cat >stdout.out'
fills impair stdout.out sh -c 'exec impair loss 0% >stdout.out'
# lines WHAT FILE COMMAND... - likewise, whole lines
lines() {
	local what=$1 file=$2
	shift 2
	small "$@"
	is "$what: exit 1" "$(cat "$T/status")" 'status 1'
	is "$what: whole lines" "$(tail -c 1 "$T/small.kept/$file" | od -An -c |
	    tr -d ' ')" '\n'
	ok "$what: many" [ "$(stat -c %s "$T/small.kept/$file")" -gt 50000 ]
	rm -rf "$T/small.kept"
}
lines 'tcpfsm -l' x tcpfsm -v -f "$ROOT/LICENSE" -l x
lines tcp-show stdout.out sh -c 'exec tcp-show >stdout.out'
fills 'tcpfsm -R' x tcpfsm -q -f "$ROOT/LICENSE" -R x
done_testing
