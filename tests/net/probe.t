#!/bin/bash
# A scan leaves its trace: a line for each source and kind in ten seconds, of
# tcpfsm and icmp-phantom, in phantom's log and on its screen.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap nc
phantom_up -n -p 80 -f examples/resp.txt -l "$T/log" eth0 10.0.0.64/28 \
    fd00::40/124
scan() {
	client timeout 60 nmap -n --max-retries 0 -T5 --disable-arp-ping "$@" \
	    >/dev/null 2>"$T/nmap"
}
client sh -c "sleep 60 | nc 10.0.0.75 80 >/dev/null" &
began+=($!)
scan -Pn -sS -p 1-100 10.0.0.65-68
for s in F N X A; do
	scan -Pn -s$s -p 75-90 10.0.0.70
done
scan -Pn -sM -p 80 10.0.0.71
scan -Pn -sU -p 9,200-219 10.0.0.72
scan -sn 10.0.0.73 # and a SYN to 443, an ACK to 80
scan -6 -Pn -sS -p 443,80 fd00::41
client ping -c 3 -i 0.2 -W 1 fd00::42 >/dev/null
end=$SECONDS
sees() { grep -q "^probes: 10.0.0.9 to 5 hosts: 397 syn, ports 1-79,81-100,443$" \
    "$T/said"; }
wait_for 15 sees
is 'the screen: in ten seconds, by itself' \
    "$? $((SECONDS - end < 12))" '0 1'
is 'a connection that is held is told while it is' "$(wait_for 5 eval \
    '[ "$(grep -c "10.0.0.75:80: open for 10 s$" "$T/said")" = 1 ]'; echo $?)" 0
stop $ph

# lines KIND REMOTE - without times, all of them together
lines() {
	awk -v k="kind=$1" -v r="$2" '$4 == "probe" && $5 == k && $3 == r {
		print $2, $6, $7, $8 ~ /^nports/ ? $9 : "" }' "$T/log" | xargs
}
is 'SYN to closed ports of hosts: one line' "$(lines syn 10.0.0.9 |
    xargs -n 4 | head -n 1)" '- count=397 hosts=5 ports=1-79,81-100,443'
is 'half-open: SYN, and RST on the SYN-ACK' "$(lines half-open 10.0.0.9)" \
    '- count=4 hosts=4 ports=80'
for k in fin null xmas; do
	is "$k, to open and closed ports" "$(lines $k 10.0.0.9)" \
	    '10.0.0.70 count=16 hosts=1 ports=75-90'
done
is 'ACK; FIN and ACK, too' "$(lines ack 10.0.0.9 | grep -c \
    'ports=75-90\|count=17 hosts=2 ports=75-90')" 1
is 'UDP' "$(lines udp 10.0.0.9)" \
    '10.0.0.72 count=21 hosts=1 ports=9,200-219'
is 'ping of nmap -sn' "$(lines ping 10.0.0.9)" '10.0.0.73 count=1 hosts=1'
is 'and its timestamp request' "$(lines timestamp 10.0.0.9)" \
    '10.0.0.73 count=1 hosts=1'
is 'IPv6: a closed port' "$(lines syn fd00::9)" \
    'fd00::41 count=1 hosts=1 ports=443'
is 'IPv6: an open one' "$(lines half-open fd00::9)" \
    'fd00::41 count=1 hosts=1 ports=80'
is 'IPv6: ping' "$(lines ping fd00::9)" 'fd00::42 count=3 hosts=1'
is 'few lines in all' "$(awk '$4 == "probe"' "$T/log" | wc -l |
    awk '{ print ($1 < 25) }')" 1
is 'first and last' "$(awk '$4 == "probe" && $5 == "kind=ping" &&
    $3 == "fd00::9" { sub(/^.* first=/, ""); split($0, t, " last=")
    print (t[2] - t[1] > 0.3 && t[2] - t[1] < 5) }' "$T/log")" 1

if have fail2ban-regex; then
	# bans - whom the filter matches, and at what time
	fail2ban-regex --out '<ip> <time>' "$T/log" \
	    examples/fail2ban-filter.conf >"$T/bans" 2>"$T/f2b"
	is 'fail2ban: its filter names who has scanned' \
	    "$(cut -d ' ' -f 1 "$T/bans" | sort -u | xargs)" \
	    '10.0.0.9 fd00::9'
	is 'each scan once' "$(wc -l <"$T/bans")" "$(awk '$4 == "probe" &&
	    $5 ~ /=(syn|half-open|fin|null|xmas|odd|udp)$/' "$T/log" | wc -l)"
	is 'at its time' "$(cut -d ' ' -f 2 "$T/bans" | sort -u | head -n 1 |
	    cut -c 1-10)" "$(awk '$4 == "probe" && $3 != "-" { print int($1)
		exit }' "$T/log")"
else
	skip 'fail2ban: its filter' fail2ban
fi

# ---- more ports than the screen shows: where the last comma is, they decide
phantom_up -n -p 80 -f examples/resp.txt eth0 $V4
scan -Pn -sS -p "1,$(seq -s , 1000 2 1040)" $V4
stop $ph
is 'a long list of ports ends with a whole one' \
    "$(grep -ac ' ports 1,1000,.*,1018,1020,\.\.\.$' "$T/said")" 1
done_testing
