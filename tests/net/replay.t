#!/bin/bash
# tcpfsm -r: conversations of real programs are recorded, then each side is
# played to the real program at the other end; where a peer differs is told;
# what cannot be played is refused with the reason.
LAB_UID=1000
. "${0%/*}/../lab.sh"
lab "$@"
need python3 curl tcpdump editcap
SERVER=10.0.0.9 ME=10.0.0.7
listening() { client ss -Hltn "sport = :$1" | grep -q .; }
# key EVENT KEY - of the last such line
key() { grep " $1 " "$T/log" | tail -n 1 | grep -o " $2=[^ ]*" | cut -d = -f 2-; }
reason() { sed -n 's/^tcpfsm: //p' "$T/err"; }
fins() { tcpdump -r "$1" 'tcp[13] & 1 != 0' 2>/dev/null | wc -l; }

# record FILE COMMAND... - the packets of a real client at a real server
record() {
	local file=$1 pid
	shift
	ip addr add 10.0.0.1/24 dev eth0
	rm -f "$T/tcpdump.err"
	tcpdump -i eth0 -w "$file" -U tcp 2>"$T/tcpdump.err" &
	pid=$!
	wait_for 10 grep -q listening "$T/tcpdump.err"
	timeout 20 "$@" >"$T/said" 2>&1 </dev/null
	wait_for 10 eval "[ \$(fins $file) -ge 2 ]"
	sleep 0.1 # for the last ACK
	stop $pid INT
	ip addr del 10.0.0.1/24 dev eth0
}

# play CAPTURE TCPFSM'S ARGUMENTS... - the client's side, to a real server
play() {
	local c=$1
	shift
	rm -f "$T/log" "$T/got"
	rawcap -a $ME eth0 2>/dev/null |
	    timeout 30 tcpfsm -l "$T/log" -o "$T/got" -r "$c" -s $ME "$@" \
		2>"$T/err" | rawinject -q eth0
	return "${PIPESTATUS[1]}"
}
# played - what the last one has told, for a test that has failed
played() { grep -v ' segment ' "$T/log" | cat "$T/err" - | diag; }
closed() { grep -q ' close ' "$T/log"; }
# served COMMAND... - a real client; how it ended at the server's side
served() {
	"$@" >"$T/said" 2>&1 </dev/null
	wait_for 10 closed
	phantom_end
	echo "$(key close how) $(key close differs)"
}

# ---- HTTP: http.server of Python and curl
mkdir "$T/www" && head -c 300000 /dev/urandom >"$T/www/big"
begin client python3 -m http.server -d "$T/www" -b $SERVER 8000 >/dev/null 2>&1
wait_for 20 listening 8000
record "$T/http.pcap" curl -s http://$SERVER:8000/big
phantom -p 80 -r "$T/http.pcap"
is "HTTP: the server's side to curl, all as recorded" "$(
	served client curl -s --max-time 20 -o "$T/got" \
	    -H "Host: $SERVER:8000" http://$V4/big) $(md5 "$T/got")" \
    "fin 0 $(md5 "$T/www/big")"
is 'the log tells which conversation it is' "$(awk '$4 == "replay" {
	print $2, $5, $6, $7 }' "$T/log")" "$SERVER:8000 side=server stream=0 of=1"
phantom -p 80 -d 0.3 -r "$T/http.pcap"
is "a client that asks otherwise is answered all the same" "$(
	served client curl -s --max-time 20 -o "$T/got" \
	    http://$V4:80/big) $(md5 "$T/got")" "fin 1 $(md5 "$T/www/big")"
# GET /big HTTP/1.1\r\nHost: 10.0.0.9:8000, and .5
is 'the first byte of its that differs, at its offset; and the totals' \
    "$(grep -o 'offset=.*' "$T/log") $(key end differ)" \
    'offset=32 recorded=32 got=0x35 want=0x39 1'
play "$T/http.pcap" -c $SERVER:8000
r=$?
# the answer's Date is of the second, and what may differ
is "HTTP: the client's side to the real server" \
    "$(tail -c 300000 "$T/got" | md5) $((r == $(key close differs)))" \
    "$(md5 "$T/www/big") 1"
