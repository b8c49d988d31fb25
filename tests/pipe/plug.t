#!/bin/bash
# pipe-plug between processes: every kind of socket, peers that end and come
# again, lie about lengths, or come twice; ends and usage.
. "${0%/*}/../tap.sh"
need python3 perl
scratch
cd "$T" || exit 1
head -c 500000 /dev/urandom >page
client='tcpfsm -q -l c.log -s 10.0.0.9 -c 10.0.0.5:80 -g phantom -o got'
port=$((20000 + $$ % 12000)) # not one that the kernel gives

# try LINK LINK - a phantom at one end, a client at the other
try() {
	local r
	rm -f got
	timeout 20 pipe-plug -q "$1" -- phantom -n -f page - 10.0.0.5 2>err &
	server=$!
	# shellcheck disable=SC2086
	timeout 15 pipe-plug -q "$2" -- $client
	r=$?
	kill $server
	wait $server
	echo "$r $(md5 got)"
}
want="0 $(md5 page)"
is 'UDP, a frame a datagram' "$(try udp:$port:127.0.0.1:$((port + 1)) \
    udp:$((port + 1)):127.0.0.1:$port)" "$want"
is 'a Unix socket' "$(try unix:u unix:u)" "$want"
is 'four bytes of length, as QEMU has it' "$(try qemu:q qemu:q)" "$want"
is 'TCP, the phantom waits' "$(try tcp::$port tcp:127.0.0.1:$port)" "$want"
is 'TCP, the client waits' \
    "$(try tcp:127.0.0.1:$((port + 2)) tcp::$((port + 2)))" "$want"
is 'no socket is left' "$(find . -type s)" ''

# ---- an end before a peer has come, of one whose helper is the same user's
poor=()
if setpriv --reuid 12345 true 2>/dev/null; then
	poor=(setpriv --reuid 12345 --regid 12345 --clear-groups)
fi
chmod 755 .
mkdir -m 777 end
left=0
for ((i = 0; i < 20; i++)); do
	# timeout, told to end a moment after it began, may leave its command
	"${poor[@]}" pipe-plug -q unix:end/u -- cat 2>>err &
	plug=$!
	wait_for 20 test -S end/u
	kill $plug
	wait $plug
	if [ -S end/u ]; then
		left=$((left + 1))
		rm end/u
	fi
done
is 'nor of one that ends alone' "$i $left" '20 0' || diag <err

# ---- another user's lock on the folder
perl -e 'use Fcntl ":flock"; open(F, "<", "end") && flock(F, LOCK_EX);
    open(G, ">", "locked"); sleep 60' &
holder=$!
wait_for 20 test -e locked
is 'a lock on the folder does not hold it up' "$(try unix:end/u unix:end/u)" \
    "$want"
kill $holder

# ---- two links
timeout 20 pipe-plug -q unix:a qemu:b 2>err &
joint=$!
timeout 20 pipe-plug -q unix:a -- phantom -n -f page - 10.0.0.5 2>>err &
server=$!
rm -f got
# shellcheck disable=SC2086
timeout 15 pipe-plug -q qemu:b -- $client
is 'two links, joined' "$? $(md5 got)" "$want"
# shellcheck disable=SC2086
rm got
timeout 15 pipe-plug -q qemu:b -- $client
is 'a peer that has gone may come again' "$? $(md5 got)" "$want"
kill $joint $server
wait $joint $server

# ---- peers that are no good
cat >peer.py <<'END'
import socket, struct, sys, time
def dial():
	for i in range(200):
		s = socket.socket(socket.AF_UNIX)
		try:
			s.connect("q")
			return s
		except OSError:
			time.sleep(0.02)
frame = b"\xff" * 6 + b"\2\0\0\0\0\1" + b"\x08\6" + b"x" * 46
for length in 0xffffffff, 70000, 0x80000000:
	s = dial()
	s.sendall(struct.pack(">I", length) + frame * 10)
	s.settimeout(5)
	try:
		assert s.recv(1) == b""
	except ConnectionResetError:
		pass
	s.close()
s = dial()
s.sendall(struct.pack(">I", 0) + struct.pack(">I", 5) + b"short")
s.sendall(b"".join(bytes([b]) for b in struct.pack(">I", len(frame)) + frame))
for b in struct.pack(">I", len(frame)) + frame:
	s.sendall(bytes([b]))
	time.sleep(0.001)
second = socket.socket(socket.AF_UNIX)
try:
	second.settimeout(0.5)
	second.connect("q")
	second.sendall(b"\0\0\0\x40" + frame)
	print(second.recv(1))
except OSError:
	print("refused")
s.sendall(struct.pack(">I", len(frame)) + frame)
time.sleep(0.3)
END
timeout 20 pipe-plug qemu:q -- sh -c 'exec cat >here' 2>err &
plug=$!
is 'a second peer is refused' "$(timeout 15 python3 peer.py 2>py.err)" \
    refused || diag <py.err
