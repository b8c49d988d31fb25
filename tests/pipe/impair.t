#!/bin/bash
# impair on stored streams, in the time of the packets: what it does to which
# packet is found by tshark and tcpdump, not by us.
. "${0%/*}/../tap.sh"
need tshark tcpdump timeout
scratch
impair=$BIN/impair
python=$(scapy) || skip_all 'no scapy here'

# refuses WHAT STATUS WORDS COMMAND... - one line about it, and this status
refuses() {
	local what=$1 want=$2 words=$3 got
	shift 3
	timeout 10 "$@" >"$T/stdout" 2>"$T/err" <"$T/in"
	got=$?
	is "$what" "$got $(grep -vc '^try: ' "$T/err") $(
	    grep -cE "^impair: .*$words" "$T/err")" "$want 1 1"
}

# Frames 10 ms apart, each with a stamp of its own: two connections, one of
# them v6 in a VLAN, ARP, ND, ping and UDP.
$python - "$T" <<'PY' || exit 1
import sys, struct
from scapy.all import *
t = sys.argv[1]
m = dict(src="02:00:00:00:00:09", dst="02:50:0a:00:00:05")
w = dict(src="02:50:0a:00:00:05", dst="02:00:00:00:00:09")
C, S, C6, S6 = "10.0.0.9", "10.0.0.5", "fd00::9", "fd00::5"
def c4(f, p=40001, **k): return Ether(**m)/IP(src=C, dst=S)/TCP(sport=p, dport=80, flags=f, **k)
def s4(f, p=40001, **k): return Ether(**w)/IP(src=S, dst=C)/TCP(sport=80, dport=p, flags=f, **k)
def c6(f, **k): return Ether(**m)/Dot1Q(vlan=5)/IPv6(src=C6, dst=S6)/TCP(sport=40002, dport=80, flags=f, **k)
def s6(f, **k): return Ether(**w)/Dot1Q(vlan=5)/IPv6(src=S6, dst=C6)/TCP(sport=80, dport=40002, flags=f, **k)
d = Raw(b"data" * 25)
p = [Ether(src=m["src"], dst="ff:ff:ff:ff:ff:ff")/ARP(psrc=C, pdst=S),
  Ether(**w)/ARP(op=2, psrc=S, pdst=C),
  c4("S", seq=100), s4("SA", seq=900, ack=101), c4("A", seq=101, ack=901),
  c6("S", seq=7), s6("SA", seq=8, ack=8), c6("A", seq=8, ack=9),
  c4("PA", seq=101, ack=901)/d, s4("A", seq=901, ack=201),
  s4("A", seq=901, ack=201)/d, s4("A", seq=1001, ack=201)/d, c6("PA", seq=8, ack=9)/d,
  s4("PA", seq=1101, ack=201)/d, c4("A", seq=201, ack=1101), c4("A", seq=201, ack=1201),
  s6("A", seq=9, ack=108)/d, s6("FA", seq=109, ack=108)/d, c6("FA", seq=108, ack=210),
  s6("A", seq=210, ack=109),
  s4("FA", seq=1201, ack=201), c4("FA", seq=201, ack=1202), s4("A", seq=1202, ack=202),
  Ether(**m)/IP(src=C, dst=S)/ICMP(), Ether(**w)/IP(src=S, dst=C)/ICMP(type=0),
  Ether(**m)/IPv6(src=C6, dst=S6)/ICMPv6EchoRequest(),
  Ether(**m)/IPv6(src=C6, dst="ff02::1:ff00:5")/ICMPv6ND_NS(tgt=S6),
  Ether(**m)/IP(src=C, dst=S)/UDP(sport=53, dport=5353)/b"x",
  # the same ends again: a new connection
  c4("S", seq=5000), s4("SA", seq=6000, ack=5001), c4("A", seq=5001, ack=6001),
  c4("PA", seq=5001, ack=6001)/d, s4("RA", seq=6001, ack=5101),
  Ether(type=0x88cc, **m)/b"lldp"]
for i, x in enumerate(p): x.time = 1700000000 + i * 0.01
wrpcap(f"{t}/in", p)
# super-frames: v4 of 4000 bytes with PSH and FIN, v6 with a tag, a bad one, a SYN
big = [Ether(**m)/IP(src=C, dst=S, id=65535, flags="DF")/TCP(sport=40001, dport=80, flags="FPAC", seq=0xfffffff0, options=[("Timestamp", (1, 2))])/Raw(bytes(range(250)) * 16),
  c6("PA", seq=1)/Raw(b"y" * 3001),
  c4("A", seq=1, chksum=1)/Raw(b"bad" * 1000), c4("S", seq=1)/Raw(b"syn" * 1000),
  Ether(**m)/IP(src=C, dst=S)/UDP(sport=1, dport=2)/Raw(b"u" * 3000)]
