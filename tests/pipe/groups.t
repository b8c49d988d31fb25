#!/bin/bash
# tcpfsm -r --all: UDP that went to a group, or to all, and what was captured
# short.
. "${0%/*}/../tap.sh"
need python3
scratch
K=$T/k
mkdir "$K"
python3 tests/pipe/groups.py "$K" || exit 1

# answers CAPTURE REQUESTS [ARGUMENTS...] - what is sent, a line each; stderr is
# in $T/err
answers() {
	local f=$K/$1.pcap ask=$K/$2.pcap
	shift 2
	tcpfsm -T -S 1 --all -l "$T/log" "$@" -r "$f" <"$ask" \
	    >"$T/out.pcap" 2>"$T/err"
	python3 tests/pipe/groups.py "$T/out.pcap" | paste -sd,
}
a=02500a000005 c=02500a000007
is 'a search in a group: the phantom answers with all that answered' \
    "$(answers ssdp ask-ssdp -a 10.0.0.5)" \
    "$a $c 10.0.0.5 1900 10.0.0.7 1234 64 HTTP/1.1,$a $c 10.0.0.5 51000 \
10.0.0.7 1234 64 second"
is 'from the MAC of -m' \
    "$(answers ssdp ask-ssdp -a 10.0.0.5 -m 02:00:00:00:00:77 | cut -c1-12)" \
    020000000077
is 'without -a there is no phantom to answer' "$(answers ssdp ask-ssdp)" ''
is 'the log has the request' "$(sed -n 's/^.* turn //p' "$T/log" | tail -n 1)" \
    'received=23 packet=0 answers=0 same=yes'
is "the phantom's own request is none" \
    "$(answers ssdp ask-self -a 10.0.0.5)" ''
is 'both ports alike: an answer to the group goes to the group, another not' \
    "$(answers mdns ask-mdns -a 10.0.0.5 | tr -d '\0\1')" \
    "$a 01005e0000fb 10.0.0.5 5353 224.0.0.251 5353 255 answer,$a $c \
10.0.0.5 5353 10.0.0.7 5353 64 alone"
is 'a request to all, under its own number' \
    "$(answers names ask-names -a 10.0.0.5)" \
    "$a $c 10.0.0.5 137 10.0.0.7 137 64 $(printf '\021')\"me"
is 'what one host sent to a group gets no answer' \
    "$(answers hello ask-hello -a 10.0.0.5)$(sed 's,^.*pcap: ,,' "$T/err")" \
    'no UDP request in it has an answer: requests are received, and nothing is sent'
is 'a source without an address is not answered' \
    "$(answers dhcp ask-dhcp -a 10.0.0.5)" ''
is 'a request that was captured short: the answer of its port' \
    "$(answers short ask-short)" \
    "$a 02500a000009 10.0.0.5 7000 10.0.0.9 5000 64 yes"
is 'an answer that was is left out, and not taken for silence' \
    "$(answers short-answer ask-short)$(sed 's,^.*pcap: ,,' "$T/err")" \
    '1 UDP answer left out: captured short
0 of 0 connections can be played; no TCP connection is in it, nor a UDP '\
'request that can be played: capture whole packets, from the request on'
done_testing
