#!/bin/bash
# tcp-craft's words, read by tcpdump and tshark; tcp-show's lines, read by a
# shell; and from the one to the other and back.
. "${0%/*}/../tap.sh"
export TZ=UTC
need tcpdump tshark
scratch
v4='-s 10.0.0.7:1024 -c 10.0.0.5:80'
v6='-s [fd00::7]:1024 -c [fd00::5]:80'

# craft WORDS... - from 10.0.0.7:1024 to 10.0.0.5:80; craft6 the same, v6
# shellcheck disable=SC2086
craft() { tcp-craft $v4 "$@"; }
# shellcheck disable=SC2086
craft6() { tcp-craft $v6 "$@"; }

# reads PATTERN CRAFT WORDS... - tcpdump -vv prints it
reads() {
	local want=$1 said
	shift
	said=$("$@" | tcpdump -nnvver - 2>&1)
	n=$((n + 1))
	if grep -qE -- "$want" <<<"$said"; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*"
		printf 'got:  %s\nwant: %s\n' "$said" "$want" | sed 's/^/# /'
	fi
}

# field NAME WANT CRAFT WORDS... - tshark's field of that name, a line each
# packet. All are kept, for one tshark in fields().
field() {
	f_name+=("$1")
	f_want+=("$2")
	shift 2
	f_what+=("$*")
	"$@" >>"$T/fields"
}

fields() {
	local i name lines at=1 args=() column=1
	local -A columns
	for name in $(printf '%s\n' "${f_name[@]}" | sort -u); do
		args+=(-e "$name")
		columns[$name]=$((column++))
	done
	# several streams are one to our own programs alone
	rawcap -q -r "$T/fields" | tshark -r - -T fields \
	    -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	    -o tcp.relative_sequence_numbers:FALSE "${args[@]}" \
	    2>/dev/null >"$T/table"
	for i in "${!f_name[@]}"; do
		name=${f_name[i]}
		lines=$(wc -l <<<"${f_want[i]}")
		is "${f_what[i]}: $name" "$(tail -n +$at "$T/table" |
		    head -n "$lines" | cut -f "${columns[$name]}")" \
		    "${f_want[i]}"
		at=$((at + lines))
	done
}

# ---- what is right
reads '02:50:0a:00:00:07 > 02:50:0a:00:00:05, .* \[DF\].*length 40\)' \
    craft flags none
reads 'Flags \[S\], cksum .*\(correct\), seq 100, win 1000, options \[mss 1460,sackOK,TS val 7 ecr 9,nop,wscale 7\]' \
    craft flags S seq 100 win 1000 mss 1460 sackok ts 7 9 nop wscale 7
reads 'Flags \[S\], .*cksum .*\(correct\)' craft6 flags S mss 1440
reads 'Flags \[FSRP.UEW\]' craft flags SAFRPUEW
reads 'Flags \[S.\]' craft flags S.
reads 'Flags \[P.\], cksum 0x[0-9a-f]* \(correct\), seq 1:6, ack 101' \
    craft flags '[P.]' seq 1 ack 101 data hello
reads 'Flags \[.U\].* urg 7' craft flags AU urg 7
field tcp.options.sack_le 100,300 craft flags A nop nop sack 100-200,300-400
field tcp.options.sack_re 200,400 craft flags A nop nop sack 100-200,300-400
reads 'options \[eol\]' craft flags S eol
reads 'options \[unknown-253 0xabcd\]' craft flags S option 253 abcd
reads 'options \[unknown-253 0xabcd\]' craft flags S options 'fd 04 ab:cd'
reads 'tos 0xbb,CE, ttl 3, id 258, .*flags \[none\]' \
    craft flags A dscp 46 ecn 3 ttl 3 id 0x102 nodf
reads 'class 0xb8, flowlabel 0x12345, hlim 3' \
    craft6 flags A dscp 46 flow 0x12345 ttl 3
reads '802.1Q-QinQ .*vlan 5, .*802.1Q.* vlan 6' craft flags A vlan 5 vlan 6
reads 'options \(RA\)' craft flags A ipopt 94040000
reads '52:54:00:00:00:01 > 52:54:00:00:00:02' \
    tcp-craft -m 52:54:00:00:00:01 -g 52:54:00:00:00:02 \
    -s 10.0.0.7:1024 -c 10.0.0.5:80 flags A
reads '10.0.0.5.80 > 10.0.0.7.5:' craft back dport 5 flags A
field tcp.seq_raw 4294967295 craft flags A seq -1
field tcp.ack_raw 5 craft flags A ack $((4294967296 + 5))
field tcp.payload 4100270a5c414aff22 \
    craft flags A data 'A\0\0047\n\\\x41J\0377\"'
