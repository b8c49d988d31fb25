#!/bin/bash
# The internetwork out of pipes tells its story, all of it right, as one who
# has no rights and can make no namespace; its captures say the same.
. "${0%/*}/../tap.sh"
need setpriv
scratch
chmod 777 "$T"
as=()
[ "$(id -u)" != 0 ] || as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${as[@]}" test -x "$BIN/pipe-switch" -a -r "$ROOT/examples/internetwork" ||
    as=()

out=$("${as[@]}" env BIN="$BIN" TMPDIR="$T" timeout 60 sh \
    examples/internetwork --pipes -d "$T/kept" 2>"$T/err")
is 'it succeeds' "$? $(tail -n 1 <<<"$out")" '0 All was as it should be.' ||
    diag <<<"$out"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'each experiment was made' "$(grep -c -e '-- right: ' <<<"$out")" 10
if have tcpdump; then
	read_net() { tcpdump -nr "$T/kept/net-$1.pcap" "${@:2}" 2>/dev/null; }
	is 'nothing longer than 1300 bytes went over the link' \
	    "$(read_net 2 greater 1315 | wc -l)" 0
	is 'hops are counted down on the way' "$(for i in 3 2 1; do
		read_net $i -v 'ip and tcp[tcpflags] & (tcp-syn|tcp-ack) =
		    tcp-syn|tcp-ack' | grep -o 'ttl [0-9]*' | head -n 1
	    done | xargs)" 'ttl 64 ttl 63 ttl 62'
	is 'r2 has told the phantom of the MTU' \
	    "$(read_net 3 icmp | grep -o '10.3.0.1 .*need to frag (mtu 1300)' |
	    sed 's/ > .*need/ need/' | sort -u)" \
	    '10.3.0.1 need to frag (mtu 1300)'
else
	skip 'the captures' tcpdump
fi
done_testing
