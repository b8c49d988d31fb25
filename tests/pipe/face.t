#!/bin/bash
# Faces in virtual time: when a SYN-ACK that nobody answers is sent again, and
# what there is of a face over IPv6.
. "${0%/*}/../tap.sh"
need tshark
scratch
i=10
for os in linux windows-10 freebsd macos printer cisco-ios; do
	printf 'host 10.0.0.%d os %s mac 02:50:0a:00:00:%02x\n    tcp 80 open\n' \
	    $i $os $i
	printf 'host fd00::%d os %s mac 02:50:00:00:00:%d\n    tcp 80 open\n' \
	    $i $os $i
	i=$((i + 1))
done >"$T/net.conf"
printf 'host 10.0.0.9\n    tcp 80 open\nhost fd00::9\n    tcp 80 open\n' \
    >>"$T/net.conf"

# fields HOST FIELD... - of each segment that answers one SYN
fields() {
	local a=10.0.0.$1 from=10.0.0.77 f=()
	[[ $1 != *:* ]] || { a="[$1]" from="[fd00::77]"; }
	shift
	for i; do f+=(-e "$i"); done
	tcp-craft -s $from:1000 -c "$a:80" flags S mss 1460 sackok ts 1 0 nop \
	    wscale 7 win 64240 >"$T/syn" 2>"$T/said" ||
	    diag <"$T/said"
	tcpfsm -qq -T -S 1 --hosts "$T/net.conf" <"$T/syn" 2>"$T/said" |
	    tshark -r - -T fields "${f[@]}" 2>/dev/null
}
# times HOST - seconds behind the SYN
times() { fields "$1" frame.time_relative | awk '{ printf "%.0f\n", $1 }' | xargs; }
is 'without a face' "$(times 9)" '0 1 3 7 15 31'
is 'linux' "$(times 10)" '0 1 3 7 15 31'
is 'windows-10' "$(times 11)" '0 1 3'
is 'freebsd' "$(times 12)" '0 1 3 7'
is 'macos' "$(times 13)" '0 1 3 7 15 31 63'
is 'printer' "$(times 14)" '0 3 9 21 45'
is 'cisco-ios' "$(times 15)" '0 2 6 14'

# six HOST - window, and whether the flow has a label
six() {
	fields "fd00::$1" tcp.window_size_value ipv6.flow |
	    awk '{ print $1, ($2 ~ /[1-9a-f]/ && $2 !~ /^0x0+$/) }' | sort -u | xargs
}
is 'IPv6, without a face' "$(six 9)" '64260 1'
is 'IPv6, linux' "$(six 10)" '64260 1'
is 'IPv6, windows-10' "$(six 11)" '65535 0'
is 'IPv6, freebsd' "$(six 12)" '65535 1'
is 'IPv6, cisco-ios' "$(six 15)" '4128 0'
done_testing