printf 'HTTP/1.0 200 OK\r\nServer: NOT' >"$T/other"
begin client socat TCP4-LISTEN:8001,fork,reuseaddr SYSTEM:"head -c 20 >&2;
    cat $T/other" 2>/dev/null
wait_for 10 listening 8001
play "$T/http.pcap" -c $SERVER:8001
is 'another server: what it says first otherwise, exit 1' \
    "$? $(grep -o 'offset=.*' "$T/log")" \
    '1 offset=25 recorded=25 got=0x4e want=0x53'
is 'in words' "$(reason)" "$SERVER port 8001: it sent other data than \
was recorded, first at offset 25"
play "$T/http.pcap" -c $SERVER:8002
is 'nobody there' "$? $(reason)" "1 connect to $SERVER port 8002: refused"
# the server of port 8000 has one address only
client ip addr add 10.0.0.8/24 dev eth0
rawcap -a $ME eth0 2>/dev/null |
    timeout 30 tcpfsm -qq -r "$T/http.pcap" --all -s $ME -c 10.0.0.8 \
	2>"$T/err" | rawinject -q eth0
is '--all: the recorded port is named' \
    "$(grep -o 'connect to.*' "$T/err")" 'connect to 10.0.0.8 port 8000: refused'

# ---- SMTP: who speaks first is the server; a dozen turns
if python3 -W ignore -c 'import smtpd' 2>/dev/null; then
	begin client python3 -W ignore -m smtpd -n -c DebuggingServer \
	    $SERVER:2525 >/dev/null 2>&1
	wait_for 20 listening 2525
	printf 'Subject: a ghost\r\n\r\nBoo.\r\n' >"$T/mail"
	mail() {
		"${@:2}" curl -s --max-time 20 "smtp://$1/there" -T "$T/mail" \
		    --mail-from a@example.com --mail-rcpt b@example.com
	}
	record "$T/smtp.pcap" bash -c "$(declare -f mail); T=$T
	    mail $SERVER:2525"
	ok 'SMTP has been recorded' [ "$(tcpdump -A -r "$T/smtp.pcap" \
	    2>/dev/null | grep -c 'QUIT\|221 Bye')" = 2 ]
	play "$T/smtp.pcap" -c $SERVER:2525
	is "SMTP: the client's side to the real server" \
	    "$? $(key close how) $(key close differs) $(grep -c 221 "$T/got")" \
	    '0 fin 0 1' || played
	phantom -p 25 -r "$T/smtp.pcap"
	is "and the server's side to curl" "$(served mail $V4:25 client)" 'fin 0'
	sed -i 's/Boo\./Bah!/' "$T/mail"
	phantom -p 25 -r "$T/smtp.pcap"
	is 'another letter: one turn differs, the rest is as recorded' \
	    "$(served mail $V4:25 client) $(key differ got) $(key differ want)" \
	    "fin 1 0x61 0x6f"
else
	skip SMTP 'module smtpd of python3'
fi

# ---- Redis
if have redis-server redis-cli; then
	begin client redis-server --bind $SERVER --port 6379 --save '' \
	    --dir "$T" --protected-mode no >/dev/null 2>&1
	wait_for 20 listening 6379
	# given commands on stdin it asks for help texts, too, and these come
	# in another order each time
	ask() { "${@:2}" redis-cli -h "$1" -r 4 incrby n 5; }
	record "$T/redis.pcap" bash -c "$(declare -f ask); ask $SERVER"
	client redis-cli -h $SERVER del n >/dev/null
	play "$T/redis.pcap" -c $SERVER:6379
	is "Redis: the client's side to the real server" \
	    "$? $(key close how) $(key close differs)" '0 fin 0' || played
	phantom -p 6379 -r "$T/redis.pcap"
	is "and the server's side to redis-cli" "$(served ask $V4 client) $(
		xargs <"$T/said")" 'fin 0 5 10 15 20'
	play "$T/redis.pcap" -c $SERVER:6379
	is 'a server that remembers: 25, 30, 35, 40; each turn is compared anew' \
	    "$? $(key close differs) $(grep -o 'recorded=.*' "$T/log" |
		cut -d ' ' -f 2- | xargs)" "1 4 got=0x32 want=0x35 \
