#!/bin/bash
# A net of hosts from one file: each address and port as the file says, v4 and
# v6, in one set of processes; what is wrong in the file is told at its place.
. "${0%/*}/../lab.sh"
lab "$@"
need curl nc ping python3 socat
sed 's/^/resp: /' examples/resp.txt | head -c 3000 >"$T/resp.txt"
printf 'a known answer' >"$T/answer.bin"
cat >"$T/net.conf" <<'END'
# a small net
default  tcp closed  udp closed
host 10.0.0.5  mac 00:1b:21:3c:9d:07  ttl 128
    tcp 22         command 'echo SSH-2.0-OpenSSH_9.2; exec cat >/dev/null' limit 2/source
    tcp 80         file resp.txt
    tcp 81         file resp.txt quirk rst@1000
    tcp 9          open
    tcp 10-11      open limit 2/port
    tcp 12-13      open limit 1/host
    tcp 14         open limit 8/port
    tcp 8000-8100  silent
    tcp 8050       command 'printf "$TCPLOCALIP $TCPLOCALPORT"'
    tcp 7000       proxy 127.0.0.1:7001
    tcp 6          tarpit
    udp 7          echo
    udp 161        file answer.bin
    udp 162        file answer.bin amplify
    udp 9          silent
include more.conf
END
cat >"$T/more.conf" <<'END'
host 10.0.0.6       copies 10.0.0.5  no-ping
    tcp 80 closed
host 10.0.0.64/26   tcp open
host 10.0.0.128/26  unused-only
host fd00::/64      copies 10.0.0.5
END
conf="$T/net.conf"
is '--check: what is in it' "$("$BIN/phantom" --hosts "$conf" --check)" \
    "$conf: 5 hosts, 31 lines of ports"
phantom_up -n --hosts "$conf" -l "$T/log" eth0

neighbour() { client ip neigh show "$1" | awk '{ print $5 }'; }
pings() { client ping -n -c 1 -W "${2:-5}" "$1" | grep -o 'ttl=[0-9]*'; }
is 'ping, by the TTL of the file' "$(pings 10.0.0.5)" ttl=128
is 'IPv6, a host of a network' "$(pings fd00::7:5)" ttl=128
is 'at the MAC of the file' "$(neighbour 10.0.0.5)" 00:1b:21:3c:9d:07
is 'no ping' "$(pings 10.0.0.6 1)" ''
is 'but there' "$(neighbour 10.0.0.6)" 02:50:0a:00:00:06
is 'a host of a network' "$(pings 10.0.0.70)" ttl=64
is 'the broadcast address of a network is no host' \
    "$(pings 10.0.0.127 1)" ''
is 'one that asks first, for 0.9 seconds' "$(client ping -n -c 1 -W 5 \
    10.0.0.130 | sed -nE 's/.* time=([0-9]+).*/\1/p' |
    awk '{ print ($1 > 700) }')" 1

said() { client socat -T 3 -t 3 - "$@" </dev/null 2>&1; }
for a in 10.0.0.5 '[fd00::7:5]'; do
	is "a file, $a" "$(client curl -s --http0.9 -m 9 "http://$a/" | md5)" \
	    "$(md5 "$T/resp.txt")"
	is "a command, $a" "$(said "TCP:$a:22")" SSH-2.0-OpenSSH_9.2
	is "which knows where it is, $a" "$(said "TCP:$a:8050")" \
	    "$(echo "$a" | tr -d '[]') 8050"
	is "a quirk of this port alone, $a" "$(client curl -s --http0.9 -m 9 \
	    "http://$a:81/" -o /dev/null; echo $?)" 56
	is "UDP, echo, $a" "$(client sh -c "echo hallo |
	    socat -t 2 - UDP:$a:7,shut-none")" hallo
	is "UDP, a file, to who sent as much, $a" "$(client sh -c \
	    "echo fourteen bytes | socat -t 2 - UDP:$a:161,shut-none")" \
	    'a known answer'
	is "but not to who sent less, $a" "$(client sh -c \
	    "echo x | socat -t 1 - UDP:$a:161,shut-none")" ''
	is "unless the file says so, $a" "$(client sh -c \
	    "echo x | socat -t 2 - UDP:$a:162,shut-none")" 'a known answer'
	like=$(client sh -c "echo x | socat -T 2 - UDP:$a:8" 2>&1)
	is "UDP, a closed port, $a" "$(grep -o 'onnection refused' <<<"$like" |
	    head -n 1)" 'onnection refused'
	is "UDP, a silent one, $a" "$(client sh -c \
	    "echo x | socat -T 1 - UDP:$a:9" 2>&1)" ''
