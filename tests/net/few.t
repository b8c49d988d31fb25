#!/bin/bash
# Fewer processes can be made than commands may run at once: those that find none
# wait, and one source's part is of what there is. A host of another source is
# served while eight sources hold all.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need socat python3 prlimit setpriv
setpriv --reuid 12346 true 2>/dev/null || skip_all 'no other user here'
chmod 755 "$T"
mkdir -m 777 "$T/d"
printf 'host %s tcp closed\n  tcp 22 command "exec cat"\n' $V4 >"$T/net.conf"
for i in 11 12 13 14 15 16 17 18; do
	ip -n client addr add "10.0.0.$i/24" dev eth0
done
# ASAN_OPTIONS: at its end a build for make asan looks for leaks by one process
# more, and there is none
ASAN_OPTIONS=detect_leaks=0 \
    setpriv --reuid 12346 --regid 12346 --clear-groups --inh-caps=+net_raw \
    --ambient-caps=+net_raw prlimit --nproc=30 "$BIN/phantom" -n -l "$T/d/log" \
    --hosts "$T/net.conf" eth0 >"$T/said" 2>"$T/err" &
ph=$!
began+=("$ph")
wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' || diag <"$T/err"
# echo_of N - of N connections, one after another, how many are served
echo_of() {
	local i n=0
	for ((i = 0; i < $1; i++)); do
		[ "$(client timeout 12 socat -t 10 - "TCP:$V4:22,bind=10.0.0.9" \
		    <<<hello)" = hello ] && n=$((n + 1))
	done
	echo $n
}
is 'before' "$(echo_of 2)" 2
cat >"$T/hold.py" <<'END'
import socket, sys, time
held = []
for k in range(6):
    for i in range(11, 19):
        s = socket.socket()
        s.bind(("10.0.0.%d" % i, 0))
        s.connect((sys.argv[1], 22))
        s.sendall(b"x")
        held.append(s)
    time.sleep(0.2)
print("held", flush=True)
time.sleep(100)
END
begin client python3 "$T/hold.py" $V4 >"$T/held"
wait_for 20 grep -q held "$T/held"
is 'while eight sources hold all' "$(echo_of 4)" 4
ok 'which is said' grep -q \
    'start command: Resource temporarily unavailable: [0-9]* run, others wait' "$T/err"
is 'once' "$(grep -c 'start command' "$T/err" | awk '{ print ($1 < 5) }')" 1
stop $ph
is 'the end is in order' $? 0 || diag <"$T/err"

# ---- descriptors
is 'too few descriptors: how many are needed' "$(prlimit --nofile=64 \
    "$BIN/phantom" -n -l "$T/d/log2" --hosts "$T/net.conf" eth0 2>&1 </dev/null
    echo $?)" 'phantom: the limit of open files is 64, too low: 100 are needed
2'
printf 'host %s tcp open\n' $V4 >"$T/net.conf"
rm -f "$T/said"
prlimit --nofile=100 "$BIN/phantom" -n --commands 10 -l "$T/d/log2" --hosts "$T/net.conf" \
    eth0 >"$T/said" 2>"$T/err" &
ph=$!
began+=("$ph")
ok 'with so many it starts' wait_for 20 grep -q '^SIGTERM ends' "$T/said"
stop $ph
is 'without a message' "$(cat "$T/err")" ''
done_testing
