#!/bin/bash
# What a command may do to the phantom whose command it is: it writes on stderr
# without end, and of its own user's files and processes it reaches neither the
# log, the files of --said nor other processes through /proc or a cgroup, wherever
# these are mounted as well.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need socat python3
chmod 755 "$T"
say() { (echo "$1"; sleep 2) | client timeout 9 socat -t 5 - "TCP:$V4:22"; }
size() { stat -c %s "$T/err"; }
run=(-n -l log --said said --guard . --hosts "$T/net.conf" eth0)

# ---- stderr
mkdir -m 777 "$T/d" "$T/d/said" "$T/other"
cat >"$T/net.conf" <<END
host $V4  tcp closed
    tcp 22  command 'read -r x; eval "\$x"'
END
cd "$T/d" || exit 1
phantom_up "${run[@]}"
is 'a line on stderr' "$(say 'echo one >&2; echo said')" said
ok 'is a message' wait_for 5 grep -q 'command: one$' "$T/err"
say 'timeout 2 seq 100000000 >&2' >/dev/null
said=$(size)
ok "millions are not: $said bytes" [ "$said" -lt 100000 ]
ok 'their number is' wait_for 20 grep -Eq \
    'command: [0-9]{4,} more lines of commands are not shown' "$T/err"
say 'echo >&2; echo two >&2' >/dev/null # behind half a line
ok 'the next one is a message again' wait_for 20 grep -q 'command: two$' "$T/err"
stop $ph

# ---- a page that never comes
# stuck.py - of a file system of its own; who writes it to a pipe has that for
# itself until it is there
cat >"$T/stuck.py" <<'END'
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
uid, gid = os.getuid(), os.getgid()
libc.unshare(0x10020000)
for name, text in (('setgroups', 'deny'), ('uid_map', '0 %d 1' % uid),
                   ('gid_map', '0 %d 1' % gid)):
    with open('/proc/self/' + name, 'w') as f:
        f.write(text)
dev = os.open('/dev/fuse', os.O_RDWR)
if libc.mount(b'x', b'mnt', b'fuse', 0, b'fd=%d,rootmode=40000,user_id=0,'
              b'group_id=0' % dev) != 0:
    sys.exit('cannot mount')
def attr(node):
    return struct.pack('<6Q10I', node, 65536, 1, 0, 0, 0, 0, 0, 0,
                       0o40777 if node == 1 else 0o100666, 1, 0, 0, 0, 4096, 0)
def serve():
    while True:
        _, op, unique, node = struct.unpack('<IIQQ', os.read(dev, 1 << 17)[:24])
        said = {26: struct.pack('<4I2H2I2HI', 7, 31, 65536, 0, 10, 10, 65536,
                                1, 1, 0, 0) + bytes(24),
                1: struct.pack('<4Q2I', 2, 0, 3600, 3600, 0, 0) + attr(2),
                3: struct.pack('<QII', 3600, 0, 0) + attr(node),
                14: struct.pack('<QII', 1, 0, 0)}.get(op)
        if op != 15: # a page is asked for
            os.write(dev, struct.pack('<IiQ', 16 + len(said or b''),
                                      0 if said else -38, unique) +
                     (said or b''))
server = os.fork()
if server == 0:
    os.setsid()
    serve()
with open('server', 'w') as f:
    f.write(str(server))
file = os.open('mnt/x', os.O_RDONLY)
page = libc.mmap(None, 65536, 1, 1, file, ctypes.c_long(0))
os.write(1, b'stuck\n')
libc.write(1, ctypes.c_void_p(page), 4096)
END
mkdir "$T/d/mnt"
mknod -m 666 "$T/fuse" c 10 229 2>"$T/not" &&
    mount --bind "$T/fuse" /dev/fuse 2>"$T/not"
if [ -w /dev/fuse ]; then
	phantom_up -n --hosts "$T/net.conf" eth0 # without --guard
	say "cd $T/d; exec python3 $T/stuck.py" >"$T/not"
	is 'a page that never comes holds up nobody' "$(say 'echo lives')" lives
	ok 'there is none' [ ! -e "$T/d/server" ]
	[ ! -e "$T/d/server" ] || kill -KILL "$(cat "$T/d/server")"
	stop $ph