done
(exec socat -U TCP-LISTEN:7001,bind=127.0.0.1,reuseaddr \
    SYSTEM:'echo really') &
began+=($!)
wait_for 10 eval 'ss -Hltn "sport = :7001" | grep -q .'
is 'a real server behind a port' "$(said TCP:10.0.0.5:7000)" really
port() { client nc -zw 2 "$1" "$2" >/dev/null 2>&1; echo $?; }
SECONDS=0
is 'closed: refused at once' "$(port 10.0.0.5 23) $((SECONDS < 2))" '1 1'
SECONDS=0
is 'silent: no answer at all' "$(port 10.0.0.5 8001) $((SECONDS > 0))" '1 1'
is 'a later line counts for more' "$(port 10.0.0.6 80)" 1
is 'the other lines are those of the original' "$(said TCP:10.0.0.6:22)" \
    SSH-2.0-OpenSSH_9.2
is 'a network where all is open' "$(port 10.0.0.70 1) $(port 10.0.0.71 9)" \
    '0 0'
# held FILE - a connection to port 22, which stays
held() {
	client sh -c 'sleep 20 | nc 10.0.0.5 22' >"$T/$1" 2>&1 &
	began+=($!)
	wait_for 5 test -s "$T/$1"
}
held one
held two
is 'a limit for each source' "$(said TCP:10.0.0.5:22 | grep -c SSH)" 0
wait_for 5 grep -q '10.0.0.5:22 .* close .*why=limit' "$T/log"
is 'its word in the log' "$(grep -c '10.0.0.5:22 .* close .*why=limit' \
    "$T/log")" 1
is 'not of another host' "$(said TCP:10.0.0.6:22)" SSH-2.0-OpenSSH_9.2
# more PORT... - to each a connection that stays; which of them do
cat >"$T/more.py" <<'END'
import socket, sys, time
all, ports, me = [], sys.argv[1:], ('10.0.0.9', 0)
if ports[0] == 'from':
    me, ports = (ports[1], 0), ports[2:]
stay = ports[-1] == 'stay' and ports.pop()
for p in ports:
    try:
        all.append((socket.create_connection(('10.0.0.5', int(p)), 9, me), p))
    except ConnectionResetError:
        pass
time.sleep(5 if stay else 1.5)
for s, p in all:
    s.setblocking(False)
    try:
        s.recv(1)
    except BlockingIOError:
        print(p)
    except OSError:
        pass
END
more() { client python3 "$T/more.py" "$@" | paste -sd' '; }
is 'a limit for each port' "$(more 10 10 10 11)" '10 10 11'
client ip addr add 10.0.0.10/24 dev eth0
(more 14 14 14 14 14 14 14 14 stay >"$T/first") &
began+=($!)
wait_for 10 eval '[ "$(grep -c ":14 .* new=ESTABLISHED" "$T/log")" -ge 8 ]'
is 'one source has three quarters of it, the next one comes to an equal part' \
    "$(more from 10.0.0.10 14 14 14 14 14)" '14 14 14 14'
wait_for 10 test -s "$T/first"
is 'which the first one keeps' "$(cat "$T/first")" '14 14 14 14'
is 'and for all of a host' "$(more 12 13 12 9)" '12 9'
is 'what has ended does not count' "$(more 13)" 13

