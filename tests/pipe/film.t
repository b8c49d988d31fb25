#!/bin/bash
# tcp-film: what is in the file is what ladder draws; what strangers chose is
# inert; and in a browser every control works, without an error.
. "${0%/*}/../tap.sh"
scratch
need python3
in=tests/pipe/golden/cubic.pcap
awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "%07d\n", i }' >"$T/numbers"
tcpfsm -T -v -S 11 -C cubic -f "$T/numbers" -l "$T/log" <$in >"$T/out"

# data FILE - the block of data as JSON; parts FILE - what else there is
data() { sed -n '/id="data">/,/^<\/script>/{//!p}' "$1"; }
# of FILE EXPRESSION - of its data d, by python
of() { data "$1" | python3 -c 'import json, sys; d = json.load(sys.stdin)
print('"$2"')'; }

# ---- the file
tcp-film -l "$T/log" $in "$T/out" >"$T/film.html" 2>"$T/err"
is 'exit 0, the packets left out are counted' "$? $(cat "$T/err")" \
    '0 tcp-film: 3 packets left out: 2 ICMP, 1 ARP'
is 'as many segments as ladder draws' \
    "$(of "$T/film.html" '[len(c["rows"]) // 8 for c in d["conns"]]')" \
    "[$(ladder $in "$T/out" 2>/dev/null |
	sed -n 's/^ *\([0-9]*\) segments in.*/\1/p' | paste -sd, |
	sed 's/,/, /g')]"
is 'as many retransmissions as the log has' \
    "$(of "$T/film.html" 'sum(r["rows"][7::8][i] & 1 for r in d["conns"]
    for i in range(len(r["rows"]) // 8))')" \
    "$(grep -c ' retransmit ' "$T/log")"
is 'each has its reason' \
    "$(of "$T/film.html" 'sum("why" in m for c in d["conns"]
    for m in c["more"])')" "$(grep -c ' retransmit ' "$T/log")"
is 'of the last segment with data: what the log has of its sending' \
    "$(of "$T/film.html" '[l for l in d["conns"][0]["log"]
    if not isinstance(l[2], str) and l[2] > 0][-1][2:]')" \
    "[$(sed -nE "/59348 segment .*cwnd/{s/.*rto_ms=([0-9]*) cwnd=([0-9]*) flight=([0-9]*)/\\2 \\3 \\1/
	s/ (ssthresh|rtt_us)=/ /g; s/ frame=.*//; s/ /, /g; p}" "$T/log" | tail -n 1)]"
python3 tests/pipe/replay_kinds.py "$T/k" &&
    tcp-film "$T/k/open-nosyn.pcap" >"$T/nosyn.html"
is 'a state that is not sure has a question mark' "$(of "$T/nosyn.html" \
    'd["states"][d["conns"][0]["rows"][1] >> 1 & 31]')" 'ESTABLISHED?'
is 'no SYN, no scale: ladder says so, seqplot draws no window' \
    "$(ladder -v "$T/k/open-nosyn.pcap" | sed -n 's/.*\(win [^-]*\) -.*/\1/p' |
    head -n 1) $(seqplot "$T/k/open-nosyn.pcap" | grep -c 'class="window" d="M')" \
    'win 8192 * ? 0'
# numbers FILE - what stands at the axes of seqplot's bytes
numbers() { seqplot "$T/k/$1.pcap" | grep -o 'anchor="end">[0-9]*<'; }
is 'what no receiver takes moves no axis of seqplot' \
    "$(numbers whole-outside)" "$(numbers whole-plain)"
is 'and pcapnote names it' "$(pcapnote -q --marks "$T/k/whole-outside.pcap" |
    grep -ao 'mark=[a-z-]*' | xargs)" \
    'mark=out-of-window mark=ack-of-nothing-sent'
tcp-film "$T/k/whole-outside.pcap" >"$T/outside.html"
is 'the same input gives the same file' \
    "$(tcp-film -l "$T/log" $in "$T/out" 2>/dev/null | md5sum)" \
    "$(md5sum <"$T/film.html")"
is 'the hashes of the policy are those of style and script' "$(python3 -c '
import base64, hashlib, re, sys
s = open(sys.argv[1]).read()
policy = re.search("Content-Security-Policy\" content=\"([^\"]*)", s).group(1)
for name in ("style", "script"):
	text = re.search("<%s>(.*?)</%s>" % (name, name), s, re.S).group(1)
	h = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
	print(name, "%s-src \x27sha256-%s\x27;" % (name, h) in policy)
