#!/bin/bash
# Accurate ECN and Fast Open between two tcpfsm, without a network: what the
# logs of both ends tell.
. "${0%/*}/../tap.sh"
scratch
mkfifo "$T/to" "$T/from"
head -c 200000 /dev/urandom >"$T/file"
echo request >"$T/request"

# pair SERVER'S ARGUMENTS -- CLIENT'S ARGUMENTS - both exit
pair() {
	local server=()
	while [ "$1" != -- ]; do
		server+=("$1")
		shift
	done
	shift
	rm -f "$T"/*.log
	timeout 30 tcpfsm -v -S 1 -d 0 -l "$T/server.log" -f "$T/file" \
	    "${server[@]}" <"$T/to" >"$T/from" &
	timeout 30 tcpfsm -v -S 2 -l "$T/client.log" -o "$T/got" -s 10.0.0.9 \
	    -c 10.0.0.5:80 -g phantom -f "$T/request" "$@" \
	    >"$T/to" <"$T/from" 2>/dev/null
	wait $!
}
accurate() { cat "$T"/*.log | grep -c ' ecn why=accurate'; }

pair -- --ecn accurate
is 'both ends agree on Accurate ECN' "$(md5 "$T/got") $(accurate)" \
    "$(md5 "$T/file") 2"
is 'no mark, and nothing wrong' "$(cat "$T"/*.log | grep -c ' ecn ') \
$(cat "$T"/*.log | grep -c ' close .* ce_in=0 ce_out=0')" '2 2'
pair --ecn classic -- --ecn accurate
is 'a server that has the old kind only' \
    "$(accurate) $(grep -c 'flags=S.E ' "$T/client.log")" '0 1'
pair --ecn off -- --ecn accurate
is 'and one that has none' "$(accurate) $(grep -c 'flags=S. ' "$T/client.log")" '0 1'
pair --no-ecn -- --ecn accurate
is '--no-ecn is the same' "$(accurate) $(grep -c 'flags=S. ' "$T/client.log")" '0 1'
is 'another word is refused' "$(tcpfsm --ecn often -f "$T/file" 2>&1 </dev/null | head -1)" \
    "tcpfsm: --ecn often: not one of: off classic accurate"

# ---- Fast Open: -S 1 gives the server the same key in each run
pair --fastopen -- --fastopen --cookies "$T/cookies"
is 'a cookie is asked for' "$(md5 "$T/got") $(wc -l <"$T/cookies")" \
    "$(md5 "$T/file") 1"
pair --fastopen -- --fastopen --cookies "$T/cookies" --ecn accurate
is 'and takes the request along' "$(md5 "$T/got") \
$(grep ' dir=out flags=S' "$T/client.log" | grep -c ' len=8 ')" \
    "$(md5 "$T/file") 1"
is 'Accurate ECN beside it' "$(accurate)" 2
is 'the response begins before the handshake is over' \
    "$(grep -n ' dir=out .*len=1[0-9]* \| new=ESTABLISHED' "$T/server.log" |
	head -1 | grep -c ESTABLISHED)" 0
pair -- --fastopen --cookies "$T/cookies"
is 'a server without it: the request follows the ACK' "$(md5 "$T/got") \
$(grep -c 'why=syn-data' "$T/client.log")" "$(md5 "$T/file") 1"
pair --fastopen -- --fastopen --cookies "$T/cookies"
is 'then the client does without, for a while' "$(md5 "$T/got") \
$(grep ' dir=out flags=S' "$T/client.log" | grep -c ' len=0 ')" \
    "$(md5 "$T/file") 1"
is '--cookies is of --fastopen' "$(tcpfsm --cookies x -s 10.0.0.9 \
    -c 10.0.0.5:80 2>&1 </dev/null | head -1)" \
    'tcpfsm: --cookies is of --fastopen: give that, too'
done_testing