stop $ph

# ---- wrong
wrong() { "$BIN/phantom" --hosts "$T/bad" --check 2>&1; echo "$?"; }
printf 'host 10.0.0.1\n tcp 80 flie resp.txt\n' >"$T/bad"
is 'the place is told' "$(wrong)" "phantom: $T/bad:2:9: flie: not closed, \
silent, open, file, command, proxy, limit, quirk or tarpit
2"
printf 'host 10.0.0.1\n tcp 80 file none\n' >"$T/bad"
is 'a file that is not there' "$(wrong)" \
    "phantom: $T/bad:2:14: file $T/none: No such file or directory
2"
mkdir "$T/folder"
mkfifo "$T/fifo"
for what in 'folder: Is a directory' 'fifo: a FIFO, not a file'; do
	printf 'host 10.0.0.1\n tcp 80 file %s\n' "${what%%:*}" >"$T/bad"
	is "a file that is none: $what" "$(wrong)" \
	    "phantom: $T/bad:2:14: file $T/$what
2"
done
printf 'host 10.0.0.1\n tcp 80 file /dev/zero\n udp 9 file /dev/null\n' >"$T/bad"
is 'a file without an end' "$(wrong)" \
    "phantom: $T/bad:2:14: file /dev/zero: a device, not a file
2"
head -c 65508 /dev/zero >"$T/long"
printf 'host fd00::1\n tcp 8 file long\n udp 9 file long\n' >"$T/bad"
is 'a file that is longer than a datagram' "$(wrong)" \
    "phantom: $T/bad:3:13: file $T/long: 65508 bytes: a datagram has 65507 at most
2"
printf 'default ttl x\nhost 10.0.0.5/24\n tcp 1 \033[31m\nhost 10.0.0.6 copies 10.0.0.5
net 10.2.0.1/16 behind 10.0.0.9\nhost 10.0.0.7 ping\n' >"$T/bad"
is 'all mistakes, but none that is only because of another' "$(wrong)" \
    "phantom: $T/bad:1:13: ttl: not a number from 1 to 255