got=0x33 want=0x31 got=0x33 want=0x31 got=0x34 want=0x32"
else
	skip Redis redis-server
fi

# ---- both sides by us, without a network
# ring ARGUMENTS... - exit status of the client
loss=3% to=10.0.0.5:80
ring() {
	local status
	rm -f "$T"/{to,from,log,clog,out}
	mkfifo "$T/to" "$T/from"
	# the client may end first: a server whose reader has gone ends, too,
	# and would not hear the reset that was the client's last word
	exec 8<>"$T/from"
	tcpfsm -l "$T/log" "$@" <"$T/to" | impair loss $loss seed 7 2>/dev/null >"$T/from" &
	timeout 40 tcpfsm -R "$T/rec" -S 5 -l "$T/clog" "$@" -s 10.0.0.9 \
	    -c "$to" -g phantom <"$T/from" | tee "$T/out" |
	    impair loss $loss seed 8 2>/dev/null >"$T/to"
	status=${PIPESTATUS[0]}
	wait # here, not in a shell of its own that has nothing to wait for
	exec 8>&-
	echo "$status $(key close differs)"
}
is 'both sides are played to each other, with loss' \
    "$(ring -r "$T/http.pcap")" '0 0'
tcpfsm -T -S 5 -r "$T/http.pcap" -s 10.0.0.9 -c 10.0.0.5:80 -g phantom \
    -l "$T/log2" <"$T/rec" >"$T/out2"
ok 'and once more from the recording, byte for byte' cmp "$T/out" "$T/out2"

# ---- pauses
forge() { python3 tests/net/replay_forge.py "$@"; }
forge pause >"$T/pause.pcap"
begin=$(date +%s%N)
is 'with --pauses' "$(ring --pauses -r "$T/pause.pcap")" '0 0'
is 'they are kept: 0.3 and 0.4 s' \
    "$((($(date +%s%N) - begin) / 1000000 >= 700))" 1
is 'without, they are not' "$(ring -r "$T/pause.pcap") $(awk '
	/new=ESTABLISHED/ { a = $1 } / close / { print ($1 - a < 0.35) }' \
	"$T/clog")" '0 0 1'

# ---- resets as recorded; one that is lost does not come again
loss=0%
for who in client server; do
	forge "reset-$who" >"$T/reset.pcap"
	is "a reset by the $who" "$(ring -r "$T/reset.pcap") $(
	    key close how)" "0 0 $([ $who = server ] && echo abort || echo reset)"
done

# ends - flags of the client's segments behind the one with data
ends() {
	tcpdump -nr "$T/out" 2>/dev/null |
	    sed '1,/length 5/d; s/.*Flags \(\[[^]]*\]\).*/\1/' | xargs
}
forge reset-client >"$T/reset.pcap"
is 'a client that acknowledged what it got and then reset does so' \
    "$(ring -r "$T/reset.pcap") $(ends)" '0 0 [.] [R.]'
forge reset-bare >"$T/reset.pcap"
is 'one that only reset does that' \
    "$(ring -r "$T/reset.pcap") $(ends)" '0 0 [R.]'

forge reset-after >"$T/reset.pcap"
is 'what was said before a reset arrives before it' "$(ring \
    -r "$T/reset.pcap") $(key close how) $(grep -o 'received=[0-9]* ' \
    "$T/clog" | head -n 1)" '0 0 abort received=3 '

# ---- one that was there before the capture: a handshake is made for it
forge middle >"$T/middle.pcap"
is 'a conversation that begins in the middle' "$(ring \
    -r "$T/middle.pcap") $(key close sent) $(key close received)" '0 0 12 2'

# ---- all of them
forge many >"$T/many.pcap"
loss=3% to=10.0.0.5
all() { awk '/ close / { print $3, $5 }' "$T/clog" | sort | xargs; }
is '--all: each to its own port' \
    "$(ring --all -r "$T/many.pcap" | cut -d ' ' -f 1) $(all)" \
    '0 10.0.0.5:80 how=fin 10.0.0.5:81 how=fin 10.0.0.5:82 how=fin'
