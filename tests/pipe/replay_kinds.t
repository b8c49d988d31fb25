#!/bin/bash
# tcpfsm -r: captures of every kind that people have are played, or refused
# with a reason that tells what to do.
. "${0%/*}/../tap.sh"
need python3
scratch
K=$T/k
python3 tests/pipe/replay_kinds.py "$K" || exit 1

# ring SERVER'S-CAPTURE CLIENT'S-CAPTURE ARGUMENTS... - each side is played to
# the other: exit status; of each connection how it ended, bytes sent and
# received, what differs
ring() {
	local s=$K/$1.pcap c=$K/$2.pcap status
	shift 2
	rm -f "$T"/{to,from,log,err}
	mkfifo "$T/to" "$T/from"
	exec 8<>"$T/from"
	tcpfsm -l /dev/null "$@" -r "$s" <"$T/to" >"$T/from" 2>/dev/null &
	timeout 20 tcpfsm -S 5 -l "$T/log" "$@" -s "${from:-10.0.0.9}" \
	    -c "${to:-10.0.0.5:80}" -g phantom -r "$c" \
	    <"$T/from" >"$T/to" 2>"$T/err"
	status=$?
	wait
	exec 8>&-
	echo "$status $(awk '/ close / {
		for (i = 5; i <= NF; i++)
			if (split($i, v, "=") == 2)
				got[v[1]] = v[2]
		print got["how"], got["sent"], got["received"], got["differs"]
		}' "$T/log" | sort | xargs)"
}
# unlike WANT KIND... - those that are played otherwise
unlike() {
	local want=$1 k is
	shift
	for k; do
		k=${k##*/}
		k=${k%.pcap}
		case $k in
		*-six) is=$(from=fd00::9 to='[fd00::5]:80' ring "$k" "$k") ;;
		*) is=$(ring "$k" "$k") ;;
		esac
		[ "$is" = "$want" ] || echo "$k: $is"
	done
}
w=$K/whole
is 'resent, disordered, recorded twice, VLAN, IPv6, keep-alives, SYNs before' \
    "$(unlike '0 fin 18 3072 0' "$w"-{plain,six,vlan,noid,disorder,resent} \
	"$w"-{twice,router,part,keepalive,halfopen,synagain})" ''
is 'resets that were not taken, two servers that answer' \
    "$(unlike '0 fin 18 3072 0' "$w"-{forged,refused,servers})" ''
is 'what was damaged on its way' \
    "$(ring whole-damaged whole-plain; ring whole-plain whole-damaged)" \
    '0 fin 18 3072 0
0 fin 18 3072 0'
is 'behind the window, and an ACK of nothing sent' \
    "$(unlike '0 fin 18 3072 0' "$w"-outside)" ''
is 'a super-frame' "$(unlike '0 fin 18 70000 0' "$w-tso")" ''
is 'resets' "$(unlike '0 abort 18 3072 0' "$w"-{reset,rstclose})" ''
is 'no byte' "$(unlike '0 fin 0 0 0' "$w-empty")" ''
is 'but an end' "$(unlike '0 fin 0 0 0' "$K/open-empty")" ''
is 'a handshake, also one that goes no further' \
    "$(unlike '0 fin 0 0 0' "$K"/open-{nothing,synack})" ''
is 'a SYN with data that was not answered: the client sends it' \
    "$(ring open-syndata open-syndata)" '0 fin 18 0 0'
is 'a connection with bytes is chosen before one without' \
    "$(ring many-empty many-empty)" '0 fin 18 3072 0'
is 'also before one without that is complete' \
    "$(ring many-ended many-ended)" '0 fin 18 3072 0'
is 'also before one that begins before the capture' \
    "$(ring many-torso many-torso; grep -c before "$T/err")" \
    '0 fin 18 3072 0