fi

# ---- files and processes of its own user
user=()
if setpriv --reuid 12345 true 2>/dev/null; then
	chown -R 12345 "$T/d" "$T/other"
	user=(setpriv --reuid 12345 --regid 12345 --clear-groups
	    --inh-caps=+net_raw --ambient-caps=+net_raw)
fi
rm -rf "$T"/d/log "$T"/d/said/*
# the folder, one in it and one above it once more; another /proc; a cgroup
A="$T/a g/ain"
mkdir -p "$A"/{d,said,top,root,proc,cgroup}
mount --bind "$T/d" "$A/d"
mount --bind "$T/d/said" "$A/said"
mount --bind "$T" "$A/top"
mount --bind / "$A/root" # its files are not these, but the way there is the same
mount -t proc proc "$A/proc"
mount -t cgroup2 cgroup2 "$A/cgroup" 2>/dev/null &&
    mkdir "$A/cgroup/abuse.$$" 2>/dev/null && cgroup=$A/cgroup/abuse.$$ &&
    { [ ! "${user[*]}" ] || chown -R 12345 "$cgroup"; }
"${user[@]}" "$BIN/phantom" "${run[@]}" >"$T/said" 2>"$T/err" &
ph=$!
began+=("$ph")
wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' || diag <"$T/err"
is 'a command' "$(say 'echo hello')" hello
ok 'its session has a file' wait_for 5 eval '[ "$(ls said)" ]'
cp log "$T/before"
name=$(ls said)
cat >"$T/wrong" <<END
exec 2>/dev/null
(echo forged >>log) && echo "the log is written to"
(: >log) && echo "the log is cut"
rm -f log said/$name
mv log gone && echo "the log is moved"
mv $T/d $T/gone && echo "the folder is moved"
ln said/$name $T/other/file && echo "a name elsewhere"
(echo forged >said/$name) && echo "a session is written to"
(: >new) && echo "a new file in the folder"
for f in "$A"/d/log "$A"/top/d/log "$A"/said/$name "$A"/d/said/$name; do
	[ -s "\$f" ] || echo "there is no \$f"
	(echo forged >>"\$f") && echo "\$f is written to"
done
(: >"$A/d/new") && echo "a new file in \$A/d"
(echo 1 >"$cgroup/cgroup.freeze") && echo "a cgroup is frozen"
for p in \$(pgrep -x tcpfsm); do
	(echo 1000 >"$A/proc/\$p/oom_score_adj") && echo "oom_score_adj by $A/proc"
done
mkdir said/dir && echo "a new folder"
for p in \$(pgrep -x tcpfsm) \$(pgrep -x phantom) \$PPID; do
	(echo 1000 >/proc/\$p/oom_score_adj) && echo "oom_score_adj of \$p"
	(echo 19 >/proc/\$p/autogroup) && echo "autogroup of \$p"
done
(echo mine >$T/other/new) && mv $T/other/new $T/other/moved && cat $T/other/moved
(echo null >/dev/null) && echo and /dev/null
echo on stdout >/dev/stdout
END
is 'harms none of them; elsewhere it writes' "$(say ". $T/wrong" | tr '\n' ' ')" \
    'mine and /dev/null on stdout '
wait_for 5 eval '[ "$(grep -c " close " log)" -ge 2 ]'
is 'the log is what it was, and goes on' "$(head -c "$(stat -c %s "$T/before")" \
    log | cmp - "$T/before" && grep -c ' close ' log)" 2
is 'the session is there' "$(cat "said/$name")" 'echo hello'
stop $ph
is 'nothing was said' "$(cat "$T/err")" ''
[ ! "$cgroup" ] || rmdir "$cgroup"

# ---- all files
"${user[@]}" "$BIN/phantom" "${run[@]}" --guard / >"$T/said" 2>"$T/err" &
ph=$!
began+=("$ph")
wait_for 20 eval 'gone $ph || grep -q "^SIGTERM ends" "$T/said"' || diag <"$T/err"
is '--guard /: nothing is written' "$(say "for f in $T/other/new $T/d/log \
    /dev/null; do echo x >>\$f && echo \$f; done; echo end")" end
stop $ph
done_testing
