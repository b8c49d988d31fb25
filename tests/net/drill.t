#!/bin/bash
# tcp-drill: the catalogue against the kernel's TCP and against our own, and
# what it says when a device, a script or a call is wrong.
. "${0%/*}/../lab.sh"
lab "$@"
need python3

drill() { "$BIN/tcp-drill" -n "$@"; }
ports='--also echo:7 --also discard:9 --also chargen:19 --also http:80'

# ---- scripts, without a network
cat >"$T/wrong.drill" <<'END'
case a/b
  < S 0:0(0) win 65535 <mss >
END
is 'an error in a script is told with line and column' \
    "$("$BIN/tcp-drill" --list "$T/wrong.drill" 2>&1; echo $?)" \
    "tcp-drill: $T/wrong.drill:2:24: options: < S 0:0(0) win 65535 <mss >
2"
for f in 'check $none : x|1:8: no such variable' 'repeat 2 {|1:1: { without }' \
    '}|1:1: } without {' '< S *:*(0)|1:3: a pattern cannot be sent' \
    'within soon > . 1:1(0)|1:8: not a time: 0.2, 200ms' \
    '< icmp *|1:8: a pattern cannot be sent' \
    '> icmp nothing|1:8: words that are not known' \
    '< raw frame 0|1:7: words that are not known' \
    'repeat until $x > 1 {|1:15: no such variable' \
    '> S 0:0(0) <mss 9..>|1:12: options' \
    '< . 1:3(3)|1:4: numbers: END is not SEQ + LEN' \
    'let 1a = 3|1:5: not a name: letters and digits, 15' \
    'check 1 / 0 : x|1:12: division by zero' \
    'sleep 3|1:1: neither a time nor a step' \
    '< . 1:70001(70000)|1:4: a segment has at most 65535 bytes' \
    '< . 1:1(0) pad 70000|1:12: a word behind the options' \
    '< S 0:0(0) win 70000|1:4: a window is at most 65535' \
    'level must|1:1: not MUST, SHOULD, MAY or robustness' \
    'include none|1:9: open '"$T/none: No such file or directory"; do
	echo "${f%|*}" >"$T/w"
	got=$("$BIN/tcp-drill" --list "$T/w" 2>&1)
	got=${got#*"$T/w:"}
	is "told: ${f%|*}" "${got%": ${f%|*}"}" "${f#*|}"
done
is 'every case of the catalogue has title, requirement, level and bug' \
    "$("$BIN/tcp-drill" --print | awk 'NF < 2 &&
	/^(case|title|requirement|finds|level|needs)/' | wc -l)" 0
printf 'case my/own\nfinds nothing\n< S 0:0(0) win 1\n' >"$T/reset.drill"
is "one's own script may be named like one of the catalogue" \
    "$(cd "$T" && "$BIN/tcp-drill" --list reset.drill | cut -d ' ' -f 1)" my/own
printf '%s\n' 'level MUST' 'needs echo' 'case a/usual' '< S 0:0(0) win 1' \
    'case a/own' 'level MAY' 'needs client' '< S 0:0(0) win 1' >"$T/usual.drill"
is 'headers before the first case are of all that do not say otherwise' \
    "$("$BIN/tcp-drill" --list "$T/usual.drill" | tr -s ' ' | sed 's/ $//')" \
    'a/usual MUST echo -
a/own MAY client -'
is 'what --print prints are scripts' \
    "$("$BIN/tcp-drill" --print >"$T/all.drill"
	"$BIN/tcp-drill" --list "$T/all.drill" | cut -c1-32)" \
    "$("$BIN/tcp-drill" --list | cut -c1-32)"

