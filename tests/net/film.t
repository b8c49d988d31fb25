#!/bin/bash
# A live film: phantom --film-live, seen in a browser on the other host by our
# own TCP, while connections come; and nothing of it is left.
. "${0%/*}/../lab.sh"
lab "$@"
need chromium curl python3

# start - the phantom that is filmed
start() {
	"$BIN/phantom" -n --film-live 10.0.0.6 -l "$T/log" -vv \
	    --out 'delay 10ms loss 3% seed 4' -f examples/resp.txt \
	    eth0 10.0.0.5 >"$T/said" 2>&1 &
	pid=$!
	began+=("$pid")
	wait_for 10 client curl -s -o "$T/page" http://10.0.0.6/
}
visit() { client curl -s --max-time 30 -o /dev/null http://10.0.0.5/; }
left() { ls "$T"/phantom-film.* 2>/dev/null; pgrep -x tcp-film; }
none() { [ -z "$(left)" ]; }

start
is 'the page comes' "$(grep -c "connect-src 'self'" "$T/page")" 1
is 'where it is to be seen is told' \
    "$(grep 'the film' "$T/said")" 'the film, live: http://10.0.0.6/ in a browser'
mkdir "$T/home"
mkfifo "$T/seen"
client timeout 100 python3 tests/net/film_live.py "$T/home" http://10.0.0.6/ \
    >"$T/seen" &
browser=$!
began+=("$browser")
while IFS= read -r line; do
	case $line in
	begin)
		visit
		visit
		visit
		;;
	more) visit ;;
	again)
		stop $pid
		wait_for 10 none
		is 'ended: no file, no process' "$(left)" ''
		start
		visit
		;;
	console*) is "browser: console" "$line" 'console []' ;;
	another*) is "browser: another host" "${line##* }" refused ;;
	*) is "browser: ${line% *}" "${line##* }" True ;;
	esac
done <"$T/seen"
wait $browser
is 'browser: all was tried' $? 0

# many viewers at once, who take nothing: others are answered all the same
for i in {1..30}; do
	client curl -sN --max-time 5 -o /dev/null http://10.0.0.6/feed &
done
visit
is 'with 30 viewers the page comes' "$(client curl -s --max-time 10 \
    http://10.0.0.6/ | grep -c "connect-src 'self'")" 1
one() { [ "$(pgrep -xc tcp-film)" = 1 ]; }
wait_for 10 one
is 'viewers that have gone leave nothing' "$(pgrep -xc tcp-film)" 1
stop $pid KILL
wait_for 10 none
is 'killed: no file, no process' "$(left)" ''

# what cannot be
for words in '10.0.0.5 -f x eth0 10.0.0.5' '10.0.0.9 -f x eth0 10.0.0.0/24' \
    'x -f x eth0 10.0.0.5' '10.0.0.6 --print -f x eth0 10.0.0.5'; do
	# shellcheck disable=SC2086
	is "--film-live $words: exit 2, and why" "$("$BIN/phantom" --film-live \
	    $words 2>&1 | grep -c -- --film-live; echo "${PIPESTATUS[0]}" |
	    xargs)" '1
2'
done
done_testing