for i, x in enumerate(big): x.time = 1700000000 + i * 0.01
wrpcap(f"{t}/big", big)
raw = open(f"{t}/in", "rb").read()
open(f"{t}/twice", "wb").write(raw + raw)
many = [c4("A", seq=i)/Raw(b"z" * 1196) for i in range(1000)]
for i, x in enumerate(many): x.time = 1700000000 + i * 0.001
wrpcap(f"{t}/many", many)
PY

# stamps FILE - of its packets
stamps() { tcpdump --nano -tt -nn -r "$1" 2>/dev/null | cut -d ' ' -f 1; }
stamps "$T/in" >"$T/stamps"

# run WORDS... - the output in $T/out, what is said in $T/err
run() { timeout 10 $impair -T -S 7 "$@" <"$T/in" >"$T/out" 2>"$T/err"; }

# gone WORDS... - the input's frame numbers that are not in the output
gone() {
	run "$@"
	stamps "$T/out" | grep -nvxFf - "$T/stamps" | cut -d : -f 1 | xargs
}

# what tshark makes of each frame of the input
tshark -r "$T/in" -T fields -E occurrence=f -e frame.number \
    -e frame.protocols -e tcp.flags.syn -e tcp.flags.ack -e tcp.flags.fin \
    -e tcp.flags.reset -e tcp.len -e ip.src -e ipv6.src -e tcp.srcport \
    -e tcp.dstport -e tcp.seq_raw -e icmpv6.type -e arp.dst.proto_ipv4 \
    >"$T/table" 2>/dev/null

# frames CONDITION [SED] - of the input, in awk; of these the chosen lines
frames() {
	awk -F '\t' '{
		n = $1; arp = $2 ~ /:arp/; udp = $2 ~ /:udp/; tcp = $2 ~ /:tcp/
		icmp = $2 ~ /:icmp/; v6 = $2 ~ /:ipv6/; nd = $13 >= 133
		syn = $3 == 1 || $3 == "True"; ack = $4 == 1 || $4 == "True"
		fin = $5 == 1 || $5 == "True"; rst = $6 == 1 || $6 == "True"
		len = $7 + 0; src = $8 $9; sport = $10; dport = $11; seq = $12
		arp_to = $14
	} '"$1"' { print n }' "$T/table" | sed -n "${2:-p}" | xargs
}

# drops WORDS FILTER [SED]
drops() {
	is "drop $1" "$(gone "drop $1")" "$(frames "$2" "${3:-p}")"
}

run
is 'no word: every packet as it was' \
    "$? $(tcpdump -nn -XX -tt -r "$T/out" 2>/dev/null | md5sum)" \
    "0 $(tcpdump -nn -XX -tt -r "$T/in" 2>/dev/null | md5sum)"

# ---- aimed: each kind
one='(tcp && !v6 && n < 29)'
two='(tcp && v6)'
drops any 1
drops arp 'arp || nd'
drops icmp icmp
drops udp udp
drops tcp tcp
drops syn 'syn && !ack'
drops synack 'syn && ack'
drops ack 'ack && !syn && !fin && !rst && len == 0'
drops data 'len > 0'
drops fin fin
drops rst rst
# ---- ordinals, directions, connections
drops 'data#1 conn 1' "$one && len > 0" 1p
drops 'data#2-3 conn 1' "$one && len > 0" 2,3p
drops 'data#2- conn 2' "$two && len > 0" '2,$p'
drops 'syn#1 conn 3' 'seq == 5000 && syn'
drops 'data from 10.0.0.5' 'len > 0 && src == "10.0.0.5"'
drops 'data#2 from 10.0.0.5:80' 'len > 0 && src == "10.0.0.5"' 2p
drops 'data#1 to :80 conn 1' "$one && len > 0 && dport == 80" 1p
drops 'fin from :80' 'fin && sport == 80'
drops 'any from [fd00::9]:40002 to fd00::5' \
    'src == "fd00::9" && sport == 40002'