# ---- the kernel, and ours beside it
client python3 "${0%/*}/drill_server.py" >"$T/ready" 2>&1 &
began+=($!)
cat >"$T/serve" <<'END'
#!/bin/sh
case $TCPLOCALPORT in
7) exec cat ;;
9) exec cat >/dev/null ;;
19) exec yes 0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrs ;;
80) while read -r l; do [ ${#l} -le 1 ] && break; done
	printf 'HTTP/1.0 200 OK\r\n\r\n'
	head -c 3000 /dev/zero ;;
esac
END
chmod +x "$T/serve"
(
	(stage rawcap ip netns exec client rawcap -q -a 10.0.0.6 eth0) |
	    (stage tcpfsm tcpfsm -q -a 10.0.0.6 -p 7 -p 9 -p 19 -p 80 -d 0 \
		-e "$T/serve" -l "$T/log") |
	    (stage rawinject ip netns exec client rawinject -q eth0)
) &
began+=($!)
(stage arp ip netns exec client arp-phantom -n eth0 10.0.0.6) &
began+=($!)
in_client() {
	[ "$(client awk 'NR > 1' /proc/net/packet | wc -l)" -ge 3 ]
}
wait_for 20 grep -q ready "$T/ready" && wait_for 20 in_client || exit 1

cat >"$T/get" <<'END'
#!/bin/sh
case $DRILL_ADDR in *:*) DRILL_ADDR="[$DRILL_ADDR]" ;; esac
exec ip netns exec client curl -gs -m 30 "http://$DRILL_ADDR:$DRILL_PORT/"
END
cat >"$T/own-get" <<'END'
#!/bin/sh
ip netns exec client rawcap -q -a 10.0.0.7 eth0 |
    tcpfsm -q -l /dev/null -c "$DRILL_ADDR:$DRILL_PORT" -s 10.0.0.7 \
    -f "${0%/*}/request" -o /dev/null |
    ip netns exec client rawinject -q eth0
END
printf 'GET / HTTP/1.0\r\n\r\n' >"$T/request"
chmod +x "$T/get" "$T/own-get"

# shellcheck disable=SC2086
{
	drill -w 30 --listen 10.0.0.30:80 -j 12 --profile linux eth0 \
	    --trigger "$T/get" >"$T/client4" 2>&1 &
	ce=$!
	drill -w 30 --listen '[fd00::30]:80' -j 12 --profile linux eth0 \
	    --trigger "$T/get" >"$T/client6" 2>&1 &
	cf=$!
	drill -w 30 --listen 10.0.0.31:80 -j 4 --profile tcphantom eth0 \
	    --trigger "$T/own-get" >"$T/own-client" 2>&1 &
	cg=$!
	drill -s 10.0.0.64/26 -j 62 --profile linux $ports eth0 10.0.0.9:7 \
	    --html "$T/all.html" --text "$T/all.txt" >"$T/kernel" 2>&1 &
	a=$!
	drill -s fd00::64/122 -j 62 --profile linux $ports eth0 '[fd00::9]:7' \
	    >"$T/kernel6" 2>&1 &
	b=$!
	drill -s 10.0.0.128/26 -j 62 --profile tcphantom $ports eth0 \
	    10.0.0.6:7 >"$T/own" 2>&1 &
	c=$!
	rawcap -q -a 10.0.0.208/28 eth0 |
	    drill -s 10.0.0.208/28 -j 14 -g 02:00:00:00:00:09 --profile linux \
		--service echo --also chargen:19 --only 'send/*' \
		--only 'sack/*' --only icmp/path-mtu -o "$T/stream" - \
		10.0.0.9:7 2>/dev/null | rawinject -q -1 eth0 &
	e=$!
}
wait $a
is 'the kernel, IPv4: no case fails' \
    "$? $(grep -c '^not ok' "$T/kernel")" "0 0"
wait $b
is 'the kernel, IPv6: no case fails' \
    "$? $(grep -c '^not ok' "$T/kernel6")" "0 0"
wait $e
is 'the kernel, over a stream of joined segments: that is seen' \
    "$(grep -c '^# segments are joined' "$T/stream")" 1
is 'and no case fails' "$(grep -c '^not ok' "$T/stream") \
$(grep -c '^# .* 0 fail' "$T/stream")" '0 1'
wait $c
is 'our own engine: no case fails' "$? $(grep -c '^not ok' "$T/own")" "0 0"
for f in kernel kernel6 own; do
	grep -A 30 '^not ok' "$T/$f" | diag
	ok "$f: nearly all cases were asked" \
	    [ "$(grep '^ok' "$T/$f" | grep -vc SKIP)" -ge 195 ]
done

is 'reports by RFC, as text and as a page: a row for each requirement' \
    "$(grep -c '^  ' "$T/all.txt") $(grep -c '^<tr class' "$T/all.html")" \
    "$("$BIN/tcp-drill" --list | grep -v ' client' | grep -o RFC | wc -l |
	sed 's/.*/& &/')"
is 'numbers in their order, each RFC with its counts' \
    "$(sed -n 's/^\(RFC [0-9]*\): [0-9]* pass.*/\1/p' "$T/all.txt" |
	sort -c -k 2n 2>&1; awk '/^RFC/ { on = $2 == "9293:" }
	    on && $1 ~ /^MUST-(3|11)$/ { print $1 }' "$T/all.txt" | uniq)" \
    "MUST-3
MUST-11"

wait $ce
is 'the kernel as the client, IPv4: no case fails' \
    "$? $(grep -c '^not ok' "$T/client4")" "0 0"
wait $cf
is 'the kernel as the client, IPv6: no case fails' \
    "$? $(grep -c '^not ok' "$T/client6")" "0 0"
wait $cg
is 'our own engine as the client: no case fails' \
    "$? $(grep -c '^not ok' "$T/own-client")" "0 0"
for f in client4 client6 own-client; do
	grep -A 30 '^not ok' "$T/$f" | diag
	ok "$f: nearly all cases were asked" \
	    [ "$(grep '^ok' "$T/$f" | grep -vc SKIP)" -ge 78 ]
done

# ---- a device that does not connect
drill -w 0.3 --listen 10.0.0.32:80 --trigger 'echo tried >&2' -v eth0 \
    >"$T/got" 2>&1
is 'the trigger makes nothing connect' "$? $(grep -v frames "$T/got")" \
    "1 tried
tcp-drill: wait for a SYN to port 80: none has come after the trigger: does it\
 reach the device? -w waits longer, -v shows what it writes"
