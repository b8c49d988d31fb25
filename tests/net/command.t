#!/bin/bash
# tcpfsm -e: any program is a phantom service. Real clients and servers, large
# transfers both ways under loss; commands that crash or do not exist; peers
# that vanish; the end in the middle of a transfer.
. "${0%/*}/../lab.sh"
lab "$@"
need socat curl
# sshd and git want a user who is not root, and his files
unshare -U true 2>/dev/null || skip_all 'no namespaces inside namespaces'
head -c 3000000 /dev/urandom >"$T/big"
chmod 755 "$T"
closes() { [ "$(grep -c "$1" "$T/log")" -ge "$2" ]; }
# last EVENT KEY - of the last such line
last() { grep " $1 " "$T/log" | tail -n 1 | grep -o " $2=[^ ]*" | cut -c 2-; }
children() { pgrep -P "$1" 2>/dev/null | wc -l; }
# processes NAME - how many
processes() { pgrep -xc "$1"; }
# commands_of ADDRESS - how many cats serve it
commands_of() {
	pgrep -x cat | sed 's,.*,/proc/&/environ,' |
	    xargs grep -lzFx "TCPREMOTEIP=$1" /dev/null 2>/dev/null | wc -l
}
# echo_of FILE ADDRESS PORT - what comes back
echo_of() {
	timeout 50 ip netns exec client socat -t 30 - \
	    "TCP:$(bracket "$2"):$3" <"$1"
}

# ---- echo, with loss in both directions
lossy() {
	(stage rawcap rawcap eth0) | impair -q loss 2% delay 2ms seed 1 |
	    (stage tcpfsm tcpfsm -l "$T/log" "$@") |
	    impair -q loss 2% delay 2ms seed 2 | (stage rawinject rawinject eth0)
}
LINE=lossy phantom -e cat
for a in $V4 $V6; do
	is "cat is echo: 3 MB each way under loss, $a" \
	    "$(echo_of "$T/big" $a 7 | md5)" "$(md5 "$T/big")"
done
wait_for 5 closes ' close ' 2
is 'status and bytes are in the close event' \
    "$(last close status) $(last close sent) $(last close received)" \
    'status=0 sent=3000000 received=3000000'
is 'and in that of the command' "$(last exit status) $(last exit read)" \
    'status=0 read=3000000'
phantom_end
is 'the line ends in order' $? 0

# ---- a command reaches nobody else
cat >"$T/reach" <<'END'
[ -s "$TMPDIR/tcpfsm.pid" ] || echo "no stage is known"
for p in $(cat "$TMPDIR"/{rawcap,tcpfsm,rawinject,arp}.pid) $PPID; do
	kill -0 "$p" 2>/dev/null && echo "can signal $p"
	(: <"/proc/$p/mem") 2>/dev/null && echo "can trace $p"
	prlimit --pid "$p" --nofile=1 2>/dev/null && echo "can limit $p"
	renice -n 19 -p "$p" >/dev/null 2>&1 && echo "can slow down $p"
	ionice -c 3 -p "$p" 2>/dev/null && echo "can slow down $p"
	taskset -p 1 "$p" >/dev/null 2>&1 && echo "can move $p"
	chrt -i -p 0 "$p" >/dev/null 2>&1 && echo "can slow down $p"
done
renice -n 19 -u "$(id -u)" >/dev/null 2>&1 && echo "can slow down its user"
python3 -c 'import os
os.setpgid(0, os.getsid(0)) # that of the process that starts commands
os.setpriority(os.PRIO_PGRP, 0, 19)' 2>/dev/null && echo "can slow down a group"
ionice -c 3 -P 0 2>/dev/null && echo "can slow down a group"
(ulimit -n 50 && ionice -c 3 taskset 1 chrt -i 0 true) || echo 'not its own'
sleep 5 & kill $! && echo 'can signal its own'
grep NoNewPrivs /proc/self/status
ls /proc/self/fd | wc -l
END
phantom -e "exec bash $T/reach"
is 'a command harms no stage, and gains no rights' \
    "$(client socat -t 10 - "TCP:$V4:7" </dev/null | tr '\t\n' '  ')" \
    'can signal its own NoNewPrivs: 1 4 '
phantom_end

