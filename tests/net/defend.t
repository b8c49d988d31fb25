#!/bin/bash
# Two forged ARP frames in mid-transfer: who gives way stays; who always defends
# goes on answering, and every byte arrives.
. "${0%/*}/../lab.sh"
lab "$@"
need curl python3
head -c 2000000 /dev/urandom >"$T/file"
# a station that announces 10.0.0.5, or fd00::5 by an advertisement
python3 - "$T" <<'PY'
import struct, sys
mac = bytes.fromhex('525400000077')
arp = b'\xff' * 6 + mac + bytes.fromhex('08060001080006040001') + mac + \
    bytes((10, 0, 0, 5)) + bytes(6) + bytes((10, 0, 0, 5))
src = bytes.fromhex('fd00') + bytes(13) + b'\5'
dst = bytes.fromhex('ff02') + bytes(13) + b'\1'
na = bytes.fromhex('8800000020000000') + src + b'\2\1' + mac
s = sum(struct.unpack('!%dH' % ((32 + 8 + len(na)) // 2),
    src + dst + struct.pack('!II', len(na), 58) + na))
s = (s & 0xffff) + (s >> 16)
na = na[:2] + struct.pack('!H', ~((s & 0xffff) + (s >> 16)) & 0xffff) + na[4:]
na = bytes.fromhex('333300000001') + mac + bytes.fromhex('86dd60000000') + \
    struct.pack('!HBB', len(na), 58, 255) + src + dst + na
for name, f in ('arp', arp), ('na', na):
    with open(sys.argv[1] + '/' + name, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        out.write(struct.pack('<IIII', 1, 0, len(f), len(f)) + f)
PY
forge() { client rawinject -q eth0 <"$T/$1"; }
lines() { [ "$(grep -c " $1 " "$T/log")" -ge "$2" ]; }

# attacked ADDRESS FORGED [OPTION...] - a download during which two come
attacked() {
	local a=$1 f=$2
	shift 2
	rm -f "$T/log"
	client ip neigh flush dev eth0
	begin command phantom -n "$@" -l "$T/log" -f "$T/file" eth0 "$a" \
	    >"$T/said" 2>&1
	pid=$!
	wait_for 10 grep -qs ' claim' "$T/log"
	client curl -s --http0.9 --limit-rate 2M -m 30 -o "$T/got" \
	    "$(url "$a")" &
	fetch=$!
	wait_for 10 test -s "$T/got"
	forge "$f"
	forge "$f"
	ok "$a $*: two conflicts" wait_for 5 lines conflict 2
	# who has given way does not put the client right again
	[ ! "$*" ] || {
		wait $fetch
		is "$a $*: every byte arrives" "$? $(md5 "$T/got")" \
		    "0 $(md5 "$T/file")"
	}
	kill $fetch 2>/dev/null
	ok "$a $*: the phantom goes on" kill -0 $pid
}
# resolves ADDRESS - somebody answers for it
resolves() {
	client ip neigh flush dev eth0
	client ping -c 1 -W 1 "$1"
}
for i in "$V4 arp" "$V6 na"; do
	# shellcheck disable=SC2086
	attacked $i
	ok 'it has given way' wait_for 5 lines yield 1
	ok 'and does not answer for now' eval '! resolves ${i% *}'
	stop $pid
	# shellcheck disable=SC2086
	attacked $i --defend always
	ok 'it has not given way' eval '! lines yield 1'
	ok 'and answers' resolves "${i% *}"
	stop $pid
done
done_testing