drops 'any to :81' 0
drops 'icmp#2 from 10.0.0.9' 0
drops 'arp to 10.0.0.9' 'arp_to == "10.0.0.9"'
is 'two words that aim' "$(gone drop syn#1 drop rst#1)" \
    "$(frames 'rst || (syn && !ack)')"
is 'half of them, by chance' "$(gone 'drop any 50%' | wc -w |
    awk '{ print ($1 > 5 && $1 < 29) }')" 1
run drop any 0%
is 'none of them' "$(stamps "$T/out" | wc -l)" "$(wc -l <"$T/stamps")"
# ---- cut
is 'cut: what follows in the connection, both ways' \
    "$(gone cut 'data#2' conn 1)" "$(frames "$one && n > 11")"
is 'cut for a time' "$(gone cut 'data#2' conn 1 25ms)" \
    "$(frames "$one && n > 11 && n < 14")"
is 'a new connection is not cut' "$(gone cut 'rst')" ''
is 'cut after a time, for a time' "$(gone cut after 50ms 100ms)" \
    "$(frames 'n >= 6 && n < 16')"
is 'cut after a time' "$(gone cut after 300ms)" "$(frames 'n > 30')"
# ---- dup, delay, corrupt
run dup data#1 conn 1
is 'dup: the packet comes twice' "$(stamps "$T/out" | uniq -d)" \
    "$(sed -n 9p "$T/stamps")"
# bytes FRAME - of the output
bytes() { tshark -r "$T/out" -Y "frame.number == $1" -x 2>/dev/null; }
is 'both alike' "$(bytes 9)" "$(bytes 10)"
run delay data#1 conn 1 123ms
is 'delay: its stamp is moved, and stands in its order' \
    "$(stamps "$T/out" | sort -nc 2>&1) $(stamps "$T/out" |
    grep -nvxFf "$T/stamps")" ' 21:1700000000.203000000'
run delay data#1 from 10.0.0.9:40001 1s
is 'and so are two, from both connections' "$(stamps "$T/out" |
    grep -vxFf "$T/stamps" | xargs)" \
    '1700000001.080000000 1700000001.310000000'
bad='tcp.checksum.status == "Bad" || udp.checksum.status == "Bad" ||
    icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad"'
# bads - frames of the output whose checksum is wrong
bads() {
	tshark -r "$T/out" -o tcp.check_checksum:TRUE \
	    -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE -Y "$bad" \
	    -T fields -e frame.number 2>/dev/null | xargs
}
run
is 'no checksum is wrong' "$(bads)" ''
run corrupt data#2 conn 1 csum
is 'corrupt csum: one is' "$(bads)" 11
run corrupt any csum
is 'of TCP, UDP, ICMP and ICMPv6, each one' "$(bads)" \
    "$(frames 'tcp || udp || icmp')"
# the output has nanoseconds: compare with what passes unchanged
run && cp "$T/out" "$T/pass"
changed() { cmp -l "$T/pass" "$T/out" | xargs; }
run corrupt arp#1 bit 0
is 'corrupt bit 0: the highest of the first byte' "$(changed | cut -d ' ' -f 1-3)" \
    "$((24 + 16 + 1)) 377 177"
run corrupt udp#1 bit 15
off=$(($(tshark -r "$T/pass" -T fields -e frame.len 2>/dev/null |
    head -n 27 | awk '{ n += $1 + 16 } END { print n }') + 24 + 16 + 2))
is 'corrupt bit 15: the lowest of the second byte' "$(changed)" \
    "$off 120 121"
run corrupt udp#1 bit 4000000000
is 'a bit behind the end: nothing' "$(changed)" ''
run corrupt udp#1
is 'a random bit: one byte differs' "$(cmp -l "$T/pass" "$T/out" | wc -l)" 1

# ---- models, as a whole: the counts that it tells are what tshark counts
many() { timeout 10 $impair -T -S 3 "$@" <"$T/many" 2>"$T/err" >"$T/out"; }
# said WORD - the number before it in the summary
said() { sed -n "s/.* \([0-9]*\) $1.*/\1/p" "$T/err"; }
many loss 10% duplicate 5% corrupt 2% delay 10ms 3ms
is 'came + duplicated = passed + dropped' \
    "$(($(said passed) + $(said dropped)))" $((1000 + $(said duplicated)))
is 'as many passed as it says' "$(stamps "$T/out" | wc -l)" "$(said passed)"
is 'and are in the order of their stamps' \
    "$(stamps "$T/out" | sort -nc 2>&1)" ''
