#!/bin/bash
# Faces: p0f, which only looks on, names the system of a host by its SYN-ACK,
# where p0f's database knows that system as a server.
. "${0%/*}/../lab.sh"
lab "$@"
need p0f
db=/usr/share/nmap/nmap-os-db
[ -f $db ] || skip_all "no $db: package nmap-common"
names=(
	'Linux 2.4.20 = Linux 2.4.x'
	'Linux 2.6.18 = Linux 2.6.x'
	'Linux 2.6.32 = Linux 3.x'
	'Linux 3.2 - 3.8 = Linux 3.x'
	'Microsoft Windows XP SP3 = Windows XP'
	'Microsoft Windows 7 = Windows 7 or 8'
	'Microsoft Windows 7 SP1 = Windows 7 or 8'
	'FreeBSD 8.1-RELEASE = FreeBSD 8.x'
	'FreeBSD 9.0-RELEASE = FreeBSD 9.x'
	'OpenBSD 4.9 - 5.1 = OpenBSD 5.x'
	'OpenBSD 5.2 = OpenBSD 5.x'
	'HP-UX B.11.11 = HP-UX 11.x'
	'HP-UX B.11.31 = HP-UX 11.x'
	'freebsd = FreeBSD 9.x'
)
i=20
for name in "${names[@]}"; do
	printf 'host 10.0.0.%d  os "%s"\n    tcp 80  open\n' $i "${name%% = *}"
	i=$((i + 1))
done >"$T/net.conf"
phantom_net
client "$BIN/rawcap" -qvO -t tcp eth0 >"$T/seen.pcap" 2>"$T/rawcap" &
began+=($!)
listens() { grep -q uid "$T/rawcap"; }
wait_for 9 listens
client timeout 30 bash -c "for ((k = 20; k < $i; k++)); do
	exec 3<>/dev/tcp/10.0.0.\$k/80
done" 2>&1 | diag
has() { [ "$(rawcap -qr "$T/seen.pcap" | wc -c)" -gt $(((i - 20) * 3 * 66)) ]; }
wait_for 9 has
sleep 0.2
p0f -r "$T/seen.pcap" -f /etc/p0f/p0f.fp -o "$T/p0f" >"$T/told" 2>&1 ||
    diag <"$T/told"
k=20
for name in "${names[@]}"; do
	is "${name%% = *}" "$(sed -nE "s,.*mod=syn\\+ack.*\
srv=10.0.0.$k/.*os=([^|]*).*,\\1,p" "$T/p0f" | head -n 1)" "${name##* = }"
	k=$((k + 1))
done
done_testing
