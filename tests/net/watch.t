#!/bin/bash
# For those who watch a net of hosts: one line a session has all of it, and a
# SIEM gets objects that jq takes, whatever strangers send.
. "${0%/*}/../lab.sh"
lab "$@"
need jq nc nmap socat
printf 'login: ' >"$T/banner"
cat >"$T/net.conf" <<'END'
default  tcp closed
host 10.0.0.5
    tcp 22    command 'read x; echo "no: $x"'
    tcp 23    file banner
include more.conf
END
cat >"$T/more.conf" <<'END'
host 10.0.0.6
    tcp open
END
mkdir "$T/dir"
phantom_up -n -J --hosts "$T/net.conf" -l "$T/log" \
    --said "$T/dir" eth0
# hostile - bytes that break JSON where they are not escaped
hostile() { printf '"\\\n\r\t\0\377\303{}\033[31m\n'; }
said() { client socat -T 20 -t 20 - "$1"; }
hostile | said TCP:10.0.0.5:22 >/dev/null
hostile | said TCP:10.0.0.5:23 >/dev/null
echo x | said TCP:10.0.0.6:99 >/dev/null
client nmap -n -Pn -sS -p 1-20 10.0.0.5 >/dev/null 2>&1
closes() { [ "$(grep -c '"event":"close"' "$T/log")" = 3 ]; }
wait_for 10 closes
stop $ph

# session PORT KEYS - of the session's line
session() { jq -r "select(.event == \"close\" and
	(.local | endswith(\":$1\"))) | $2" "$T/log"; }
is 'a command: its line in the file' \
    "$(session 22 '"\(.service) \(.line)"')" "command $T/net.conf:3"
is 'a file' "$(session 23 '"\(.service) \(.line)"')" "file $T/net.conf:4"
is 'a host whose ports are open, of a file that is included' \
    "$(session 99 '"\(.service) \(.line)"')" "open $T/more.conf:2"
is 'bytes of both directions, how it ended' \
    "$(session 23 '"\(.received) \(.sent) \(.how) \(.retransmits)"')" \
    '16 7 fin 0'
hostile >"$T/want"
is 'what was said, byte for byte' \
    "$(md5 "$T/dir/$(session 23 .said)")" "$(md5 "$T/want")"
is 'a file a session, which nobody else may read' \
    "$(stat -c %a "$T/dir"/* | xargs)" '600 600 600'
is 'it began before it ended' \
    "$(session 23 '.time >= .begin and .time - .begin < 9')" true
"$ROOT/examples/siem" <"$T/log" >"$T/siem" 2>"$T/jq"
is 'examples/siem: every line is an object' \
    "$(jq -s 'map(type) | unique | join(" ")' "$T/siem") $(cat "$T/jq")" \
    '"object" '
is 'a session' "$(jq -r 'select(.destination.port == 23) |
	[.event.action, .event.outcome, .source.ip, .source.bytes,
	.destination.bytes, .tcphantom.line] | join(" ")' "$T/siem" |
	head -n 1)" "session fin 10.0.0.9 16 7 $T/net.conf:4"
is 'a scan' "$(jq -r 'select(.event.action == "scan") | .tcphantom.kind' \
    "$T/siem" | sort -u)" syn
is 'no byte that is not ASCII' "$(LC_ALL=C grep -c '[^ -~]' "$T/siem")" 0
done_testing