many corrupt 10%
cp "$T/err" "$T/err-corrupt"
timeout 10 $impair -qT <"$T/many" >"$T/pass"
is 'corrupted by a single bit, as many as it says' \
    "$(cmp -l "$T/pass" "$T/out" | wc -l)" "$(said corrupted)"
many rate 10mbit
is 'rate: a millisecond and a bit more for each 1250 bytes' \
    "$(stamps "$T/out" | tail -n 1)" 1700000001.000000000
many delay 100ms limit 10
is 'limit: 10 at a time, of 1000 in a second' "$(said passed) \
$(said 'lost in a full')" '100 900'
many delay 1s
is 'a time without jitter keeps the gaps' "$(stamps "$T/out" | md5sum)" \
    "$(stamps "$T/many" | awk -F . '{ print $1 + 1 "." $2 }' | md5sum)"
timeout 10 $impair -qT --limit-bytes 20000 delay 100ms <"$T/many" |
    tcpdump -nn -r - 2>/dev/null | wc -l >"$T/count"
is '--limit-bytes: 15 packets of 1250 at a time' \
    "$(awk '{ print ($1 > 140 && $1 < 170) }' "$T/count")" 1

# ---- the same run twice
many loss 10% 20% delay 20ms 5ms distribution normal duplicate 3% corrupt 1%
cp "$T/out" "$T/first"
many loss 10% 20% delay 20ms 5ms distribution normal duplicate 3% corrupt 1%
is 'the same seed: the same bytes' "$(cmp "$T/first" "$T/out" && echo same)" \
    same
words='loss 10% 20% delay 20ms 5ms distribution normal duplicate 3%'
dd bs=7 if="$T/many" 2>/dev/null |
    timeout 20 $impair -qT "seed 3 $words corrupt 1%" >"$T/out"
is 'in pieces of 7 bytes, one word of words, the seed as a word: the same' \
    "$(cmp "$T/first" "$T/out" && echo same)" same
# known on any machine: whole numbers make the distributions
is 'and the same on every machine' "$(md5sum <"$T/first" | cut -c 1-32)" \
    560357514ca13844020437d74c4b936f
timeout 10 $impair -qT -S 4 $words corrupt 1% <"$T/many" >"$T/out"
is 'another seed: other bytes' \
    "$(cmp -s "$T/first" "$T/out" || echo differs)" differs

# ---- save and play
for words in 'loss 20%' 'loss gemodel 5% 30% delay 20ms 10ms' \
    'delay 5ms reorder 30% 50% gap 3 duplicate 10% corrupt 10%' \
    'rate 2mbit loss 5%' 'delay 50ms limit 20 duplicate 20%' \
    'drop data#3-5 dup data#7 delay data#9 77ms corrupt data#11 csum' \
    'dup data dup data loss 30% corrupt data#9-40 corrupt 20%'; do
	# shellcheck disable=SC2086
	many $words save "$T/sched"
	cp "$T/out" "$T/first"
	timeout 10 $impair -qT play "$T/sched" save "$T/again" <"$T/many" \
	    >"$T/out" 2>&1
	is "play repeats: $words" "$? $(cmp "$T/first" "$T/out" &&
	    echo same)" '0 same'
	is 'and saves the same' "$(sed 's/ #.*//' "$T/sched" | tail -n +2 |
	    md5sum)" "$(sed 's/ #.*//' "$T/again" | tail -n +2 | md5sum)"
done
run loss 30% save "$T/sched"
lost=$(stamps "$T/out" | grep -nvxFf - "$T/stamps" | cut -d : -f 1 | xargs)
is 'the remark tells the frame' \
    "$(sed -n 's/.* drop # frame \([0-9]*\) .*/\1/p' "$T/sched" | xargs)" \
    "$lost"
# other ports, other addresses, the same ordinals
printf '%s\n' '1 > data#1 drop' '' '  # a remark' '1 < fin#1 drop # too' \
    '2 < fin#1 dup delay 1s' '3 < rst#1 corrupt 7 delay 2ms' \
    '9 > data#1 drop' >"$T/sched"
is 'play: a schedule by hand' "$(gone play "$T/sched") $(
    stamps "$T/out" | grep -vxFf "$T/stamps" | xargs)" \
    "9 21 33 1700000000.322000000 1700000001.170000000"
is 'how many lines were played' "$(grep -o '4 of 5 lines' "$T/err")" \
    "$(grep -o '4 of 5 lines' "$T/err" || echo '4 of 5 lines')"
