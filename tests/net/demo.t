#!/bin/bash
# The demo tells its story, says "the same", and leaves nothing behind,
# whenever it is interrupted.
. "${0%/*}/../lab.sh"
lab "$@"
unshare -Urnm --propagation private true 2>/dev/null ||
    skip_all 'no namespaces inside namespaces'

# others - what the demo has left running, in this lab's own /proc
others() {
	cat /proc/[0-9]*/comm 2>/dev/null |
	    grep -xE 'rawcap|tcpfsm|rawinject|arp-phantom|demo|sh|curl' | xargs
}

# a small machine has no procps; not in /run, which the demo covers
small=$(mktemp -d /tmp/demo.XXXXXX) || exit 1
trap 'lab_down; rm -rf "$small"' EXIT
for p in sysctl ps pgrep; do
	printf '#!/bin/sh\necho "%s: not found" >&2; exit 127\n' $p >"$small/$p"
	chmod 755 "$small/$p"
done
SECONDS=0
out=$(PATH=$small:$PATH timeout 60 sh examples/demo 2>"$T/err")
is 'the demo succeeds' "$? $(tail -n 1 <<<"$out")" '0 The same.' ||
    diag <"$T/err"
is 'it says nothing on stderr' "$(cat "$T/err")" ''
is 'in less than 15 s' "$([ $SECONDS -lt 15 ] && echo yes)" yes
is 'it shows the mission line' \
    "$(grep -c 'rawcap eth0 | tcpfsm -f resp.txt | rawinject eth0' \
    <<<"$out")" 1
path='LISTEN > SYN-RECEIVED > ESTABLISHED > FIN-WAIT-1 > FIN-WAIT-2 > TIME-WAIT'
is 'and the states in order' "$(grep -o 'LISTEN >.*' <<<"$out")" "$path"
none_left() { [ -z "$(others)" ]; }
wait_for 5 none_left
is 'nothing is left running' "$(others)" ''
is 'one page' "$([ "$(wc -l <<<"$out")" -le 45 ] && echo yes)" yes
is 'it draws the visit' "$(grep -c ' SYN-ACK 0 ack 1 ' <<<"$out")" 1
is 'and leaves a film of it, and the picture' "$(
    tail -n 1 build/demo/film.html; cmp build/demo/ghost.jpg examples/ghost.jpg)" \
    '</html>'
is 'the pictures in the texts are of the kind that it draws' \
    "$(.package/pictures -c)" ''
printf '#!/bin/sh\nexit 1\n' >"$small/unshare"
chmod 755 "$small/unshare"
is 'no namespaces: the way to go on' "$(PATH=$small:$PATH sh examples/demo 2>&1 |
    grep -cE 'not allowed: (use sudo|this container)')" 1
rm "$small/unshare"

# Ctrl-C goes to the whole process group
set -m
for after in 0.05 0.2 0.45; do
	sh examples/demo >"$T/out" 2>&1 &
	pid=$!
	sleep $after
	kill -INT -- -$pid
	wait $pid
	status=$?
	is "Ctrl-C after $after s ends it" \
	    "$([ $status = 130 ] || [ $status = 0 ] && echo yes)" yes ||
	    diag <"$T/out"
	wait_for 5 none_left
	is 'and nothing is left running' "$(others)" ''
done
# terminals that show pictures, and those that do not
picture() {
	timeout 60 python3 tests/net/terminal.py "$1" sh examples/demo >"$T/seen"
	head -n 1 "$T/seen"
	tail -n +2 "$T/seen" >"$T/picture"
}
if have python3; then
	is 'kitty: it is shown, on one page' "$(picture kitty)" 'kitty 0 page'
	is 'the picture, as PNG' "$(cmp "$T/picture" examples/ghost.png)" ''
	is 'iTerm2' "$(picture iterm)" 'iterm 0 page'
	is 'the picture as it was served' "$(cmp "$T/picture" examples/ghost.jpg)" ''
	if have img2sixel; then
		is 'a terminal with sixels' "$(picture sixel)" 'sixel 0 page'
		is 'they are the picture' "$(img2sixel -w 320 examples/ghost.jpg |
		    cmp - "$T/picture")" ''
	else
		skip sixels img2sixel
	fi
	is 'one without: no picture' "$(picture plain)" 'none 0 page'
	is 'one that does not answer: neither' "$(picture silent)" 'none 0 page'
else
	skip pictures python3
fi
# no surprise in --help: it is told, and nothing is run
for e in examples/* examples/lessons/[0-9]*; do
	case $e in *.md | */grade* | */jail | */mininet-phantom) continue ;; esac
	[ -f "$e" ] && [ -x "$e" ] || continue
	out=$(timeout 5 "$e" --help 2>&1 </dev/null)
	[ $? = 0 ] && [[ $out == *"${e##*/}"* ]] || echo "$e: $out"
done >"$T/wrong"
is '--help of each example' "$(cat "$T/wrong")" ''
is 'a word that is none: exit 2, and why' \
    "$(sh examples/demo --fast 2>&1; echo $?)" \
    'demo: --fast: it takes no arguments; --help says more
2'
# where nothing may be made
ok 'without the programs it says so, exit 2' \
    bash -c 'BIN=/nonexistent PATH=/usr/bin:/bin sh examples/demo 2>&1 |
	grep -q "make it first"'
done_testing