is 'in their order' "$(awk '/new=SYN-SENT/ { print $3 }' "$T/clog" | xargs)" \
    '10.0.0.5:80 10.0.0.5:81 10.0.0.5:82'
is '--all --pauses' \
    "$(ring --all --pauses -r "$T/many.pcap" | cut -d ' ' -f 1) $(all)" \
    '0 10.0.0.5:80 how=fin 10.0.0.5:81 how=fin 10.0.0.5:82 how=fin'
to=10.0.0.5:80

# ---- which one
if have mergecap && [ -s "$T/redis.pcap" ] && [ -s "$T/smtp.pcap" ]; then
	forge gap >"$T/gap.pcap"
	mergecap -a -F nsecpcap -w "$T/all.pcap" "$T/gap.pcap" \
	    "$T/redis.pcap" "$T/http.pcap" "$T/smtp.pcap"
	phantom -r "$T/all.pcap"
	phantom_end
	is 'the first that is whole' "$(key replay stream) $(key replay of)" '1 4'
	s=$(tshark -r "$T/all.pcap" -Y 'tcp.port == 2525' -T fields \
	    -e tcp.stream 2>/dev/null | head -n 1)
	phantom --stream "$s" -r "$T/all.pcap"
	phantom_end
	is "--stream is tshark's number" "$(awk '$4 == "replay" { print $2 }' \
	    "$T/log")" $SERVER:2525
fi

# ---- what cannot be played
# refused CAPTURE ARGUMENTS... - exit status and the reason
refused() {
	timeout 10 tcpfsm -r "$@" </dev/null 2>"$T/err" | cat >/dev/null
	echo "${PIPESTATUS[0]} $(reason | sed "s,$T/,,")"
}
h=$T/http.pcap
forge gap >"$T/gap"
is 'a gap' "$(refused "$T/gap")" '1 play gap: stream 0, 10.0.0.9:1000 to '\
'10.0.0.5:80: 3 bytes at offset 4 of the server'"'"'s data are missing, '\
'before packet 7; -c plays the client'"'"'s side'
editcap -s 100 "$h" "$T/short" 2>/dev/null && editcap -F nsecpcap \
    "$T/short" "$T/cut"
# the first that is longer is the request, behind the handshake
is 'cut frames' "$(refused "$T/cut" | grep -o 'packet [0-9]* was.*')" \
    'packet 4 was captured short: capture whole packets'
editcap -F nsecpcap "$h" "$T/nosyn" 1-2
is 'without its handshake it is played all the same' \
    "$(ring -r "$T/nosyn")" '0 0'
forge refused >"$T/refused"
is 'a connection that was refused' "$(refused "$T/refused" |
    grep -o 'no handshake.*')" 'no handshake: the server refused the SYN, which'\
' a port does that nothing listens on'
head -c 5000 "$h" >"$T/half"
is 'of a truncated file what is whole' "$(ring -r "$T/half") $(
    timeout 10 tcpfsm -r "$T/half" </dev/null 2>&1 >/dev/null |
    sed -n 's/^.*packet [0-9]*: //p')" '0 0 the stream ends inside this record'
head -c 24 "$h" >"$T/none"
is 'no TCP in it' "$(refused "$T/none")" '1 play none: no TCP connection is in it'
head -c 3000 /dev/urandom >"$T/noise"
is 'noise' "$(refused "$T/noise" | cut -d : -f 1)" '1 read noise'
editcap -F pcapng "$h" "$T/ng"
is 'pcapng is played' "$(ring -r "$T/ng")" '0 0'
gzip <"$h" >"$T/packed"
is 'and a packed one' "$(ring -r "$T/packed")" '0 0'
is 'too large' "$(refused "$h" --capture-bytes 100000 | cut -d : -f 2)" \
    ' more than 100000 bytes to be kept'
is 'no such stream' "$(refused "$h" --stream 7)" \
    '1 play http.pcap: there is no stream 7: it has 1'
is 'not there' "$(refused "$T/nothing" | cut -d : -f 1)" '2 open nothing'
is '-r with -f' "$(refused "$h" -f "$h" | cut -c 1)" 2
done_testing