# ---- nor does it find one of the same user in /proc, and change that there
cat >"$T/find" <<'END'
sleep 5 &
cat
[ -d /proc/$! ] || echo 'does not see its own'
echo 500 >/proc/$!/oom_score_adj || echo 'does not reach its own'
for p in /proc/[0-9]*; do
	p=${p#/proc/}
	[ $p = $$ ] || [ $p = $! ] ||
	    echo "sees $(tr '\0' ' ' <"/proc/$p/cmdline")"
done
for p in $(cat "$TMPDIR/others"); do
	(echo 999 >"/proc/$p/oom_score_adj") 2>/dev/null && echo "can harm $p"
done
kill $!
echo end
END
phantom -e "exec bash $T/find"
begin client socat -u TCP:$V4:7 - >"$T/out"
wait_for 10 eval 'pgrep -f "^bash $T/find" >"$T/list"'
pgrep -f "^bash $T/find" | tee "$T/others" >"$T/list"
pgrep -x tcpfsm >>"$T/others"
is 'a command finds no other one in /proc' \
    "$(client socat -t 10 - "TCP:$V4:7" </dev/null | xargs)" end
is 'the other one is as it was' "$(for p in $(cat "$T/list"); do
    cat "/proc/$p/oom_score_adj" 2>/dev/null; done | sort -u)" \
    "$(cat /proc/self/oom_score_adj)"
phantom_end

# ---- real servers behind a phantom
mkdir "$T/www" && cp "$T/big" "$T/www/big" && chmod -R a+rX "$T/www"
backend='socat - TCP:127.0.0.1:8080'
if have nginx; then
	cat >"$T/nginx.conf" <<-END
		daemon off; user root root; pid $T/nginx.pid2; error_log $T/nginx.err;
		worker_processes 1; master_process off; events {}
		http { access_log off; client_body_temp_path $T/body;
		proxy_temp_path $T/p; fastcgi_temp_path $T/f;
		uwsgi_temp_path $T/u; scgi_temp_path $T/s;
		client_max_body_size 100m;
		server { listen 127.0.0.1:8080; root $T/www;
		dav_methods PUT; } }
	END
	begin nginx -c "$T/nginx.conf" 2>/dev/null
else
	begin python3 -m http.server -d "$T/www" -b 127.0.0.1 8080 2>/dev/null
fi
wait_for 20 eval 'ss -Hltn "sport = :8080" | grep -q .'
LINE=lossy phantom -p 80 -e "$backend"
is 'a web server behind it: a download under loss' \
    "$(client curl -s --max-time 50 "http://$V4/big" | md5)" \
    "$(md5 "$T/big")"
if have nginx; then
	client curl -s --max-time 50 -T "$T/big" "http://$V4/put"
	is 'and an upload' "$(md5 "$T/www/put")" "$(md5 "$T/big")"
else
	skip 'and an upload' nginx
fi
phantom_end
if have git; then
	git init -q --bare "$T/repo.git" && git init -q "$T/src" && (
		cd "$T/src" && cp "$T/big" . && git add big &&
		    git -c user.name=n -c user.email=e commit -qm m &&
		    git push -q "$T/repo.git" HEAD:refs/heads/main
	)
	chmod -R a+rwX "$T/repo.git"
	phantom -p 9418 -e "git -c safe.directory='*' daemon --inetd \
	    --export-all --enable=receive-pack --base-path=$T $T"
	client git clone -q -b main "git://$V4/repo.git" "$T/clone" 2>"$T/said"
	is 'git daemon itself as the command: a clone' \
	    "$(md5 "$T/clone/big")" "$(md5 "$T/big")" || diag <"$T/said"
	phantom_end
else
	skip 'git daemon' git
fi

# ---- an SSH server behind it; it is no root, who has to become others
if have sshd ssh-keygen scp sftp; then
	mkdir -m 700 "$T/ssh"
	for k in host user; do
		ssh-keygen -q -t ed25519 -N '' -f "$T/ssh/$k"
	done
	cat >"$T/ssh/conf" <<-END
		Port 2222
		ListenAddress 127.0.0.1
		HostKey $T/ssh/host
		AuthorizedKeysFile $T/ssh/user.pub
		PidFile none
		UsePAM no
		StrictModes no
		PasswordAuthentication no
		Subsystem sftp internal-sftp
	END
	echo "ghost:x:1000:1000::$T/ssh:/bin/sh" | cat /etc/passwd - >"$T/passwd"
	mount --bind "$T/passwd" /etc/passwd
	begin unshare -U --map-user=1000 --map-group=1000 "$(command -v sshd)" \
	    -D -f "$T/ssh/conf" -E "$T/ssh/log"
	wait_for 20 eval 'ss -Hltn "sport = :2222" | grep -q .'
	LINE=lossy phantom -p 22 -e 'socat - TCP:127.0.0.1:2222'
	ssh_with() {
		client timeout 50 "$1" -q -i "$T/ssh/user" -oBatchMode=yes \
		    -oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null \
		    -oPort=22 "${@:2}"
	}
	ssh_with scp "$T/big" "ghost@$V4:$T/ssh/up" 2>"$T/said"
	is 'SSH behind it: scp of 3 MB to it under loss' "$? $(md5 "$T/ssh/up")" \
	    "0 $(md5 "$T/big")" || cat "$T/said" "$T/ssh/log" | diag
	ssh_with scp "ghost@[$V6]:$T/ssh/up" "$T/ssh/down" 2>"$T/said"
	is 'and from it, v6' "$? $(md5 "$T/ssh/down")" "0 $(md5 "$T/big")" ||
	    diag <"$T/said"
	printf 'get %s %s\nput %s %s\n' "$T/ssh/up" "$T/ssh/got" "$T/big" \
	    "$T/ssh/put" | ssh_with sftp -b - "ghost@$V4" >"$T/said" 2>&1
	is 'sftp both ways' "$? $(md5 "$T/ssh/got") $(md5 "$T/ssh/put")" \
	    "0 $(md5 "$T/big") $(md5 "$T/big")" || diag <"$T/said"
	is 'a command there' "$(ssh_with ssh "ghost@$V4" 'id -u; exit 3'; echo $?)" \
	    "1000