0'
# torso ARGUMENTS... - what is said of those that begin before it
torso() {
	tcpfsm "$@" </dev/null 2>&1 >/dev/null | grep -o 'play .* before .*' |
	    sed "s,$K/,,"
}
byte='played from the first byte that was captured'
is 'one that is asked for: said' "$(torso --stream 0 -r "$K/many-torso.pcap")" \
    "play many-torso.pcap: stream 0 begins before the capture: it is $byte"
is 'or taken with all: said' "$(torso --all -r "$K/many-torso.pcap")" \
    "play many-torso.pcap: 1 connection begins before the capture: $byte"
is 'one with its handshake: nothing' "$(torso -r "$w-plain.pcap")" ''
is 'without a beginning or an end, and a file that is cut' \
    "$(unlike '0 fin 18 3072 0' "$K"/open-{end,half,nosyn,nosyn-end,cut})" ''
ring open-cut open-cut >/dev/null
is 'which is told' "$(sed 's/^.*packet/packet/' "$T/err")" \
    'packet 9: the stream ends inside this record'

# ---- what the other side lacks does not matter
for k in client-{only,gap,snap}; do
	is "$k: the client's side is played" "$(ring whole-plain $k)" \
	    '0 fin 18 3072 0'
	is 'how many bytes are not compared' "$(sed -n \
	    's/.* replay .*unknown=\([0-9]*\).*/\1/p' "$T/log")" \
	    "$(case $k in
	    *only) echo 3072 ;; # its FIN is no byte
	    *gap) echo 1024 ;;
	    *snap) echo $((3072 - 3 * 18)) ;;
	    esac)"
done
is "server-only: the server's side is played" \
    "$(ring server-only whole-plain)" '0 fin 18 3072 0'
is "server-nosyn: it begins with what came first by its number" \
    "$(ring server-nosyn server-nosyn)" '0 fin 0 3072 0'

# ---- several
for k in 2 2-again 2-ftp; do
	is "--all: many-$k" "$(to=10.0.0.5 ring "many-$k" "many-$k" --all |
	    tr ' ' '\n' | grep -c fin)" 2
done

# ---- refused
# reason KIND ARGUMENTS... - exit status and why
reason() {
	tcpfsm -r "$K/$1.pcap" "${@:2}" </dev/null 2>"$T/err" >/dev/null
	echo "$? $(sed "s,^tcpfsm: ,,; s,$K/,,; s/stream 0.*:80: //" \
	    "$T/err" | tail -n 1)"
}
is 'only the client was captured' "$(reason client-only)" '1 play '\
'client-only.pcap: nothing that the server said is there: it takes a capture '\
'of both directions; -c plays the client'\''s side'
is 'only the server' "$(reason server-only -s 10.0.0.9 -c 10.0.0.5:80)" \
    '1 play server-only.pcap: nothing that the client said is there: it takes '\
'a capture of both directions; without -c the server'\''s side is played'
is 'cut packets' "$(reason client-snap)" "1 play client-snap.pcap: 1006 bytes \
at offset 18 of the server's data are missing, before packet 6; packet 5 was \
captured short: capture whole packets; -c plays the client's side"
is 'a SYN without an answer' "$(reason none-syn)" '1 play none-syn.pcap: no '\
'handshake: the SYN is not answered'
is 'a refused one' "$(reason none-refused)" '1 play none-refused.pcap: no '\
'handshake: the server refused the SYN, which a port does that nothing '\
'listens on'
for k in headers arp; do
	is "none-$k" "$(reason none-$k)" \
	    "1 play none-$k.pcap: no TCP connection is in it"
done
is 'none-udp' "$(reason none-udp)" '1 play none-udp.pcap: no TCP connection '\
'is in it; --all plays its UDP'
is 'with --all: a host that was asked' \
    "$(reason none-udp --all | grep -o udp_requests=.)" 'udp_requests=0'
for k in group all; do
	is "none-$k: taken, and not answered" "$(reason none-$k --all |
	    grep -o udp_requests=.)" 'udp_requests=0'
done
done_testing