field tcp.payload deadbeef68 craft flags A hex 'de ad be:ef' data h
printf 'in a file\0' >"$T/file"
field tcp.payload 696e20612066696c6500 craft flags A datafile "$T/file"
is 'datafile - is stdin' \
    "$(craft flags A at 0 datafile - <"$T/file" | md5sum)" \
    "$(craft flags A at 0 datafile "$T/file" | md5sum)"
field frame.time_epoch '1763640000.123456789
1763640001.623456789
1763640001.623456789' craft flags S at 1763640000.123456789 next \
    after 1.5 back flags SA next flags A
field tcp.checksum.status '1
1
1' craft flags S data odd next flags A mss 1 next badipsum flags A
head -c 65495 /dev/zero >"$T/most"
field tcp.len 65495 craft flags A datafile "$T/most"
head -c 65515 /dev/zero >"$T/most"
field tcp.len 65515 craft6 flags A datafile "$T/most"
before=$EPOCHSECONDS
at=$(craft flags S | tshark -r - -T fields -e frame.time_epoch 2>/dev/null)
at=${at%.*}
is 'the stamp is now' "$((at >= before && at <= EPOCHSECONDS))" 1

# ---- what is wrong on request, and only that
field tcp.checksum.status 0 craft flags S badsum
field tcp.checksum.status 0 craft6 flags S badsum data x
field tcp.checksum 0xbeef craft flags S sum beef
field tcp.checksum 0xbeef craft flags S sum 0xBEEF
field tcp.hdr_len 32 craft flags S hlen 32 data '0123456789abcdef'
reads 'bad hdr length 16|hdr length 16' craft flags S hlen 16
field tcp.flags.res 1 craft flags S reserved 8
field ip.checksum.status 0 craft flags S badipsum
field ip.checksum 0x1234 craft flags S ipsum 1234
field ip.len 44 craft flags S iplen 44 data abcdefgh
field tcp.len 4 craft flags S iplen 44 data abcdefgh
reads 'payload length: 5\)' craft6 flags A iplen 5
field ip.hdr_len 24 craft flags S iphlen 24 data abcdefghijkl
field ip.proto 17 craft flags S proto 17
field ipv6.nxt 59 craft6 flags S proto 59
reads 'unknown ip 5|IP5|version' craft flags S version 5
field frame.len 30 craft flags S cut 30
reads 'options \[mss 1,bad opt\]|options \[mss 1,\[bad opt\]' \
    craft flags S mss 1 options 02
field tcp.checksum.status 1 craft flags S options 0203

fields

# ---- words that are none: told, by name, and nothing is written
# refuses WORD WORDS...
refuses() {
	local word=$1 status
	shift
	craft "$@" >"$T/out" 2>"$T/err"
	status=$?
	is "refused: $*" "$status $(wc -c <"$T/out") $(grep -c "^tcp-craft: \
read \"\{0,1\}$word\"\{0,1\}: ." "$T/err")" "2 0 1"
}
refuses words
refuses words next flags S
refuses words flags S next
refuses foo foo
refuses Flags Flags S
refuses flags flags
refuses flags flags X
refuses flags flags ''
refuses flags flags 'S A'
refuses seq seq x
refuses seq seq 1x
refuses seq seq 99999999999999999999
refuses ack flags S ack --1
refuses win win 65536
refuses win win -1
refuses mss mss 1e3
refuses wscale wscale 256
refuses sack sack 5
refuses sack sack 1-2,
refuses sack sack 1-2,3
refuses sack sack 1-2,3-4,5-6,7-8,9-10
refuses ts ts 1
refuses option option 256 00
refuses option option 5 0
refuses options options 'zz'
refuses options options 0
refuses mss options "$(printf '%080d' 0)" mss 1
refuses ipopt ipopt "$(printf '%082d' 0)"
refuses data data '\q'
refuses data data 'x\'
refuses data data '\x1'
refuses data data '\0777'
refuses hex hex 123
refuses datafile datafile "$T/none"
refuses datafile datafile "$T"
refuses ttl ttl 256
refuses tos tos 256
refuses dscp dscp 64
refuses ecn ecn 4
refuses id id 65536
refuses flow flow 1
refuses vlan vlan 65536
refuses vlan vlan 1 vlan 2 vlan 3
refuses at at yesterday
refuses at at 1.
refuses after after -1
refuses sum sum 123
refuses sum sum 12345
refuses hlen hlen 21
refuses hlen hlen 64
refuses reserved reserved 16
refuses iphlen iphlen 3
refuses version version 16
refuses sport sport 65536
refuses cut cut x
head -c 65496 /dev/zero >"$T/most"
refuses datafile flags S datafile "$T/most"
refuses datafile flags S datafile /dev/zero
craft6 flags S nodf 2>"$T/err"
is 'what IPv6 has not' "$? $(cat "$T/err")" "2 tcp-craft: read nodf: IPv6 has \
none
try: tcp-craft --help"

