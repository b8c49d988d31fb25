#!/bin/bash
# Real machines: two virtual ones under QEMU, on two networks of pipes, tell
# their story, all of it right, as one who has no rights; the captures of the
# wires say the same.
#
# They need a kernel that is readable: of this host, or in build/vm, where make
# check-vms unpacks one; and a busybox.
. "${0%/*}/../tap.sh"
need qemu-system-x86_64 busybox tcpdump setpriv
sanitized &&
    skip_all 'the machines have too little memory for a sanitizer'
where=$ROOT/build/vm
[ -d "$where/boot" ] || where=/
ls $where/boot/vmlinuz-* >/dev/null 2>&1 ||
    skip_all 'no kernel for machines here: make check-vms unpacks one'
scratch
chmod 777 "$T"
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${as[@]}" test -x "$BIN/pipe-switch" -a -r "$ROOT/examples/internetwork" ||
    as=()

out=$("${as[@]}" env BIN="$BIN" TMPDIR="$T" timeout 200 sh \
    examples/internetwork --vms -k "$where" -d "$T/kept" 2>"$T/err")
status=$?
[ $status != 2 ] || skip_all "$(cat "$T/err")"
is 'it succeeds' "$status $(tail -n 1 <<<"$out")" '0 All was as it should be.' ||
    diag <<<"$out"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'each experiment was made' "$(grep -c -e '-- right: ' <<<"$out")" 15
wire() { tcpdump -nr "$T/kept/wire-$1.pcap" "${@:2}" 2>/dev/null; }
is 'nothing longer than 1300 bytes went over the link' \
    "$(wire link greater 1319 | wc -l)" 0
is 'the machines have talked to each other' "$(for w in vm1 link vm2; do
	wire $w 'host 10.1.0.9 and host 10.3.0.9 and tcp[tcpflags] & tcp-fin != 0' |
	    wc -l
done | xargs)" '2 2 2'
is 'nothing is left' "$(pgrep -f "$T" | grep -vx $$)" ''
done_testing
