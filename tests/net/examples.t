#!/bin/bash
# Every command of README.md, of the lessons' pages and of the EXAMPLES of the
# man pages runs as it is written. Each block of commands has a lab of its own,
# with the hosts, servers and files that the texts speak of; what never ends
# is ended after a while. tests/net/examples.tsv says what a block needs
# besides, and which ones cannot be run, and why: a line of it that fits no
# block is wrong, too.
. "${0%/*}/../lab.sh"
TABLE=tests/net/examples.tsv
PATIENCE=2	# seconds that what never ends is given

# of_page FILE - its blocks of examples, each ended by a line of \1
of_page() {
	awk '
	/^\.Sh/ { on = $2 == "EXAMPLES"; next }
	!on { next }
	/^\.Bd -literal/ { block = 1; next }
	/^\.Ed/ { print "\1"; block = 0; next }
	/^\.Dl / { sub(/^\.Dl /, ""); print; print "\1"; next }
	block' "$1" | sed 's/\\&//g; s/\\(dq/"/g; s/\\-/-/g; s/\\e/\\/g'
}

# of_readme FILE - what is indented; of a dialogue only what is typed, on the
# other host where it says "client$"
of_readme() {
	awk '
	function flush() {
		if (block != "")
			printf "%s\1\n", typed != "" ? typed : block
		block = typed = ""
	}
	/^    / {
		line = substr($0, 5)
		block = block line "\n"
		if (sub(/^\$ /, "", line))
			typed = typed line "\n"
		else if (sub(/^client\$ /, "", line))
			typed = typed "ip netns exec client " line "\n"
		next
	}
	{ flush() }
	END { flush() }' "$1"
}

# table PAGE BLOCK WHAT - the values that the table has for it
table() {
	local page match what value
	while IFS=$'\t' read -r page match what value; do
		case $page in '#'* | '') continue ;; esac
		if [ "$page" = "$1" ] && [ "$what" = "$3" ] &&
		    [[ $2 == *"$match"* ]]; then
			printf '%s\n' "$value"
		fi
	done <$TABLE
}

# ---- inside: one block