all=$((24 + 3 * (16 + 60)))
wait_for 20 eval '[ "$(wc -c <here)" -ge $all ]'
kill $plug
wait $plug
is 'lies end the connection, not more; what is whole comes' \
    "$(grep -c 'no good' err) $(sed -n 's/.*qemu:q: \(.*\) out.*, \(.* bad\)/\1 \2/p' err)" \
    '3 3 frames in, 0 5 bad' || diag <err
is 'to the command' "$(wc -c <here)" $all
# a record that is longer than any frame; then one that is none
{
	head -c 24 here
	printf '\1\0\0\0\0\0\0\0\160\021\001\0\160\021\001\0'
	head -c 70000 /dev/zero
	tail -c +25 here
} >long
{
	head -c 24 here
	tail -c 76 here
} >one
# what comes before the two have met is dropped: a frame the other way shows it
timeout 20 pipe-plug -q unix:u -- sh -c 'while [ ! -e met ]; do
	cat one
	sleep 0.05
done & exec cat >here2' &
plug=$!
wait_for 20 test -S u
timeout 15 pipe-plug unix:u -- sh -c 'head -c 100 >/dev/null
	: >met
	cat long
	n=$(wc -c <here)
	for i in $(seq 200); do
		[ "$(wc -c <here2)" -lt "$n" ] || break
		sleep 0.05
	done' 2>err
kill $plug
wait $plug
is 'more than 64 KiB is no frame, what follows passes' \
    "$(sed -n 's/.*sh: \(.*\) in, .*, \(.* bad\)/\1, \2/p' err) $(wc -c \
    <here2)" "3 frames, 1 bad $(wc -c <here)" || diag <err

# ---- two that begin at the same time: one listens, the other one connects
met=0
for ((i = 0; i < 15; i++)); do
	timeout 5 pipe-plug -q unix:r -- sh -c 'while sleep 0.05; do cat one; done' &
	plug=$!
	timeout 3 pipe-plug -q unix:r -- sh -c 'head -c 100 >/dev/null' &&
	    met=$((met + 1))
	kill $plug
	wait $plug
done 2>err
is 'they meet each time' "$met" 15 || diag <err

# ---- one that takes connections, and ends them
cat >short.py <<'END'
import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("s")
s.listen(9)
s.settimeout(30)
s.accept()[0].close()
end = time.time() + 1.3
s.accept()[0].close()
n = 2
try:
	while time.time() < end:
		s.settimeout(max(0.01, end - time.time()))
		s.accept()[0].close()
		n += 1
except OSError:
	pass
print(n)
END
python3 short.py >count &
peer=$!
wait_for 20 test -S s
timeout 60 pipe-plug -q unix:s -- sleep 60 &
plug=$!
wait $peer
kill $plug
wait $plug
ok 'asked again, not as often as can be' \
    test "$(cat count)" -ge 2 -a "$(cat count)" -le 4
echo text >file
timeout 3 pipe-plug -q qemu:file -- cat >/dev/null 2>err
is 'a file is not removed for a socket' "$(cat file)" text

# ---- a peer that passes an open file, whose close() waits for the peer
cat >linger.py <<'END'
import socket, sys, time
from lingering import lingering, pass_file
c, far = lingering()
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    pass_file(s, c)
    c.close()
except PermissionError:
    print('refused')
sys.stdout.close()
time.sleep(9)
END
if python3 -c 'import socket
socket.socket(socket.AF_UNIX).setsockopt(1, 83, 0)' 2>err; then
	timeout 60 pipe-plug -q unix:l -- sleep 60 &
	plug=$!
	wait_for 20 test -S l
	PYTHONPATH=$ROOT/tests/net python3 linger.py l >refused &
	peer=$!
	ok 'an open file is refused' wait_for 20 grep -q refused refused
	kill $plug
	ok 'and keeps nobody from ending' wait_for 20 eval '! kill -0 $plug 2>err'
	kill $peer
fi

# ---- ends
timeout 5 pipe-plug -q unix:u -- sh -c 'exit 3'
is 'the status of the command' $? 3
head -c 24 here >empty
timeout 5 pipe-plug -q - unix:u <empty | cat >out
is 'its own streams' "${PIPESTATUS[0]} $(wc -c <out)" '0 24'
timeout 5 pipe-plug -q - unix:u </dev/null 2>err | cat >out
is 'no stream at all' "${PIPESTATUS[0]} $(grep -c 'not a packet' err)" '1 1'
timeout 5 pipe-plug -q tcp:127.0.0.1:$port -- sh -c 'sleep 0.3; exit 4'
is 'nobody is there: it asks again and again' $? 4
pipe-plug -q tcp:no.host.invalid:80 -- cat 2>err | cat >out
is 'no such host' "${PIPESTATUS[0]}" 2
for a in '' tap:x 'x -- cat' 'udp:1 -- cat' 'udp:1:2 -- cat' 'tcp:80 -- cat' \
    'unix: -- cat' 'unix:x --' 'unix:x - -' 'if:a/b -- cat'; do
	# shellcheck disable=SC2086
	pipe-plug $a </dev/null 2>/dev/null | cat >out
	is "usage: $a" "${PIPESTATUS[0]}" 2
done
done_testing