drill --listen 10.0.0.32:80 -w 0.5 -n eth0 --only client/handshake \
    --trigger "test -e $T/once || { touch $T/once; exec $T/get; }" >"$T/got"
is 'a device that connects only once: a verdict, and an end' \
    "$? $(grep -c 'the device has not connected after the trigger' "$T/got")" \
    '1 1'
is 'no trigger is left' "$(pgrep -f "$T/get")" ''

# ---- a case that fails, from a single address
cat >"$T/my.drill" <<'END'
case my/wrong
title a SYN-ACK acknowledges something else
requirement RFC0000
level MUST
finds nothing
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 2
case my/right
< S 0:0(0) win 65535 <mss 1460>
> S. 0:0(0) ack 1
case my/needs
needs chargen
< S 0:0(0) win 65535 <mss 1460>
END
drill -S 7 -s 10.0.0.77 -W "$T/pcap" --junit "$T/junit" --html "$T/html" \
    --text "$T/text" eth0 10.0.0.9:7 "$T/my.drill" >"$T/got"
is 'a failure: status 1' $? 1
is 'a failure: results, requirement, expected and got' \
    "$(grep -E '^(1\.|# seed|ok|not ok|# MUST|#   )' "$T/got" |
	sed -E 's/ win [0-9]+ .*//; s/ \+[0-9.]+/ TIME/; s/^# +[0-9.]+ /# TIME /')" \
    "1..3
# seed 7
not ok 1 - my/wrong
# MUST, RFC0000
#   expected: > S. 0:0(0) ack 2
#   got:      TIME > S. 0:0(0) ack 1
# TIME -->    S 0:0(0)
# TIME    <-- S. 0:0(0) ack 1
# TIME -->    R. 1:1(0) ack 1 win 65535
ok 2 - my/right
ok 3 - my/needs # SKIP needs chargen"
is 'JUnit: well-formed, and the same results' "$(python3 - "$T/junit" <<'END'
import sys, xml.etree.ElementTree as x
r = x.parse(sys.argv[1]).getroot()
print(r.get("tests"), r.get("failures"), r.get("skipped"),
    r[0].find("failure").get("message"))
END
)" '3 1 1 a SYN-ACK acknowledges something else'
is 'HTML: a row each' "$(grep -c '^<tr class' "$T/html")" 3
is 'the report as text' "$(sed 's/  *$//' "$T/text")" \
    "TCP of 10.0.0.9
pass: 1, fail: 1, skip: 1, unstable: 0, deviation: 0

RFC 0000: 1 fail
               MUST       fail      my/wrong

of no RFC: 1 pass, 1 skip
               robustness pass      my/right
               robustness skip      my/needs: needs chargen"
is 'the packets were recorded: each SYN, with three tries of the failure' \
    "$("$BIN/tcp-show" <"$T/pcap" | grep -c "FLAGS='S' ")" 5

# ---- the cases that the page explains
awk '/^\.Sh/ { on = $2 == "EXAMPLES" } !on { next } /^\.Ed/ { block = 0 }
    block; /^\.Bd/ { block = 1 }' man/tcp-drill.5 >"$T/page.drill"
# shellcheck disable=SC2086
drill -s 10.0.0.192/29 $ports eth0 10.0.0.9:7 "$T/page.drill" >"$T/got"
is 'the cases of tcp-drill(5) pass' "$? $(grep -c '^ok [0-9] - my/[a-z-]*$' "$T/got")" \
    "0 $(($(grep -c ^case "$T/page.drill") - $(grep -c '^needs client' "$T/page.drill")))"
drill --listen 10.0.0.33:80 --trigger "$T/get" eth0 "$T/page.drill" >"$T/got"
is 'and those for a client' "$? $(grep -c '^ok [0-9] - my/[a-z-]*$' "$T/got")" \
    "0 $(grep -c '^needs client' "$T/page.drill")"

# ---- scripts of the engine's own tests
drill -s 10.0.0.77 eth0 10.0.0.9:9 tests/pkt/ooo/dupacks.pkt \
    tests/pkt/ooo/no-sack-agreed.pkt tests/pkt/close/abort-at-fin.pkt \
    >"$T/pkt" 2>&1
is 'scripts of the engine run, but for those that ask its application' \
    "$? $(grep 'ok [0-9] ' "$T/pkt")" \
    "0 ok 1 - dupacks.pkt
ok 2 - no-sack-agreed.pkt
ok 3 - abort-at-fin.pkt # SKIP asks the engine's application, not a device"

# ---- devices that are not there
drill -w 0.3 -s 10.0.0.77 eth0 10.0.0.200:80 >"$T/got" 2>&1
is 'nobody has the address' "$? $(cat "$T/got")" \
    "1 tcp-drill: resolve 10.0.0.200: no answer"
drill -s 10.0.0.77 eth0 10.0.0.9:4 >"$T/got" 2>&1
is 'nobody listens' "$? $(cat "$T/got")" \
    "1 tcp-drill: connect to port 4: the device refuses"
done_testing