phantom: $T/bad:2:6: host 10.0.0.5/24: one host or a network? Write 10.0.0.5 or 10.0.0.0/24
phantom: $T/bad:3:8: \\033[31m: not closed, silent, open, file, command, proxy, limit, \
quirk or tarpit
phantom: $T/bad:5:5: net 10.2.0.1/16: one host or a network? Write 10.2.0.1 or 10.2.0.0/16
2"
for i in {1..25}; do echo "host h$i"; done >"$T/bad"
is 'twenty of many' "$(wrong | sed -n '20p;$!{h;d};x;p;x;p' | sed 1d)" \
    "phantom: $T/bad: and 5 more
2"
echo "include fifo" >"$T/bad"
is 'a FIFO is not waited for' "$(wrong)" \
    "phantom: $T/bad:1:9: include: open $T/fifo: a FIFO, not a file
2"
printf 'host 10.0.0.1\n tcp 80 quirk rude\n' >"$T/bad"
is 'a quirk that there is not' "$(wrong)" \
    "phantom: $T/bad:2:15: quirk rude: no such quirk: try tcpfsm -Q list
2"
printf 'host 10.0.0.1\n udp 80 command "exec nosuch x"\n' >"$T/bad"
is 'a command that is not there' "$(wrong)" \
    "phantom: $T/bad:2:17: command: no nosuch in PATH
2"
{
	echo 'host 10.0.0.1'
	for c in 'exec 2>&1; echo' '2>/dev/null cat' 'exec 3<&0' 'f () { cat; }; f' \
	    'exec -- cat' '[[ a ]] && cat' 'source x' 'chdir /; cat'; do
		echo "tcp 80 command '$c'"
	done
} >"$T/bad"
is 'commands that sh knows, or that begin otherwise than with a program' \
    "$(wrong)" "$T/bad: 1 host, 8 lines of ports
0"
printf 'host 10.0.0.1 os "No 1"\n' >"$T/bad"
is 'a database that is not there' "$("$BIN/phantom" --os-db "$T/none" \
    --hosts "$T/bad" --check 2>&1)" "phantom: $T/bad:1:18: os No 1: not linux, \
windows-10, freebsd, macos, printer or cisco-ios; open $T/none: No such file or \
directory"
printf 'host 10.0.0.1 os "Linux 5.0 - 5.14"\nhost 10.0.0.2 os "FreeBSD 13"\n' \
    >"$T/bad"
is 'names that no database need have' "$("$BIN/phantom" --os-db "$T/none" \
    --hosts "$T/bad" --check 2>&1)" "$T/bad: 2 hosts, 0 lines of ports"
printf 'host 10.0.0.1\nhost 10.0.0.0/24\nhost 10.0.0.0/24\n' >"$T/bad"
is 'the same network twice' "$(wrong)" \
    "phantom: $T/bad:3:6: host 10.0.0.0/24 stands there twice, first at 2:6
2"
printf 'host 10.0.0.0/24\ninclude part\n' >"$T/bad"
printf '\xef\xbb\xbf# an editor of another system\r\n host 10.0.0.0/24\r\n' >"$T/part"
is 'and in another file, which begins with the mark of UTF-8' "$(wrong)" \
    "phantom: $T/part:2:7: host 10.0.0.0/24 stands there twice, first at $T/bad:1:6
2"
printf '%s\n' 'net 10.2.0.0/16 behind x' 'net 10.2.0.0/16 behind 10.0.0.1' \
    ' net 10.2.0.0/16 behind 10.0.0.1' 'net 10.3.0.0/16 behind 10.0.0.1 save x' \
    >"$T/bad"
is 'nets as well, and words that are of impair alone' "$(wrong)" \
    "phantom: $T/bad:1:24: behind x: not the address of a router
phantom: $T/bad:3:6: net 10.2.0.0/16 stands there twice, first at 2:5
phantom: $T/bad:4:33: save: not a word: loss, delay, distribution, duplicate, corrupt, \
reorder, gap, rate, limit, drop, dup, cut, seed or mtu
2"
printf 'include bad\n' >"$T/bad"
is 'a file that includes itself' "$(wrong)" \
    "phantom: $T/bad:1:9: include bad: it includes itself
2"
printf 'include part\nhost 10.0.0.1\n' >"$T/bad"
printf 'include bad\n' >"$T/part"
is 'by way of another one' "$(wrong)" \
    "phantom: $T/part:1:9: include bad: it includes itself
2"
printf '%s\n' 'host 10.0.0.1 os Linux' ' tcp 22 command “echo hi”' \
    ' udp 80 open limit 5/source' ' tcp 80 open amplify' \
    'host 10.0.0.2 tcp tarpit' >"$T/bad"
is 'words of the other protocol, quotes of a text, no service' "$(wrong)" \
    "phantom: $T/bad:2:17: this quote is a letter here: quotes are ' or \"
phantom: $T/bad:3:14: limit: it is for TCP; for UDP there is amplify
phantom: $T/bad:4:14: amplify: it is for UDP
phantom: $T/bad:5:19: tarpit: it stands behind a service, as in tcp open tarpit
2"
rm "$T/bad"
is 'no file at all' "$(wrong)" "phantom: $T/bad: No such file or directory
2"
for p in tcpfsm icmp-phantom; do
	is "$p says the same" "$("$BIN/$p" --hosts "$T/bad" 2>&1 </dev/null |
	    cat; echo)" "$p: --hosts: $T/bad: No such file or directory"
done
printf 'host 10.0.0.1\n tcp 80 open limit 7/day\n' >"$T/bad"
is 'a limit of what there is not' "$(wrong)" "phantom: $T/bad:2:20: limit: not a \
number up to 60000 and /source, /port or /host, as 20/source
2"
done_testing