# usage STATUS COMMAND... - and a line on stderr
usage() {
	local want=$1
	shift
	"$@" >/dev/null 2>"$T/err" </dev/null
	is "status of: $*" "$?" "$want"
}
usage 2 tcp-craft flags S
usage 2 tcp-craft -s 10.0.0.7:1 flags S
usage 2 tcp-craft -s 10.0.0.7 -c 10.0.0.5:80 flags S
usage 2 tcp-craft -s 10.0.0.7:1 -c '[fd00::5]:80' flags S
usage 2 tcp-craft -s 10.0.0.7:0 -c 10.0.0.5:80 flags S
usage 2 tcp-craft -g x -s 10.0.0.7:1 -c 10.0.0.5:80 flags S
usage 2 tcp-craft -z
usage 0 tcp-craft --help
usage 0 tcp-craft -V
usage 2 tcp-show -c x
usage 2 tcp-show -w x
usage 2 tcp-show -a x
usage 2 tcp-show -p 65536
usage 2 tcp-show from
usage 2 tcp-show from x
usage 2 tcp-show flags x
usage 2 tcp-show x
usage 2 tcp-show -o "$T/none/x"
usage 0 tcp-show --help
usage 1 tcp-show
usage 2 rawcap -q -r "$T/none"
if command -v script >/dev/null; then
	script -qec "tcp-craft $v4 flags S" /dev/null >"$T/out" 2>&1 </dev/null
	is 'a terminal is refused' "$?" 2
fi
is 'a reader that is gone is no error' "$(
    { sleep 0.2; craft flags S; echo $? >"$T/status"; } | :
    cat "$T/status")" 0
is 'a full disk is' "$(craft flags S 2>&1 >/dev/full; echo $?)" \
"tcp-craft: write stdout: No space left on device
1"

# ---- tcp-show

# at 0: the same bytes on every run
craft flags S seq 4294967295 win 1000 mss 1460 sackok ts 7 9 nop wscale 7 \
    ttl 5 tos 2 id 9 vlan 5 vlan 6 at 1763640000.000000001 >"$T/syn"
is 'every assignment' "$(tcp-show <"$T/syn")" "\
TIME='1763640000.000000001' SMAC='02:50:0a:00:00:07' DMAC='02:50:0a:00:00:05' \
VLAN='5 6' SRC='10.0.0.7' SPORT='1024' DST='10.0.0.5' DPORT='80' TTL='5' \
TOS='2' ID='9' DF='1' SEQ='4294967295' ACK='0' NEXT='0' FLAGS='S' WIN='1000' \
URG='0' LEN='0' SUM='ok' OPTIONS='mss 1460 sackok ts 7 9 nop wscale 7' \
MSS='1460' WSCALE='7' SACKOK='1' TSVAL='7' TSECR='9' SACK='' ACCECN='' COOKIE='' DATA=''"

# shown CRAFT WORDS... - what tcp-show says of it, as a shell has it: the
# names of $names
shown() {
	local name
	eval "$("$@" | tcp-show)"
	for name in $names; do
		printf '%s ' "${!name}"
	done
}
names='SRC SPORT DST DPORT SEQ ACK NEXT FLAGS LEN SUM DATA MSS'
is 'v6, data and FIN' "$(shown craft6 flags FPA seq 5 ack 6 data abc)" \
    'fd00::7 1024 fd00::5 80 5 6 9 FPA 3 ok abc  '
is 'a bad checksum' "$(shown craft flags none badsum)" \
    '10.0.0.7 1024 10.0.0.5 80 0 0 0 none 0 bad   '
names='FLAGS ACCECN COOKIE'
is 'AE, AccECN and Fast Open (RFC 9768, RFC 7413)' "$(shown craft flags SeEW \
    options ae0b000001000002000003 option 34 0102030405060708)" \
    'SEWe e1b 1 ceb 2 e0b 3 0102030405060708 '