# bad NUMBER WORDS LINE... - refused, with this line's number
bad() {
	local number=$1 words=$2
	shift 2
	printf '%b\n' "$@" >"$T/sched"
	refuses "schedule: ${*: -1}" 2 "sched: line $number: .*$words" \
	    $impair -T play "$T/sched"
}
good='1 > data#1 drop'
bad 1 'number of a connection' 'x > data#1 drop'
bad 1 'number of a connection' '0 > data#1 drop'
bad 2 'not a way' "$good" '1 - data#1 drop'
bad 2 'not a packet' "$good" '1 > dat#1 drop'
bad 2 'not a packet' "$good" '1 > data drop'
bad 2 'not a packet' "$good" '1 > data#0 drop'
bad 2 'missing' "$good" '1 > data#2'
bad 3 'missing' "$good" '#' '1 > data#2 # drop'
bad 2 'not drop' "$good" '1 > data#2 lose'
bad 2 'after drop' "$good" '1 > data#2 drop dup'
bad 2 'its unit' "$good" '1 > data#2 delay 3'
bad 2 'its unit' "$good" '1 > data#2 delay'
bad 2 'number of a bit' "$good" '1 > data#2 corrupt x'
bad 2 'bits' "$good" '1 > data#2 corrupt 1 corrupt 2 corrupt 3 corrupt 4 corrupt 5'
bad 2 'copies' "$good" '1 > data#2 dup dup dup dup dup dup dup dup'
bad 3 'same packet as in line 1' "$good" '1 > data#2 drop' "$good"
bad 2 'NUL' "$good" '1 > data#2\0 drop'
bad 1 'not the number' '\033[31m > data#2 drop'
printf '1 > data#1 dr' >"$T/sched"
refuses 'a schedule that ends inside a line' 2 'line 1: .*ends inside' \
    $impair -T play "$T/sched"
refuses 'no such schedule' 2 'No such file' $impair -T play "$T/none"
refuses 'a folder to play' 2 'directory' $impair -T play "$T"
refuses 'no place to save' 2 'No such file' $impair -T save "$T/no/where"
if [ -c /dev/full ]; then
	refuses 'a full disk' 1 'write /dev/full: No space' \
	    $impair -qT drop any save /dev/full
fi

# ---- super-frames
timeout 10 $impair -T <"$T/big" >"$T/out" 2>"$T/err"
# fields FILE FILTER FIELD...
fields() {
	local f=$1 y=$2 a=() x
	shift 2
	for x; do a+=(-e "$x"); done
	tshark -r "$f" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
	    -Y "$y" -T fields "${a[@]}" 2>/dev/null
}
is 'a super-frame is cut to the MTU, the numbers go on' \
    "$(fields "$T/out" 'ip.id >= 65535 || ip.id < 2' ip.len ip.id \
    tcp.seq_raw tcp.flags.str tcp.len | tr -d '·' | head -n 3)" \
    "$(printf '1500\t0x%04x\t%s\t%s\t1448\n' 65535 4294967280 CA \
    0 1432 A
    printf '1156\t0x0001\t2880\tAPF\t1104')"
is 'v6 in a VLAN' "$(fields "$T/out" ipv6 ipv6.plen tcp.seq_raw vlan.id | xargs)" \
    '1460 1 5 1460 1441 5 141 2881 5'
is 'checksums of the pieces are right' "$(fields "$T/out" \
    'frame.number <= 6' tcp.checksum.status ip.checksum.status | xargs)" \
    '1 1 1 1 1 1 1 1 1'
is 'what is no fit segment passes whole' \
    "$(tshark -r "$T/out" -Y 'frame.number > 6' -T fields -e frame.len \
    2>/dev/null | xargs)" "$(tshark -r "$T/big" -Y 'frame.number > 2' \
    -T fields -e frame.len 2>/dev/null | xargs)"
is 'the summary counts them, and those that pass whole' \
    "$(grep -o '[0-9]* super-frame.*MTU' "$T/err")" \
    '2 super-frames split, 3 longer than the MTU'
is 'they are counted and dropped as pieces' \
    "$(timeout 10 $impair -qT drop data#2 conn 1 <"$T/big" |
    tcpdump -nn -r - 'host 10.0.0.5 and greater 1400' 2>/dev/null |
    grep -c 'seq 429496')" 1
is '--mtu 9000: not cut' "$(timeout 10 $impair -qT --mtu 9000 <"$T/big" |
    tcpdump -nn -r - 2>/dev/null | wc -l)" 5