3"
	phantom_end
	umount /etc/passwd
else
	skip SSH sshd
fi

# ---- the environment, the descriptors
exec 7<"$T/big"
phantom -p 80 -e \
    'env | grep -E "^(PROTO|TCP)" | sort | xargs; ls /proc/self/fd | xargs'
is 'the environment of UCSPI; no descriptor but 0, 1 and 2 (and that of ls)' \
    "$(timeout 5 ip netns exec client socat -u TCP:$V4:80,sourceport=5555 - |
	xargs)" \
    "PROTO=TCP TCPLOCALIP=$V4 TCPLOCALMAC=02:50:0a:00:00:05 TCPLOCALPORT=80 \
TCPREMOTEIP=10.0.0.9 TCPREMOTEMAC=02:00:00:00:00:09 TCPREMOTEPORT=5555 0 1 2 3"
exec 7<&-
phantom_end

SECRET=x LC_TIME=C TZ=UTC0 HOME=/root phantom -p 80 -e \
    'env | grep -vE "^(PROTO|TCP|PATH|LANG|LC_ALL|TMPDIR|_|PWD|OLDPWD|SHLVL)" | sort | xargs'
is 'of ours only what a command needs' \
    "$(timeout 5 ip netns exec client socat -u TCP:$V4:80 -)" \
    'HOME=/ LC_TIME=C TZ=UTC0'
phantom_end

# ---- how commands end
phantom -e 'case $TCPLOCALPORT in
	1) sleep 0.3; nosuchcommand ;;
	2) sleep 0.3; printf xyz; sleep 0.3; kill -SEGV $$ ;;
	3) head -c 10 ;;
	4) exec >&-; cat >'"$T"'/half ;;
	5) printf abc; exit 3 ;;
	6) trap "echo hup >'"$T"'/hup; exit" HUP; while sleep 0.1; do :; done ;;
	7) sleep 0.3; cat >'"$T"'/slow ;;
	8) yes ;;
	esac'
