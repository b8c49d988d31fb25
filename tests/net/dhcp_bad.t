#!/bin/bash
# dhcp-lease and servers that lie, refuse, forget and offer what is not
# theirs.
. "${0%/*}/../lab.sh"
LAB_UID=1000 # for tcpdump
lab "$@"
need tshark
[ -x /usr/bin/python3 ] || skip_all 'no /usr/bin/python3 here'
lease() { timeout 30 dhcp-lease "$@" 2>"$T/err"; }
(exec ip netns exec client tcpdump -U --immediate-mode -n -i eth0 \
    -w "$T/pcap" 2>"$T/tcpdump.err") &
dump=$!
began+=("$dump")
wait_for 10 grep -q 'listening on' "$T/tcpdump.err"
(exec ip netns exec client /usr/bin/python3 "$ROOT/tests/net/dhcp_server.py" \
    >"$T/log" 2>"$T/server.err") &
began+=($!)
wait_for 10 grep -q ready "$T/log" || diag <"$T/server.err"
log() { grep "^$1 " "$T/log" | cut -d ' ' -f 2-; }

client ip addr add 10.0.0.51/32 dev lo
(exec dhcp-lease -H taken eth0 >"$T/taken" 2>&1) &
taken=$!
began+=("$taken")

lease -n -H liar eth0 >"$T/out"
is 'lies are passed over, options joined from three fields' \
    "$?$(sed -n 's/^ADDR=//p; s/^PREFIX=//p; s/^DNS=//p' "$T/out" | tr '\n' ' ')" \
    "010.0.0.60  '10.0.0.7' "
is 'what a shell or a terminal would obey is quoted' \
    "$(grep DOMAIN "$T/out")$(unset EVIL; eval "$(cat "$T/out")"; echo "${EVIL-}")" \
    "DOMAIN='a?EVIL=1?[2J'\\''; \$(echo) \`x\` \"'"
lease -n -w 2.5 -H nak eth0 >"$T/out"
is 'NAK: from the beginning; exit 1 when time is up' \
    "$? $(cat "$T/out" "$T/err")" \
    '1 dhcp-lease: get a lease: refused by the server: go ?[31maway'
lease -n -w 2 -H nak-once eth0 >"$T/out"
is 'NAK, and then silence: that it was refused is told' \
    "$? $(cat "$T/out" "$T/err")" \
    '1 dhcp-lease: get a lease: refused by the server'
is 'it has begun again' "$(($(log nak | grep -c discover) > 1))" 1
lease -n -w 2 -H broken eth0 >"$T/out"
is 'a malformed offer: exit 1' "$? $(cat "$T/out" "$T/err")" \
    '1 dhcp-lease: get a lease: an answer cannot be used: an option exceeds its field'
lease -n -w 2 -H nameless eth0 >"$T/out"
is 'an offer without server: exit 1, and why' \
    "$? $(cat "$T/out" "$T/err")" \
    '1 dhcp-lease: get a lease: OFFER of 10.0.0.60 cannot be used: the server identifier is missing'
lease -n -H odd eth0 >"$T/out"
is 'empty, short, long and doubled options are taken as others do' \
    "$?$(sed -n 's/^ADDR=//p; s/^PREFIX=//p; s/^ROUTER=//p; s/^DNS=//p
    s/^SERVER=//p; s/^LEASE=//p' "$T/out" | tr '\n' ' ')" \
    "010.0.0.60  '' '10.0.0.7' 10.0.0.9 3600 "
lease -n -H values eth0 >"$T/out"
is 'a mask with holes, an MTU of 67: empty, and a word for each' \
    "$? $(grep -E '^(PREFIX|MTU)=' "$T/out") $(cat "$T/err")" '0 PREFIX=
MTU= dhcp-lease: PREFIX stays empty: 255.0.255.0 is no mask
dhcp-lease: MTU stays empty: 67 is less than 68'
lease -n -q -H values eth0 >"$T/out"
is '-q: not a word' "$? $(cat "$T/err")" '0 '
lease -n -H two eth0 | grep -q ADDR=10.0.0.60
is 'two offers: the first is taken' "$?" 0
is 'and its server named' "$(log two)" \
    'discover 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0
request 0.0.0.0 0.0.0.0 10.0.0.60 10.0.0.9'
lease -k -n -w 2 -H timers eth0 >"$T/out"
is 'lost: exit 1' "$? $(tail -n 1 "$T/err")" \
    '1 dhcp-lease: get a lease: no answer from a DHCP server'
is 'a lease, and once renewed' "$(grep -c ADDR=10.0.0.60 "$T/out")" 2
is 'renewed of the server, rebound of all, begun again' \
    "$(log timers | awk 'NR < 7')" \
    'discover 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0
request 0.0.0.0 0.0.0.0 10.0.0.60 10.0.0.9
request 10.0.0.60 10.0.0.60 0.0.0.0 0.0.0.0
request 10.0.0.60 10.0.0.60 0.0.0.0 0.0.0.0
request 10.0.0.60 10.0.0.60 0.0.0.0 0.0.0.0
discover 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0'
is 'and it says so' "$(head -n 1 "$T/err")" \
    'dhcp-lease: lose 10.0.0.60: the server refuses to renew'

wait_for 25 gone $taken
is 'an address that somebody has is declined, and another one taken' \
    "$(sed -nE 's/^(taken|-) //p' "$T/log")$(sed -n 1p "$T/taken")" \
    'discover 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0
request 0.0.0.0 0.0.0.0 10.0.0.51 10.0.0.9
decline 0.0.0.0 0.0.0.0 10.0.0.51 10.0.0.9
discover 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0
request 0.0.0.0 0.0.0.0 10.0.0.60 10.0.0.9ADDR=10.0.0.60'

# --- what has been on the wire
stop "$dump"
tshark -r "$T/pcap" -o udp.check_checksum:TRUE -o ip.check_checksum:TRUE \
    -Y 'eth.src[0:2] == 02:50' -T fields -E separator='|' -e udp.srcport \
    -e eth.dst -e dhcp.option.dhcp -e ip.dst -e _ws.expert.message \
    >"$T/frames" 2>/dev/null
is 'tshark: no checksum is wrong, nothing malformed' \
    "$(grep -ciE 'checksum|malformed' "$T/frames")" 0
is 'tshark: a renewal is unicast' "$(grep -c \
    '^68|02:00:00:00:00:09|3|10.0.0.9|' "$T/frames")" 2

# --- kept in a file
(exec dhcp-lease -k -n -q -H kept -o "$T/kept" eth0 2>"$T/err") &
kept=$!
began+=("$kept")
renewed() { [ "$(log kept | grep -c request)" -ge 4 ]; }
ok '-k: it renews the lease' wait_for 15 renewed
ok '-o: in the file is the renewed lease' \
    wait_for 5 grep -q "^DOMAIN=''" "$T/kept"
stop $kept
is 'and no other one' "$(cut -d = -f 1 "$T/kept" | sort | uniq -c |
    awk '{ print $1 }' | sort -u) $(wc -l <"$T/kept") $(tail -n 1 "$T/kept" |
    grep -c '^EXPIRES=[0-9]*$')" '1 15 1'

done_testing