print(policy.split(";")[0])' "$T/film.html")" 'style True
script True
default-src '"'none'"
is 'nothing in it names another place' "$(grep -v "'http://www.w3.org/2000/svg'" "$T/film.html" |
    grep -cE 'https?:|//[a-z]+\.[a-z]|url\(|@import|src=|fetch\(|XMLHttp|WebSocket')" 0

# ---- options
is '-n: its number stays' "$(tcp-film -n 1 $in "$T/out" 2>/dev/null >"$T/one"
    of "$T/one" '[c["no"] for c in d["conns"]]')" '[1]'
is '-c, --port' "$(tcp-film -c 2 --port 80 $in 2>/dev/null >"$T/one"
    of "$T/one" '[c["no"] for c in d["conns"]]')" '[0, 1]'
is '--to: segments until then' "$(tcp-film --to 0.001 $in 2>/dev/null >"$T/one"
    of "$T/one" '[c["no"] for c in d["conns"]], sum(d["conns"][0]["rows"][::8])')" \
    "$(tcp-show <$in 2>/dev/null | python3 -c '
import re, sys
t = [int(a) * 10 ** 9 + int(b) for a, b in re.findall("TIME=.(\d+)\.(\d+)", sys.stdin.read())]
print("[0] %d" % (max(x for x in t if x <= t[0] + 10 ** 6) - t[0]))')"
is 'none is chosen: exit 1, says so, no film' \
    "$(tcp-film -n 99 $in 2>&1 | tail -n 1; echo "${PIPESTATUS[0]}")" \
    'tcp-film: none of the 3 connections is chosen; ladder --list shows them
1'
tcp-film </dev/null >"$T/one" 2>"$T/err"
is 'no packet stream: exit 1, a message, no film' \
    "$? $(wc -c <"$T/one") $(wc -l <"$T/err")" '1 0 1'

# ---- ^C at a pipeline: the writer ends, the film is written
is 'interrupted: what came is written' "$(python3 -c '
import signal, subprocess, sys
p = subprocess.Popen(["tcp-film"], stdin=subprocess.PIPE,
    stdout=open(sys.argv[2], "w"), stderr=subprocess.DEVNULL)
p.stdin.write(open(sys.argv[1], "rb").read())	# more than a pipe holds
p.stdin.flush()
p.send_signal(signal.SIGINT)
p.stdin.close()
print(p.wait())' "$T/out" "$T/one"; tail -n 1 "$T/one")" '0
</html>'

# ---- live: what the feed tells, in the end, is what a film has
cat >"$T/feed.py" <<'END'
import json, sys
# FILM FEED - are they the same, and how many lines more than connections?
film = open(sys.argv[1]).read()
film = json.loads(film.split('id="data">')[1].split('</script>')[0])
lines = [json.loads(l) for l in open(sys.argv[2]).read().split('\n')[1:-1]]
conns = {}
for l in lines[:-1]:
	c = conns.setdefault(l["no"], {"rows": [], "more": [], "log": []})
	kept = l.pop("kept")
	for k, n in (("rows", 8 * kept[0]), ("more", kept[1]), ("log", kept[2])):
		c[k] = c[k][:n] + l.pop(k)
	c.update(l)
print(list(conns.values()) == film["conns"], lines[-1], len(lines) > 8)
END
tcp-film -l "$T/log" "$T/out" >"$T/offline.html"
# in pieces, of packets and of the log
python3 - "$T/out" "$T/log" "$T/log2" <<'END' | tcp-film --live "$T/feed" -l "$T/log2"
import sys, time
out, log = (open(f, "rb").read() for f in sys.argv[1:3])
with open(sys.argv[3], "wb") as copy:
	for i in range(6):
		sys.stdout.buffer.write(out[i * len(out) // 6:
		    (i + 1) * len(out) // 6])
		sys.stdout.flush()
		time.sleep(0.25)
		copy.write(log[i * len(log) // 6:(i + 1) * len(log) // 6])
		copy.flush()
END
is 'live: exit 0' "${PIPESTATUS[1]}" 0
is 'the feed in the end is the film, in many steps' \
    "$(python3 "$T/feed.py" "$T/offline.html" "$T/feed")" \
    "True {'end': True} True"
# ask LINE - the answer to a request
ask() { printf "%s\r\n\r\n" "$1" | tcp-film --visit "$T/feed"; }
is 'the live page may ask its own host, and nobody else' \
    "$(ask 'GET /?x=1 HTTP/1.1' | grep -o "connect-src[^;]*")" "connect-src 'self'"
is 'its answer begins so' "$(ask 'GET / HTTP/1.1' | head -n 2 | tr -d '\r')" \
    'HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8'
is 'HEAD: no page' "$(ask 'HEAD / HTTP/1.1' | tail -n 1 | tr -d '\r')" ''
is 'other paths and methods' "$(for r in 'GET /../etc/passwd HTTP/1.0' \
    'GET /feeds HTTP/1.1' 'GET' 'POST / HTTP/1.1' x; do
    ask "$r" | head -n 1 | cut -d ' ' -f 2; done | xargs)" '404 404 405 405 405'
is 'the feed, as events' "$({ printf 'GET /feed HTTP/1.1\r\n\r\n'
    sleep 0.5; } | tcp-film --visit "$T/feed" | sed -n 's/^data: //p' | md5sum)" \
    "$(tail -n +2 "$T/feed" | md5sum)"
is 'no request: exit 1' "$(tcp-film --visit "$T/feed" </dev/null; echo $?)" 1
echo 'a letter' >"$T/letter"
is 'another file is not written over' "$(tcp-film --live "$T/letter" <"$T/out" \
    2>&1; echo $?; cat "$T/letter")" "tcp-film: open $T/letter: it is something \
else than a feed: give another name, or remove it
2
a letter"

# ---- strangers
{
	printf '1796050993.086612006 10.0.0.5:80 10.0.0.9:59348 '
	printf 'retransmit why=</script><script>alert(1)</script> x="%%\n'
	printf '1796050993.086612007 10.0.0.5:80 10.0.0.9:59348 \342\200\256e\\v<!--'
	printf ' a=\001\342\200\250\377\n'
	printf '1796050993.086612008 10.0.0.5:80 10.0.0.9:59348 close how='
	head -c 10000000 /dev/zero | tr '\0' x
	echo
	cat "$T/log"
	head -c 300000 /dev/urandom
} >"$T/bad"
title='</title><b>"&'$'\342\200\256'
tcp-film --title "$title" -l "$T/bad" $in "$T/out" >"$T/bad.html" 2>/dev/null
is 'a log of an attacker: exit 0' $? 0
is 'what is data holds no markup' "$(data "$T/bad.html" | grep -c '[<>&]')" 0
is 'all elements are those of the page' \
    "$(grep -ciE '<(script|/script|title|/title|b)\b' "$T/bad.html")" \
    "$(grep -ciE '<(script|/script|title|/title|b)\b' "$T/film.html")"
is 'but for the title it is ASCII' \
    "$(data "$T/bad.html" | tail -n +2 | LC_ALL=C grep -c '[^ -~]')" 0
is 'the title is what was given' \
    "$(of "$T/bad.html" 'd["title"] == "</title><b>\"&\u202e"')" True
is 'a word of 10 MB is cut' \
    "$(($(wc -c <"$T/bad.html") < $(wc -c <"$T/film.html") + 5000))" 1

# capture N - N segments: bulk data, of which now and then one is lost
capture() {
	python3 - "$1" <<'END'
import struct, sys
t, end, n = 1700000000 * 10 ** 9, 1700000000 * 10 ** 9, int(sys.argv[1])
out = sys.stdout.buffer
out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
ends = {80: b'\x0a\0\0\x05', 40000: b'\x0a\0\0\x09'}
def tcp(sport, seq, ack, flags, size):
	global t
	t += 40000
	dport = 40080 - sport
	frame = b'\2' * 12 + b'\x08\0' + struct.pack('>BBHHHBBH4s4s', 0x45, 0,
	    40 + size, 0, 0x4000, 64, 6, 0, ends[sport], ends[dport])
	frame += struct.pack('>HHIIBBHHH', sport, dport, seq, ack, 0x50, flags,
	    2000, 0, 0)
	out.write(struct.pack('<IIII', t // 10 ** 9, t % 10 ** 9, len(frame),
	    len(frame) + size) + frame)
tcp(40000, 99, 0, 2, 0)
tcp(80, 199, 100, 18, 0)
tcp(40000, 100, 200, 16, 0)
seq, i = 200, 3
while i < n:
	for _ in range(2 if i % 500 < 2 else 1):
		tcp(80, seq, 100, 16, 1448)
		i += 1
	seq += 1448
	tcp(40000, 100, seq, 16, 0)
	i += 1
END
}
capture 50000 | tcp-film --live "$T/feed"
is 'live: of 50,000 segments the last 20,000, at most' "$(tail -n 2 "$T/feed" |
    python3 -c 'import json, sys
n = len(json.loads(sys.stdin.readline())["rows"]) // 8
print(10000 <= n < 20000)') $(($(wc -c <"$T/feed") < 1500000))" 'True 1'
python3 - <<'END' | tcp-film --live "$T/feed"
import struct, sys
out = sys.stdout.buffer
out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
for i in range(3000):
	f = b'\2' * 12 + b'\x08\0' + struct.pack('>BBHHHBBH4s4s', 0x45, 0, 40, 0,
	    0x4000, 64, 6, 0, struct.pack('>I', 0x0a010000 + i), b'\x0a\0\0\5')
	f += struct.pack('>HHIIBBHHH', 40000, 80, i, 0, 0x50, 2, 2000, 0, 0)
	out.write(struct.pack('<IIII', 1700000000, i, len(f), len(f)) + f)
END
many=$(grep -c '"rows"' "$T/feed")
is 'live: of 3,000 connections the last 1,000, at most' \
    "$((many >= 500 && many <= 1000)) $(tail -n 2 "$T/feed" | grep -c '10.1.11.183:')" \
    '1 1'
capture 5000 >"$T/5000"
tcp-film "$T/5000" >"$T/big.html"
is '5,000 segments: less than 1 MB' "$(($(wc -c <"$T/big.html") < 1000000))" 1

# ---- in a browser
if ! have chromium; then
	skip 'in a browser' chromium
	done_testing
	exit
fi
# browse FILE CONDITION - the page, once that is true in it; what its console had
# in $T/console
mkdir "$T/home"
browse() {
	timeout 120 python3 tests/pipe/film_page.py "$T/home" "file://$1" "$2" \
	    2>"$T/console"
}
shown='panel_old === false'
browse "$T/bad.html#c=0&s=40" "$shown" >"$T/dom"
is 'the film of an attacker: nothing in the console' "$(cat "$T/console")" ''
is 'its heading is text, its direction is not turned' \
    "$(sed -n 's/.*<h1 id="title">\(.*\)<\/h1>.*/\1/p' "$T/dom")" \
    '&lt;/title&gt;&lt;b&gt;"&amp;·'
is 'the link to a moment opens it' \
    "$(grep -o '<p id="why"[^>]*><b>Segment [0-9]* of [0-9]*' "$T/dom" |
    sed 's/.*>//')" 'Segment 40 of 91'

# what no receiver takes: the sentence, and nothing of it is in flight
browse "$T/outside.html#c=0&s=11" "$shown" >"$T/dom"
is 'behind an ACK of nothing sent, and a FIN out of the window' "$(
	grep -o 'it acknowledges what was never sent' "$T/dom"
	for name in 'sent up to' 'acknowledged up to' 'in flight'; do
		grep -o ">$name</th><td>[^<]*</td><td>[^<]*" "$T/dom" |
		    sed 's/<[^>]*>/ /g; s/^.//' | xargs
	done
)" 'it acknowledges what was never sent
sent up to 19 3073
acknowledged up to 19 3073
in flight 0 bytes 0 bytes'