reach() { timeout 20 ip netns exec client socat -t 10 - "TCP:$V4:$1" 2>"$T/said"; }
files() { echo "/proc/$(cat "$T/tcpfsm.pid")/fd"/*; }
files=$(files)
# end_of PORT - what is said there, and how it ends
end_of() {
	client timeout 20 python3 -c "
import socket
s = socket.create_connection(('$V4', $1)); said = b''
try:
    while True:
        b = s.recv(9999)
        if not b:
            print(said.decode(), 'EOF'); break
        said += b
except ConnectionResetError:
    print(said.decode(), 'reset')"
}
is 'no such command: a reset' "$(end_of 1)" ' reset'
wait_for 5 closes 'exit status=127' 1
is 'its status' "$(last exit status) $(last close how) $(last close status)" \
    'status=127 how=abort status=127'
is 'a crash: what was said, then a reset' "$(end_of 2)" 'xyz reset'
is 'its signal' "$(last exit signal) $(last close signal)" 'signal=11 signal=11'
reach 3 <"$T/big" | md5 >"$T/got"
is 'a command that reads little: the answer arrives, the rest is counted' \
    "$(cat "$T/got") $(wait_for 5 closes ' unread=[1-9]' 1 && echo unread)" \
    "$(head -c 10 "$T/big" | md5) unread"
reach 4 <"$T/big" >/dev/null
wait_for 5 cmp "$T/half" "$T/big"
ok 'a command that closes its stdout first hears the rest' \
    cmp "$T/half" "$T/big"
is 'another status is an end in order' "$(reach 5 </dev/null) $(
    wait_for 5 closes 'exit status=3' 1; last close how)" 'abc how=fin'
client socat -u OPEN:"$T/big" TCP:$V4:7 2>/dev/null
ok 'a slow command gets all of it' wait_for 10 cmp "$T/slow" "$T/big"
# a peer that resets
client python3 -c "import socket, struct, time
s = socket.create_connection(('$V4', 6)); time.sleep(0.5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))"
ok 'a peer that resets: SIGHUP' wait_for 5 grep -q hup "$T/hup"
# nobody reads: the command blocks
ip netns exec client python3 -c "import socket, time
s = socket.create_connection(('$V4', 8)); time.sleep(30)" &
written() { awk '/^wchar/ { print $2 }' "/proc/$(pgrep -x yes)/io"; }
blocked() { # it has written something, and for a while nothing more
	a=$(written)
	sleep 0.4
	[ "${a:-0}" -gt 0 ] && [ "$a" = "$(written)" ]
}
ok 'a peer that does not read blocks the command' wait_for 10 blocked
kill $!
wait $!
ok 'and it ends with the peer' wait_for 5 eval '[ "$(processes yes)" = 0 ]'
is 'no descriptor is left behind' "$(wait_for 5 eval \
    '[ "$(files)" = "$files" ]'; files)" "$files"
zombies() { ps -eo stat,comm | grep -c '^Z.*\(sh\|tcpfsm\|cat\)'; }
wait_for 5 eval '[ "$(zombies)" = 0 ]' # who has only just ended is one, too
is 'no zombie' "$(zombies)" 0
phantom_end

# ---- limits
phantom --commands 2 -e 'sleep 1; cat'
for i in 1 2 3 4 5 6; do
	echo $i | timeout 20 ip netns exec client socat -t 10 - TCP:$V4:7 \
	    >"$T/q$i" &
	pids[i]=$!
done
wait_for 5 eval '[ "$(processes sleep)" -ge 2 ]'
is 'two at once, four wait' "$(processes sleep)" 2
wait "${pids[@]}"
is 'all have their turn' "$(cat "$T"/q? | xargs)" '1 2 3 4 5 6'
phantom_end

# ---- what goes on without its connection gives way to one that waits
phantom --commands 1 -e 'case $TCPLOCALPORT in
	1) sleep 60 & echo $! >'"$T"'/left; echo hi ;;
	2) trap "" HUP; exec >&-; cat; sleep 60 ;;
	3) echo hi ;;
	esac'
ok 'its peer resets, while what it has left behind goes on' client python3 -c "
import socket, struct
s = socket.create_connection(('$V4', 1), 9)
assert s.recv(9) == b'hi\n'
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))"
SECONDS=0
is 'its place is free' "$(reach 3 </dev/null) $((SECONDS < 6))" 'hi 1'
is 'a command that goes on by itself' "$(reach 2 </dev/null)" ''
wait_for 5 closes 'how=fin' 2
is 'and ignores SIGHUP, has to give way' "$(timeout 30 ip netns exec client \
    socat -t 29 - "TCP:$V4:3" </dev/null)" hi
ok 'it has ended' closes 'exit signal=9' 1
kill "$(cat "$T/left")"
phantom_end

# ---- one source has its share: 1,200 idle connections of one host, then as
# many from its other family, and a client that is another
client sh -c 'ip addr add 10.0.0.10/24 dev eth0
    ip addr add fd00:0:0:1::10/64 dev eth0 nodad; ip route add fd00::5 dev eth0'
hold() { # in the background
	exec ip netns exec client sh -c 'ulimit -n 2000; exec python3 - "$@"' - "$@" <<-'END'
	import socket, sys, time
	s = []
	for i in range(int((sys.argv + [1200])[3])):
	    c = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else
	        socket.AF_INET)
	    c.settimeout(5); c.bind((sys.argv[2], 0))
	    try:
	        c.connect((sys.argv[1], 7)); s.append(c)
	    except OSError: pass
	print('held', flush=True); time.sleep(90)
	END
}
phantom -e cat
hold $V4 10.0.0.10 >"$T/held" &
holder=$!
ok '1,200 connections of one host are there' wait_for 25 grep -q held "$T/held"
wait_for 10 eval '[ "$(processes cat)" -ge 75 ]' # their shells have begun
is 'it has three quarters of the commands' "$(processes cat)" 75
is 'a client is served within a second' "$(echo me | timeout 1 \
    ip netns exec client socat -t 5 - "TCP:$V4:7,bind=10.0.0.9")" me
is 'and one of IPv6' "$(echo me | timeout 1 \
    ip netns exec client socat -t 5 - "TCP:[$V6]:7")" me
hold $V6 fd00:0:0:1::10 >"$T/held6" &
holder6=$!
ok 'and 1,200 of its other address' wait_for 25 grep -q held "$T/held6"
# half_each - nobody can have one more: one source has three quarters of what
# the others leave, 43 of 57, and takes one only from who has two more
half_each() {
	local a b
	a=$(commands_of 10.0.0.10)
	b=$(commands_of fd00:0:0:1::10)
	[ "$a" -ge 43 ] && [ "$b" -ge 43 ] && [ $((a - b)) -le 1 ] &&
	    [ $((b - a)) -le 1 ]
}
ok 'that has three quarters of the rest, then takes until it has as many' \
    wait_for 20 half_each
is 'a client is served all the same' "$(echo me | timeout 1 \
    ip netns exec client socat -t 5 - "TCP:$V4:7,bind=10.0.0.9")" me
is 'and one of IPv6, too' "$(echo me | timeout 1 \
    ip netns exec client socat -t 5 - "TCP:[$V6]:7")" me
kill $holder $holder6
phantom_end

# ---- several sources have all commands; a place is taken from one with most
client sh -c 'for i in 21 22 23 24; do ip addr add 10.0.0.$i/24 dev eth0; done'
phantom --commands 20 -e cat
for i in 21 22 23 24; do
	hold $V4 10.0.0.$i 40 >"$T/held$i" &
	holders+=($!)
done
ok 'four addresses hold connections' wait_for 25 eval \
    '[ "$(cat "$T"/held2? | grep -c held)" = 4 ]'
ok 'they have all commands but one' \
    wait_for 20 eval '[ "$(processes cat)" -ge 19 ]'
for a in $V4 $V6; do
	is "three connections of another are served, $a" "$(client timeout 20 \
	    python3 -c '
import socket, sys
s = [socket.create_connection((sys.argv[1], 7), 15) for i in range(3)]
for c in s:
    c.sendall(b"me")
print(*[c.recv(9).decode() for c in s])' $a)" 'me me me'
done
kill "${holders[@]}"
phantom_end

# ---- idle
phantom --idle 1 -e 'trap "echo idle >'"$T"'/hup2; exit" HUP
    while sleep 0.1; do :; done'
is 'nothing is said for a second: a reset' "$(end_of 9)" ' reset'
ok 'its command has a SIGHUP' wait_for 5 grep -q idle "$T/hup2"
is 'and the log its reason' "$(last close why)" why=idle
phantom_end

# ---- the end in the middle
phantom -e 'cat | (sleep 0.2; cat) >/dev/null; sleep 60'
client socat -u OPEN:"$T/big" TCP:$V4:7 2>/dev/null
wait_for 10 closes 'new=CLOSE-WAIT' 1
begin client socat -u OPEN:/dev/zero TCP:$V4:8 2>/dev/null
wait_for 10 closes 'new=ESTABLISHED' 2
sleep 0.3
p=$(cat "$T/tcpfsm.pid")
kill -TERM "$p"
wait_for 20 gone "$p"
wait "$line"
is 'SIGTERM: exit 0, one line' "$? $(grep -c 'connections,' "$T/tcpfsm.err")" '0 1'
wait_for 5 eval '[ "$(processes sleep) $(processes cat)" = "0 0" ]'
is 'all commands have ended' "$(processes sleep) $(processes cat)" '0 0'
is 'both are told' "$(grep -c ' exit ' "$T/log")" 2
# to be sure: as much as was acknowledged reached a command's stdin
is 'nothing is lost that was acknowledged' "$(awk '/ close / {
	match($0, /received=[0-9]+/); r += substr($0, RSTART + 9, RLENGTH - 9) }
    / exit / { match($0, /read=[0-9]+/); w += substr($0, RSTART + 5,
	RLENGTH - 5) } END { print (r == w && r > 0) ? "equal" : r " " w }' \
	"$T/log")" equal

# ---- the parser is killed: its commands end
phantom -e 'sleep 100; :'
begin client socat -u TCP:$V4:7 - 2>/dev/null
wait_for 10 eval '[ "$(processes sleep)" = 1 ]'
kill -KILL "$(cat "$T/tcpfsm.pid")"
ok 'kill -KILL: its commands end' wait_for 10 eval '[ "$(processes sleep)" = 0 ]'
done_testing
