#!/bin/bash
# phantom on a stream: ARP, ping, UDP and TCP in one command, v4 and v6, as a
# port of a switch, behind a router, and as a filter of a capture.
. "${0%/*}/../tap.sh"
scratch
cd "$T" || exit 1
head -c 500000 /dev/urandom >page

# net COMMAND - of the port c, beside a phantom
net() {
	rm -f got
	timeout 20 pipe-switch -q --until c \
	    10:'phantom -n -f page -l ph.log - 10.0.0.5 fd00::5' c=10:"$1" 2>err
}
net 'tcpfsm -q -l c.log -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -o got'
is 'TCP' "$? $(md5 got)" "0 $(md5 page)"
is 'nothing on stderr' "$(cat err)" ''
is 'the log has all three' "$(awk '$4 == "start"' ph.log | wc -l)" 3
net 'tcpfsm -q -l c.log -s fd00::9 -c [fd00::5]:80 -g fd00::5 -o got'
is 'IPv6, and its MAC by a question' "$? $(md5 got)" "0 $(md5 page)" || diag <err
net 'icmp-ping -c 2 -i 0.05 -s 10.0.0.9 - 10.0.0.5'
is 'ping, with ARP before it' "$?" 0 || diag <err
net 'icmp-ping -c 2 -i 0.05 -s fd00::9 - fd00::5'
is 'the same, IPv6' "$?" 0 || diag <err

timeout 20 pipe-switch -q --until c --pcap all.pcap \
    10:'phantom -n -f page - 10.0.1.5 fd00:1::5' \
    20:'phantom -n - 10.0.2.9 fd00:2::9' \
    c=20:'tcpfsm -q -l c.log -s 10.0.2.9 -g 10.0.2.1 -c 10.0.1.5:80 -o got' \
    trunk:'pipe-router -q 10=10.0.1.1/24,fd00:1::1/64 20=10.0.2.1/24,fd00:2::1/64'
is 'behind a router' "$? $(md5 got)" "0 $(md5 page)"

# ---- a bad network, an end, what is asked for
timeout 20 pipe-switch -q --until c \
    10:"phantom -n -S 3 --out 'loss 3%' --in 'delay 2ms' -f page - 10.0.0.5" \
    c=10:'tcpfsm -q -l c.log -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -o got'
is '--in and --out' "$? $(md5 got)" "0 $(md5 page)"
phantom -n -f page - 10.0.0.5 </dev/null 2>err | cat >out
is 'no stream at all' "${PIPESTATUS[0]} $(grep -c 'not a packet stream' err)" \
    '1 1'
head -c 24 out >empty
phantom -n -f page - 10.0.0.5 <empty 2>err | cat >out
is 'its end is an end in order' "${PIPESTATUS[0]} $(cat err)" '0 '

# ---- one file header, so that any program that knows pcap files takes it
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:2 flags S next flags S dport 3 >syns
phantom -n -q -f page - 10.0.0.5 <syns | cat >out
headers() { grep -aobP '\x4d\x3c\xb2\xa1' "$1" | wc -l; }
is 'three programs, one header' \
    "$(headers out) $(rawcap -qr out | tcp-show 2>/dev/null | grep -c "FLAGS='SA'")" \
    '1 2'
pipe-switch -q --hub --isolate --direct 1:- \
    1:"exec pipe-switch -q --hub --isolate --direct 1:- 1:'phantom -n -q - 10.0.0.5'" \
    1:'exec phantom -n -q -f page - 10.0.0.6' <empty 2>err | cat >out
is 'also where a switch is within another one' "$(headers out) $(cat err)" '1 '

# ---- hosts of a file: another protocol of IP is answered, too
echo 'host 10.0.0.5' >one.hosts
tcp-craft -s 10.0.0.9:1 -c 10.0.0.5:2 flags S proto 99 >other
phantom -n -q --hosts one.hosts - <other | cat >out
is 'hosts of a file: a protocol that they do not have is unreachable' \
    "$(od -An -tx1 -j $((24 + 16 + 14 + 20)) -N 2 out)" ' 03 02'

is '--print' "$(phantom --print -n -f page - 10.0.0.5 | grep -o \
    'pipe-switch -q --hub --isolate --together --direct .* 1:- .tcp=1:exec')" \
    "pipe-switch -q --hub --isolate --together --direct --types tcp:tcp,error \
--types icmp:icmp,udp --types arp:arp 1:- 'tcp=1:exec"
phantom --wireshark - 10.0.0.5 2>err
is 'no --wireshark' "$? $(grep -c ptee err)" '2 1'
phantom - dhcp 2>err
is 'no dhcp' $? 2
phantom --film f - 10.0.0.5 2>err
is 'no --film' $? 2
done_testing