# the world that the texts speak of
world() {
	host client
	sysctl -qw net.ipv6.conf.default.accept_dad=0
	ip link add eth0 type veth peer name eth0 netns client
	ip link set lo up
	ip link set eth0 up
	address client 9
	for a in 10.0.0.1 10.1.1.34 192.0.2.1; do
		client ip addr add $a/24 dev eth0
	done
	mkdir /run/w
	cp -r examples "$KIT"/* /run/w
	mount --bind "$KIT/hosts" /etc/hosts || exit 1
	cd /run/w || exit 1
	client dnsmasq -d -C "$KIT/dnsmasq.conf" 2>/run/dnsmasq &
	for port in 80 8080; do
		client socat TCP-LISTEN:$port,fork,reuseaddr \
		    SYSTEM:'read x; cat resp.txt' 2>/dev/null &
		socat TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr \
		    SYSTEM:'read x; cat resp.txt' 2>/dev/null &
	done
}

# visitors - somebody who wants something of the phantom, again and again
visitors() {
	while sleep 0.3; do
		client curl -s --max-time 1 -o /dev/null http://10.0.0.5/
		client ping -c 1 -W 1 10.0.0.5
		ping -c 1 -W 1 127.0.0.1
		curl -s -o /dev/null http://127.0.0.1/
	done >/dev/null 2>&1
}

# one PAGE BLOCK - "ended STATUS" or "live", and what was wrong
one() {
	# what is tried out may write here and nowhere else
	if touch /etc/writable "$ROOT/writable" 2>/dev/null; then
		echo 'the machine is not safe from the examples'
		exit 1
	fi
	mount -t tmpfs -o mode=755 none /run && mount -t tmpfs none /tmp ||
	    exit 1
	local page=$1 block=$2 sub setup
	setup=$(table "$page" "$block" setup)
	sub=$(table "$page" "$block" sub)
	[ ! "$sub" ] || block=$(sed -E "$sub" <<<"$block")
	world
	world_up || echo "the servers do not come"
	eval "$setup"
	visitors &
	PATH=$KIT/path:$PATH TMPDIR=/tmp HOME=/tmp
	setsid bash -o pipefail -c "$block" </dev/null >/run/out 2>/run/err &
	local pid=$! i status
	for ((i = 0; i < PATIENCE * 20; i++)); do
		gone $pid && break
		sleep 0.05
	done
	if gone $pid; then
		wait $pid
		status=$?
		# 141: of a writer whose reader has gone, as tee's in a pipe
		echo "ended $((status == 141 ? 0 : status))"
	else
		kill -TERM -- -$pid
		wait_for 5 gone $pid || echo 'does not end'
		echo live
	fi
	[ ! "$ONLY" ] || diag < <(cat /run/out /run/err /run/dnsmasq)
	grep -hE 'try: |not found|No such|[Ss]yntax|usage:|not permitted|[Bb]ad ' \
	    /run/err | head -n 5
}

world_up() {
	wait_for 20 client curl -s -o /dev/null http://10.0.0.9/ &&
	    wait_for 20 grep -q DHCP, /run/dnsmasq
}

if [ "$1" = one ]; then
	KIT=$2
	one "$3" "$4"
	exit
fi

# ---- outside

lab "$@"
need curl dnsmasq socat tcpdump tshark jq python3
unshare -nm --propagation private --pid --fork --kill-child --mount-proc \
    true || skip_all 'no namespaces inside namespaces'
KIT=/mnt/kit
# the tree as well, where nothing that is mounted later can hide it
mount -t tmpfs none /mnt && mkdir -p $KIT/path /mnt/root /mnt/bin &&
    mount --bind "$ROOT" /mnt/root && mount --bind "$BIN" /mnt/bin &&
    mount -o remount,bind,ro /mnt/root && cd /mnt/root || exit 1
ROOT=/mnt/root BIN=/mnt/bin PATH=/mnt/bin:$PATH
cp examples/resp.txt $KIT
ln -s "$BIN" $KIT/bin
echo '127.0.0.1 localhost example.com far' >$KIT/hosts
cat >$KIT/dnsmasq.conf <<END
no-resolv
no-hosts
no-ping
user=root
dhcp-authoritative
dhcp-leasefile=/run/leases
dhcp-range=10.0.0.50,10.0.0.60,255.255.255.0,1h
dhcp-option=option:dns-server,10.0.0.1
host-record=www.example.com,192.0.2.1
mx-host=example.com,mail.example.com,10
local=/example.com/
dns-rr=example.com,2,026e73076578616d706c6503636f6d00
interface=eth0
END
# a tcpdump that is root wants to become a user who is unknown in here; and
# wireshark looks on as tshark does
cat >$KIT/path/tcpdump <<END
#!/bin/sh
exec $(unshare -U true 2>/dev/null && echo unshare --map-user=1000) \\
    $(command -v tcpdump) "\$@"
END
cat >$KIT/path/wireshark <<END
#!/bin/sh
exec $KIT/path/tcpdump -n -r -
END
chmod +x $KIT/path/*
printf 'GET / HTTP/1.0\r\n\r\n' >$KIT/request
tshark -r tests/pipe/golden/cubic.pcap -Y 'frame.len > 0' -F nsecpcap \
    -w $KIT/in.pcap 2>/dev/null
(cd $KIT && tcpfsm -T -v -S 11 -f resp.txt -l log <in.pcap >out.pcap
	tcpfsm -J -T -v -S 11 -f resp.txt -l log.json <in.pcap >/dev/null
	for f in old good web; do cp in.pcap $f.pcap; done
	tshark -r in.pcap -F pcapng -w old.pcapng 2>/dev/null
	pcapnote -q -l log in.pcap out.pcap >noted.pcapng)

# Nothing of the machine can be written from here on: some examples install,
# and we may be its real root.
awk '$2 !~ "^/(proc|sys|dev|run|mnt)(/|$)" { print $2 }' /proc/self/mounts |
    while read -r at; do
	mount -o remount,bind,ro "$at" 2>/dev/null
done
if touch /etc/writable "$ROOT/writable" 2>/dev/null; then
	rm -f /etc/writable "$ROOT/writable"
	skip_all 'the machine cannot be made safe from the examples'
fi

# the blocks, in files of their own
i=0
block=
take() { # PAGE; stdin: its blocks
	local line
	while IFS= read -r line; do
		if [[ $line == *$'\1' ]]; then
			i=$((i + 1))
			printf '%s' "$1" >"$T/$i.page"
			printf '%s' "${block%$'\n'}" >"$T/$i.block"
			block=
		else
			block+=$line$'\n'
		fi
	done
}
# the lessons themselves are run by lessons.t
for page in README.md examples/lessons/*.md; do
	take "$page" < <(of_readme "$page" |
	    sed '/^examples\/lessons\/[0-9a-z-]*\( -d pictures\)*\x01*$/d')
done
for page in man/*; do
	take "${page#man/}" < <(of_page "$page")
done
is 'there are many' "$((i > 60))" 1

# ONLY=dns-query.8: those of one page, and all that they say
for ((b = 1; b <= i; b++)); do
	[ ! "$ONLY" ] || [ "$(<"$T/$b.page")" = "$ONLY" ] || continue
	[ "$(table "$(<"$T/$b.page")" "$(<"$T/$b.block")" not)" ] || echo $b
done >"$T/todo"
# shellcheck disable=SC2016
xargs -P 8 -I % sh -c 'timeout 60 unshare -nm --propagation private --pid \
    --fork --kill-child --mount-proc bash "$0" one "$1" "$(cat "$2/%.page")" \
    "$(cat "$2/%.block")" >"$2/%.said" 2>&1' "$0" $KIT "$T" <"$T/todo"

for ((b = 1; b <= i; b++)); do
	page=$(<"$T/$b.page")
	[ ! "$ONLY" ] || [ "$page" = "$ONLY" ] || continue
	block=$(<"$T/$b.block")
	what="$page: ${block%%$'\n'*}"
	why=$(table "$page" "$block" not)
	if [ "$why" ]; then
		n=$((n + 1))
		echo "ok $n - $what # SKIP $why"
		continue
	fi
	want=$(table "$page" "$block" status)
	said=$(grep -v "^# " "$T/$b.said") # ONLY tells more
	[ ! "$ONLY" ] || grep "^# " "$T/$b.said"
	[ "$said" != live ] || said='ended 0'
	is "$what" "$said" "ended ${want:-0}"
done

# a line of the table that is about nothing
while IFS=$'\t' read -r page match what value; do
	case $page in '#'* | '') continue ;; esac
	found=
	for ((b = 1; b <= i; b++)); do
		[ "$(<"$T/$b.page")" = "$page" ] &&
		    [[ $(<"$T/$b.block") == *"$match"* ]] && found=yes
	done
	[ "$found" ] || stale+="$page: $match; "
done <$TABLE
is 'every line of the table is about a block' "$stale" ''
done_testing