is '--mtu 576' "$(timeout 10 $impair -qT --mtu 576 <"$T/big" |
    tshark -r - -Y 'frame.number == 1' -T fields -e ip.len 2>/dev/null)" 576

# ---- the log and what is said
run -v drop data#1 conn 1 dup ack#1 conn 2 delay fin#1 conn 1 20ms corrupt \
    rst csum
is 'the log: time, ends, event, and the packet in keys' \
    "$(grep ' drop ' "$T/err")" "1700000000.080000000 10.0.0.9:40001 \
10.0.0.5:80 drop why=aimed packet=data#1 conn=1 way=> bytes=154 frame=9"
is 'its events' "$(grep '^[0-9]' "$T/err" | cut -d ' ' -f 4 | xargs)" \
    'start duplicate drop delay corrupt end'
is 'the seed in the first line, the totals in the last' \
    "$(grep -o ' seed=7 ' "$T/err")$(grep -o ' packets=.* no_room=0' "$T/err")" \
    ' seed=7  packets=34 passed=34 dropped=1 duplicated=1 delayed=1 corrupted=1 reordered=0 no_room=0'
rm -f "$T/log"
timeout 10 $impair -T -J -v -l "$T/log" -S 7 loss 30% <"$T/in" >/dev/null \
    2>"$T/err"
if command -v jq >/dev/null; then
	is 'JSON in a file' "$(jq -r 'select(.event == "drop") | .why' \
	    "$T/log" | sort -u) $(wc -l <"$T/err")" 'loss 1'
fi
timeout 10 $impair -q -T <"$T/in" >/dev/null 2>"$T/err"
is '-q: silence' "$(cat "$T/err")" ''
mkfifo "$T/fifo"
$impair -l "$T/ready" seed 5 <"$T/fifo" 2>"$T/err" >"$T/out" &
exec 3>"$T/fifo"
for _ in $(seq 100); do
	[ -s "$T/ready" ] && break
	sleep 0.1
done
cat "$T/in" >&3
kill -USR1 $!
wait_for 10 grep -q passed "$T/err"
exec 3>&-
wait $!
is 'SIGUSR1: a line, and it goes on' "$(grep -c 'passed' "$T/err") $(
    stamps "$T/out" | wc -l)" "2 34"

# ---- live: what waits when the input ends has its time
start=$(date +%s%N)
timeout 10 $impair -q delay 300ms <"$T/in" >"$T/out"
took=$((($(date +%s%N) - start) / 1000000))
is 'live, from a file: all of it, later' "$(stamps "$T/out" | wc -l) $((
    took >= 300))" '34 1'
is 'with stamps that are moved by the delay' "$(stamps "$T/out" | head -n 1)" \
    1700000000.300000000

# ---- more connections than are kept: the one that was silent longest is
# forgotten, and its next packet is its first
for port in 1 2 3 1; do
	tcp-craft -s 10.0.0.9:$port -c 10.0.0.5:80 flags PA data x
done >"$T/three"
for max in 2 3; do
	is "-N $max: the second packet of the first of three connections" \
	    "$($impair -q -N $max -T drop data#2 <"$T/three" | stamps - | wc -l)" \
	    $((6 - max))
done

# ---- streams
is 'streams joined by cat' "$(timeout 10 $impair -qT drop syn <"$T/twice" |
    tcpdump -nn -r - 2>/dev/null | wc -l)" 62
head -c -5 "$T/in" >"$T/cut"
timeout 10 $impair -q delay 50ms <"$T/cut" >"$T/out" 2>"$T/err"
is 'a stream that is cut off: what came before it passes' \
    "$? $(grep -c 'packet 34: the stream ends' "$T/err") $(
    stamps "$T/out" | wc -l)" '1 1 33'
editcap -F nsecpcap -s 60 "$T/in" "$T/short" 2>/dev/null && {
	timeout 10 $impair -T <"$T/short" >"$T/out" 2>"$T/err"
	is 'packets that were captured short are dropped, and counted' \
	    "$(($(stamps "$T/out" | wc -l) + $(said 'captured short')))" 34
}
refuses 'a word that is none' 2 'not a word' $impair los 10%
refuses 'an option behind the words' 2 'before the words' $impair loss 1% -T
refuses 'an option that is none' 2 'unknown option' $impair -x
refuses '-S without a number' 2 'not a number' $impair -S x
done_testing
