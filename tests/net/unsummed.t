#!/bin/bash
# An upload is summed by nobody between rawcap and tcpfsm, and rawcap lends the
# pipe its pages (packet-stream(5)): every byte arrives, also while the pipe is
# full; and to any other reader each frame has its checksum.
. "${0%/*}/../lab.sh"
lab "$@"
need python3 nc md5sum strace
head -c 16000001 /dev/urandom >"$T/file"
echo hello >"$T/hello"
sum=$(md5 "$T/file")
hop=$ROOT/tests/net/unsummed_hop.py

# hopped BYTES [TCPFSM'S OPTIONS...] - the line, with a stage in between
hopped() {
	local bytes=$1
	shift
	(stage rawcap rawcap -q -t tcp eth0) |
	    (stage hop python3 "$hop" ${bytes//,/ }) |
	    (stage tcpfsm tcpfsm -l "$T/log" -f "$T/hello" -o "$T/got" "$@") |
	    (stage rawinject rawinject eth0)
}

# traced - the line, with a look at how rawcap writes
traced() {
	(stage rawcap strace -D -qq -e trace=vmsplice -o "$T/calls" \
	    rawcap -q eth0) |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    (stage rawinject rawinject eth0)
}

# put ADDR - the file, from the client; the sum of what has come
put() {
	client timeout 60 nc -N "$1" 80 <"$T/file" >/dev/null
	wait_for 20 eval '[ $(wc -c <"$T/got") -ge 16000001 ]'
	md5 "$T/got"
}

# up LINE - a new one, with an empty file
up() {
	rm -f "$T/got"
	LINE=$1 phantom -f "$T/hello" -o "$T/got"
}

# ends - what the hop counted
ends() {
	kill "$(cat "$T/rawcap.pid")"
	wait $line
	[ ! -f "$T/hop.err" ] || read -r marked bare wrong <"$T/hop.err"
}

up 'hopped 0,6'
is 'every byte, without checksums' "$(put $V6)" "$sum"
ends
is 'most of the data' "$((marked > 80))" 1 ||
    diag <<<"$marked frames of the upload without a checksum"
is 'all have the sum of the pseudo-header' "$bare" "$marked"
is 'the others are right' "$wrong" 0
for bytes in 0 6; do
	up "hopped $bytes"
	is "a reader of another kind ($bytes): every byte" "$(put $V4)" "$sum"
	ends
	is 'each with its checksum' "$marked $wrong" '0 0'
done

# what the pipe shows is not written over, also when it has been full
stalls() {
	while kill -STOP "$1" 2>/dev/null; do
		sleep 0.05
		kill -CONT "$1" 2>/dev/null
		sleep 0.01
	done
}
up traced
stalls "$(cat "$T/tcpfsm.pid")" &
stalls=$!
is 'a reader that stops now and then: every byte' "$(put $V4)" "$sum"
kill $stalls
kill -CONT "$(cat "$T/tcpfsm.pid")"
ends
is 'rawcap lends it pages' "$(($(grep -c vmsplice "$T/calls") > 10))" 1

# the mark counts for who has asked for it: not in a run that can be repeated
tcp-craft -s 10.0.0.9:5000 -c $V4:80 flags S seq 1 |
    python3 -c 'import struct, sys
b = bytearray(sys.stdin.buffer.read())
b[36:40] = struct.pack("<I", len(b) - 40 | 1 << 31)
b[-3] ^= 1
sys.stdout.buffer.write(b)' >"$T/marked"
tcpfsm -q -T -S 1 -f "$T/hello" -l "$T/log" <"$T/marked" >/dev/null
is 'with -T it is a frame that was cut' "$(grep -c ' cut=1 ' "$T/log")" 1
done_testing