names='FLAGS URG SACK OPTIONS DF'
is 'all flags, SACK' "$(shown craft flags SAFRPUEW urg 3 nodf \
    sack 1-2,4294967295-0 eol)" \
    'FSRPAUEW 3 1-2,4294967295-0 sack 1-2,4294967295-0 eol eol 0 '
is 'odd options' "$(shown craft flags A options 020301 option 253 ff \
    options 0602)" 'A 0  option 2 01 option 253 ff options 0602 1 '
is 'a damaged option' "$(shown craft flags A options 01fd21ff)" \
    'A 0  nop options fd21ff 1 '

# hostile bytes, in every shell that is here: what they do if they can is a
# file named "broken"; and what comes out is what went in
cat >"$T/eval" <<'SH'
eval "$(tcp-show)"
printf %b "$DATA" >out
SH
hostile="'; touch broken; '"
python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 3)' \
    2>/dev/null >"$T/all" || head -c 768 /dev/urandom >"$T/all"
printf '%s' "\$(touch broken)\`touch broken\`" >"$T/dollar"
printf '%s\n' "$hostile" '"; touch broken #' '\' "'" >"$T/quotes"
printf "x'\n\0touch broken\n\0'\\'';touch broken;" >"$T/nul"
printf '\\c\\0047\\x27%%s%%n\\' >"$T/escapes"
for sh in dash bash ksh mksh zsh yash busybox; do
	command -v $sh >/dev/null || continue
	run=$sh
	[ $sh = busybox ] && run='busybox sh'
	for f in all dollar quotes nul escapes; do
		craft flags PA datafile "$T/$f" >"$T/packet"
		rm -f "$T/out" "$T/broken"
		(cd "$T" && $run ./eval <packet)
		is "eval is safe: $f in $sh" "$(cd "$T" &&
		    cmp $f out 2>&1; ls broken 2>/dev/null)" ''
	done
done
is 'one segment, one line, in ASCII' "$(craft flags PA datafile "$T/all" |
    tcp-show | tr -d ' -~' | od -An -tx1 | tr -d ' ')" 0a

# to and fro: what tcp-show tells is what tcp-craft is told
again() {
	eval "$(tcp-show -k -c 1 || echo return 1)"
	# shellcheck disable=SC2086
	tcp-craft -s "$SRC:$SPORT" -c "$DST:$DPORT" -m "$SMAC" -g "$DMAC" \
	    at "$TIME" ttl "$TTL" tos "$TOS" id "$ID" flags "$FLAGS" \
	    seq "$SEQ" ack "$ACK" win "$WIN" urg "$URG" $OPTIONS data "$DATA"
}
craft flags S seq 1 mss 1460 sackok ts 1 0 nop wscale 7 next back flags SA \
    seq 9 ack 2 options fd21ff01 next flags PA seq 2 ack 10 ecn 2 id 77 \
    sack 1-2 datafile "$T/all" next flags RA urg 5 option 253 abcd >"$T/four"
is 'segments told again are the same bytes' \
    "$({ tcp-show -c 0; for i in 1 2 3 4; do again; done; } <"$T/four" |
	rawcap -q -r - | cmp - "$T/four" 2>&1)" ''

# ---- one reader after the other
flags() { sed "s/.* FLAGS='\([^']*\)'.*/\1/"; }
is 'each reads its segment from a pipe, none is lost' "$(cat "$T/four" | {
	tcp-show -c 0
	for i in 1 2 3 4; do tcp-show -k -c 1 | flags; done
	tcp-show -k -c 1 -q
	echo $?
} | xargs)" 'S SA PA RA 1'
is 'and from a file, which needs no -k' "$({
	for i in 1 2 3 4; do tcp-show -c 1 | flags; done
	cat
} <"$T/four" | xargs)" 'S SA PA RA'
is 'what is left in the pipe is the next record' "$(cat "$T/four" "$T/syn" | {
	tcp-show -c 4 >/dev/null
	cat
} | cmp - "$T/syn" 2>&1)" ''
if command -v editcap >/dev/null; then
	editcap -F pcap "$T/four" "$T/micro"
	is 'microseconds, in the second reader of a file' "$({
		tcp-show -c 1
		tcp-show -c 1
	} <"$T/micro" | sed "s/.*TIME='\([0-9.]*\)'.*/\1/" | xargs)" \
	    "$(tcpdump -ttnr "$T/micro" -c 2 2>/dev/null |
		awk '{ print $1 "000" }' | xargs)"
