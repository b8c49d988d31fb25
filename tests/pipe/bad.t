#!/bin/bash
# Bad input and bad set-up: one clear line, the right exit status, never a
# crash and never a hang.
. "${0%/*}/../lab.sh"
lab "$@"
need timeout
F=$T/f		# the bad files
mkdir "$F"

# le16 NUMBER, le32 NUMBER - as escapes for printf
le16() { printf '\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)); }
le32() { le16 $(($1 & 65535)); le16 $(($1 >> 16)); }

# header MAGIC LINKTYPE; record CAPLEN LEN
# shellcheck disable=SC2059
header() {
	printf "$(le32 "$1")$(le16 2)$(le16 4)$(le32 0)$(le32 0)"
	printf "$(le32 262144)$(le32 "$2")"
}
# shellcheck disable=SC2059
record() { printf "$(le32 1763640000)$(le32 5)$(le32 "$1")$(le32 "$2")"; }
nano=0xa1b23c4d

: >"$F/empty"
echo 'HTTP/1.1 200 OK and nothing of a packet' >"$F/text"
head -c 65536 /dev/urandom >"$F/random"
printf '\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0' >"$F/pcapng"
printf '\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0' >>"$F/pcapng"
header $nano 101 >"$F/rawip"
header $nano 113 >"$F/cooked"
header $nano 1 | head -c 11 >"$F/cut-header"
{ header $nano 1; record 60 60; head -c 60 /dev/zero; } >"$F/good"
{ cat "$F/good"; record 60 60 | head -c 9; } >"$F/cut-record-header"
{ cat "$F/good"; record 60 60; head -c 30 /dev/zero; } >"$F/cut-record"
{ cat "$F/good"; record 0xffffffff 0xffffffff; head -c 300000 /dev/zero
} >"$F/4gb-record"
{ cat "$F/good"; record 262145 262145; head -c 300000 /dev/zero
} >"$F/long-record"

# refuses WHAT STATUS WORDS COMMAND... - this status; one line for people on
# stderr, with these words (a second may point to --help; the event log's
# lines begin with a number)
refuses() {
	local what=$1 want=$2 words=$3 status said
	shift 3
	timeout 10 "$@" >"$T/stdout" 2>"$T/stderr"
	status=$?
	said=$(grep -vE "^[0-9]+\.[0-9]{9} |^try: " "$T/stderr")
	is "$what" "$status $(wc -l <<<"$said") $(grep -cE "$words" <<<"$said")" \
	    "$want 1 1" || diag <"$T/stderr"
}

readers() {
	cat <<-END
	tcpfsm -q -q -f /dev/null
	tcpfsm -q -q -T -S 1 -f /dev/null
	icmp-phantom -q
	icmp-phantom -q -T -S 1
	impair -q loss 10% delay 20ms corrupt 50% drop data#1
	impair -q -T loss 10% delay 20ms corrupt 50% drop data#1
	rawinject -q eth0
	rawcap -q -
	rawcap -q -r -
	arp-phantom -q -n - 10.0.0.5
	END
}

while read -r -a program; do
	p=${program[*]}
	stream() { refuses "$p: $1" "$2" "$3" "${program[@]}" <"$F/$1"; }
	stream empty 1 'header'
	stream text 1 'not a packet stream'
	stream random 1 'not a packet stream'
	stream cut-header 1 'header'
	# live stages take Ethernet alone; what reads files, any link
	if [ "$p" != 'rawcap -q -r -' ] && [ "${p%% *}" != impair ]; then
		stream pcapng 2 'pcapng.*rawcap -r'
		stream rawip 2 'link type.*rawcap -r'
		stream cooked 2 'link type.*rawcap -r'
	fi
	stream cut-record-header 1 'packet 2'
	stream cut-record 1 'packet 2'
	stream 4gb-record 1 'packet 2'
	stream long-record 1 'packet 2'
	refuses "$p: a directory" 1 'directory' "${program[@]}" <"$T"
	timeout 10 "${program[@]}" <"$F/good" >/dev/null 2>"$T/stderr"
	is "$p: a good stream" $? 0 || diag <"$T/stderr"
	# anything may follow a header, and inside a packet
	worst=0
	for i in $(seq 20); do
		{
			header $nano 1
			head -c $((i * 97)) /dev/urandom
		} >"$F/any"
		for r in 1 2 3 4 5 6; do
			record $((r * i)) $((r * i))
			head -c $((r * i)) /dev/urandom
		done >>"$F/noise"
		timeout 10 "${program[@]}" <"$F/any" >/dev/null 2>&1
		status=$?
		[ $status -gt $worst ] && worst=$status
	done
	is "$p: random bytes behind a header: no crash" \
	    "$([ $worst -le 2 ] || echo $worst)" ''
	{ header $nano 1; cat "$F/noise"; } >"$F/any"
	timeout 10 "${program[@]}" <"$F/any" >/dev/null 2>"$T/stderr"
	is "$p: packets of random bytes are no error" $? 0 ||
	    diag <"$T/stderr"
	rm "$F/noise"
done < <(readers)

# ---- interfaces, files, privilege
serve="tcpfsm -f $ROOT/examples/resp.txt"
refuses 'rawcap: no such interface' 2 'nosuch0: no such interface' \
    rawcap nosuch0
refuses 'rawinject: no such interface' 2 'nosuch0: no such interface' \
    rawinject nosuch0 <"$F/good"
refuses 'arp-phantom: no such interface' 2 'nosuch0: no such interface' \
    arp-phantom nosuch0 10.0.0.5
refuses 'an interface name that is too long' 2 'no such interface' \
    rawcap an-interface-name-that-is-too-long
ip link add down0 type veth peer name down1
refuses 'rawinject: an interface that is down' 2 'down' \
    rawinject -q down0 <"$F/good"
for p in 'rawcap eth0' 'rawinject eth0' 'arp-phantom eth0 10.0.0.5'; do
	# shellcheck disable=SC2086
	refuses "${p%% *}: no privilege" 2 'CAP_NET_RAW' "${poor[@]}" $p \
	    <"$F/good"
done
refuses 'rawcap: no such file' 2 'No such file' rawcap -r "$T/nosuch"
refuses 'rawcap: no file' 2 'filter|No such file' rawcap -F "$T/nosuch" eth0
refuses 'tcpfsm: no such file' 2 'No such file' tcpfsm -f "$T/nosuch"
refuses 'tcpfsm: a directory to serve' 2 'directory' tcpfsm -f "$T"
refuses 'tcpfsm: no such directory for the log' 2 'No such file' \
    $serve -l "$T/no/log"
refuses 'icmp-phantom: no such directory for the log' 2 'No such file' \
    icmp-phantom -l "$T/no/log"
refuses 'tcpfsm: no such directory for the recording' 2 'No such file' \
    $serve -R "$T/no/rec"

# ---- a log that takes nothing; input that never lets up
# cpu PID - clock ticks of its own that it has used
cpu() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
mkfifo "$F/idle"
exec 6<>"$F/idle"
$serve -l /dev/full <"$F/idle" >/dev/null &
p=$!
began+=("$p")
wait_for 10 minded $p
sleep 0.3
a=$(cpu $p)
sleep 0.7
# a loop that spins would take some of the 70 ticks on any machine
is 'a log on a full disk: tcpfsm waits all the same' \
    "$(($(cpu $p) - a < 2))" 1
stop $p
is 'and ends at SIGTERM, with 1 as the log is lost' $? 1
exec 6>&-
header $nano 1 >"$F/endless"
truncate -s 1T "$F/endless" # records of nothing
$serve -q -q <"$F/endless" >/dev/null &
p=$!
began+=("$p")
wait_for 10 minded $p
sleep 0.3
stop $p
is 'SIGTERM is heard while a file is read' $? 0
rm "$F/endless"

# ---- usage
for c in rawcap rawinject arp-phantom tcpfsm 'arp-phantom eth0' \
    "$serve word" "$serve -p 0" "$serve -p 65536" "$serve -p http" \
    "$serve -a 10.0.0.256" "$serve -a 224.0.0.1" "$serve -d -1" \
    "$serve -d 1e9" "$serve -m 01:00:5e:00:00:01" "$serve -m 02:50" \
    "$serve -S x" "$serve -N 0" "$serve -N 99999999999999999999" \
    "$serve -T -R $T/rec" \
    'icmp-phantom word' 'icmp-phantom -p 0' 'icmp-phantom -a ff02::1' \
    'icmp-phantom -m 01:00:5e:00:00:01' 'icmp-phantom -S x' \
    'icmp-phantom --mtu 100' 'icmp-phantom --ttl 0' 'icmp-phantom -p' \
    'icmp-phantom --echo-rate -1' 'icmp-phantom --frag-bytes x' \
    'icmp-phantom --nonsense' 'icmp-phantom --mtu' \
    'arp-phantom eth0 10.0.0.0/33' 'arp-phantom eth0 10.0.0.5/24' 'phantom eth0 fd00::5/64' \
    'pipe-router --route 10.9.0.5/24=10.0.1.9 10=10.0.1.1/24' 'arp-phantom eth0 fd00::/129' \
    'arp-phantom eth0 127.0.0.1' 'arp-phantom eth0 224.0.0.1' \
    'arp-phantom -m ff:ff:ff:ff:ff:ff eth0 10.0.0.5' \
    'rawcap -t http eth0' 'rawcap -p 99999 eth0' 'rawcap -c 0 eth0' \
    'rawcap eth0 eth1' 'rawinject eth0 eth1' \
    'impair loss' 'impair loss ten' 'impair drop data#0' 'impair delay 5' \
    'impair --mtu 5' 'impair -N 0' 'impair seed 1 seed 2' \
    'rawcap -Z eth0' 'rawinject -Z eth0' 'tcpfsm -Z' 'arp-phantom -Z' \
    'icmp-phantom -Z' 'impair -Z'; do
	# shellcheck disable=SC2086
	refuses "usage: ${c#"$serve" }" 2 '.' $c </dev/null
done

# ---- --help and --version; nothing on stderr
for p in rawcap rawinject arp-phantom tcpfsm icmp-phantom impair; do
	for o in --help -h --version -V; do
		out=$($p $o 2>"$T/stderr")
		is "$p $o" "$? ${#out} $(cat "$T/stderr")" "0 ${#out} " &&
		    [ "${#out}" -gt 10 ] || { is "$p $o says something" 0 1; }
	done
done

# ---- an address in use: the client's own
for a in 10.0.0.9 fd00::9; do
	refuses "arp-phantom: $a is in use" 1 "in use" \
	    arp-phantom -w 1 eth0 $a
done

# ---- terminals, readers that are gone, and files that shrink
if have script; then
	for c in 'rawcap eth0' "$serve" icmp-phantom impair; do
		said=$(timeout 10 script -qec "$c" /dev/null </dev/null 2>&1)
		is "${c%% *} refuses a terminal as output" \
		    "$? $(grep -c terminal <<<"$said")" '2 1' || diag <<<"$said"
	done
else
	skip 'a terminal as output' script
fi
(rawcap eth0 2>"$T/stderr"; echo $? >"$T/status") | :
is 'rawcap ends quietly when its reader has gone' \
    "$(wait_for 5 test -s "$T/status"; cat "$T/status" "$T/stderr")" 0
sleep 5 | ($serve -q -q 2>"$T/stderr"; echo $? >"$T/status") | :
is 'so does tcpfsm' "$(cat "$T/status" "$T/stderr")" 0
sleep 1 | (icmp-phantom -l "$T/icmp.log" 2>"$T/stderr"; echo $? >"$T/status") |
    :
is 'so does icmp-phantom' "$(cat "$T/status" "$T/stderr")" 0
sleep 5 | (impair 2>"$T/stderr"; echo $? >"$T/status") | :
is 'and impair' "$(cat "$T/status" "$T/stderr")" 0
# fetched - the number of bytes that a client gets
fetched() { client timeout 10 nc -d $V4 9 2>/dev/null | wc -c; }
head -c 10000000 /dev/zero >"$T/shrinks"
phantom -f "$T/shrinks"
: >"$T/shrinks"
if have nc; then
	is 'a served file that shrinks is served as it was' "$(fetched)" 10000000
	phantom_end
	truncate -s 300M "$T/shrinks"
	phantom -f "$T/shrinks"
	truncate -s 4096000 "$T/shrinks"
	got="$(fetched) $(fetched)"
	is 'a large one: no client gets more than is left' \
	    "$((${got% *} <= 4096000)) $((${got#* } <= 4096000))" '1 1' ||
	    diag <<<"$got"
	is 'each is reset' \
	    "$(grep -c 'how=abort .*why=file-shorter' "$T/log")" 2 ||
	    diag <"$T/log"
	phantom_end
	is 'with one message; the exit status is 1' \
	    "$? $(grep -c 'shorter' "$T/tcpfsm.err")" '1 1'
else
	skip 'a served file that shrinks' nc
fi
done_testing