# what is drawn of three recorded runs, in cells; film.t -w writes them anew
for run in cubic:11:cubic bbr6:12:bbr reno:13:reno; do
	IFS=: read -r name seed control <<<"$run"
	tcpfsm -T -v -S "$seed" -C "$control" -f "$T/numbers" -l "$T/run.log" \
	    <"tests/pipe/golden/$name.pcap" >"$T/run.out"
	tcp-film -l "$T/run.log" "tests/pipe/golden/$name.pcap" "$T/run.out" \
	    >"$T/$control.html" 2>/dev/null
	rm "$T/run.log"
	films+=("$control=$T/$control.html")
done
# shellcheck disable=SC2086
is 'the pixels of three captures are as they were' "$(timeout 120 python3 \
    tests/pipe/film_pixels.py $1 "$T/home" "${films[@]}" | xargs)" \
    'cubic True bbr True reno True'

capture 20000 >"$T/20000"
tcp-film -l "$T/log" $in "$T/out" "$T/20000" 2>/dev/null |
    grep -v Content-Security >"$T/drive.html"
{
	echo '<script>'
	cat tests/pipe/film.js
	echo '</script>'
} >>"$T/drive.html"
tried='/^TAP[^]*END$/.test(document.body.lastElementChild.textContent)'
drive() {
	browse "$T/drive.html" "$tried" |
	    sed -n '/>TAP$/,/^END/{//!p}' >"$T/tap"
}
drive
diag <"$T/console"
# a slow machine may miss the sixtieth of a second: once more
grep -q '^not ok - a frame' "$T/tap" && drive
while read -r line; do
	case $line in
	'ok - '*) is "browser: ${line#ok - }" yes yes ;;
	'not ok - '*) is "browser: ${line#not ok - }" no yes ;;
	*) echo "$line" ;;
	esac
done < <(sed 's/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' "$T/tap")
is 'browser: nothing was left to the console' \
    "$(grep -c 'Uncaught\|Error\|Refused' "$T/console")" 0
is 'browser: all was tried' "$(grep -c '^\(not \)\?ok - no error' "$T/tap")" 1
done_testing