fi
is 'what comes later is heard later' "$({ cat "$T/syn"; sleep 0.3
    tail -c +25 "$T/syn"; } | { tcp-show -c 1 | flags; tcp-show -k -c 1 |
    flags; } | xargs)" 'S S'
head -c 65000 /dev/zero >"$T/most"
craft flags PA next flags PA datafile "$T/most" >"$T/large"
is 'a line longer than the pipe' "$(tcp-show -c 2 <"$T/large" |
    { sleep 0.3; awk '{ print (length > 300000) }'; } | xargs)" '0 1'
timeout 20 tcp-show -c 2 <"$T/large" | head -n 1 >/dev/null
is 'a reader that goes away is no error' "${PIPESTATUS[0]}" 0

# ---- selection, waiting, the end
# chosen WANT ARGUMENTS... - flags of what is shown of four
chosen() {
	local want=$1
	shift
	is "tcp-show $*" "$(tcp-show "$@" <"$T/four" | flags | xargs)" "$want"
}
chosen 'S PA RA' from 10.0.0.7
chosen 'SA' to 10.0.0.7
chosen 'SA' from 10.0.0.5:80
chosen '' from 10.0.0.5:81
chosen 'S PA RA' from 10.0.0.7:1024 to 10.0.0.5:80
chosen 'S SA' flags S
chosen 'SA' flags S.
chosen 'PA' data
chosen 'S SA PA RA' -a 10.0.0.5
chosen 'S SA PA RA' -p 80 -p 5
chosen '' -p 81
chosen '' -a fd00::5
chosen 'S SA' -c 2
tcp-show -c 2 -q flags R <"$T/four" >"$T/out"
is 'fewer than -c came: 1' $? 1
# idle FILE - that is to be read from descriptor 6, and then nothing
idle() {
	exec 6<&-
	rm -f "$T/idle"
	mkfifo "$T/idle"
	exec 6<>"$T/idle"
	cat "$1" >&6
}
idle "$T/syn"
tcp-show -w 0.3 -c 2 <&6 2>"$T/err" | flags >"$T/out"
echo "${PIPESTATUS[0]}" >"$T/status"
is '-w: gives up' "$(cat "$T/status" "$T/out" "$T/err" | xargs)" \
    '1 S tcp-show: wait: time ran out before the segment came'
idle "$T/four"
is '-w: what has come in time is shown, without -c' "$(
    { tcp-show -w 0.3 <&6; echo $?; } | wc -l)" 5
is '-o: data to a file' "$(rm -f "$T/out"; tcp-show -o "$T/out" <"$T/four" |
    grep -c "DATA=''"; cmp "$T/all" "$T/out" 2>&1)" 4
{
	tcpdump -r "$T/syn" -w - 2>/dev/null
	craft iphlen 8 flags S
	craft proto 17 flags S
	craft cut 30 flags S
	craft hlen 12 flags S
} >"$T/mixed"
is '-v: what is no segment' "$(tcp-show -v <"$T/mixed" 2>&1 >/dev/null)" \
"tcp-show: skip packet 2: ip-header
tcp-show: skip packet 3: not-tcp
tcp-show: skip packet 4: truncated
tcp-show: skip packet 5: tcp-header"
is 'no stream' "$(echo hello, this is no stream | tcp-show 2>&1; echo $?)" \
"tcp-show: read header: not a packet stream (a pcap file header is missing)
1"
is 'a cut record' "$(head -c -3 "$T/syn" | tcp-show 2>&1; echo $?)" \
"tcp-show: read packet 1: the stream ends inside this record
1"
idle <(head -c -3 "$T/syn")
is 'a record that stalls' "$(tcp-show -w 0.2 <&6 2>&1; echo $?)" \
"tcp-show: read stdin: the stream stalls inside a packet
1"
is 'random bytes behind a header' "$({ head -c 24 "$T/syn"
    head -c 100000 /dev/zero | tr '\0' '\377'; } | { tcp-show 2>&1
    echo $?; } | xargs | grep -c 'the stream is damaged 1')" 1
# ---- an MSS of our choice, in the SYN-ACK
said_mss() {
	tcp-craft -s 10.0.0.9:1024 -c 10.0.0.5:80 flags S seq 100 mss 1460 |
	    tcpfsm -T -S 1 -qq "$@" -f LICENSE | tcp-show -q |
	    sed -n "1s/.* MSS='\([0-9]*\)'.*/\1/p"
}
is 'tcpfsm --mss: at most that' "$(said_mss --mss 700)" 700
is 'tcpfsm --mss: not more than the MTU allows' "$(said_mss --mss 9000)" 1460
done_testing
