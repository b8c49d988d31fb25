#!/bin/bash
# Faces at the edge of the stack: arp-fingerprint names the family of each of
# our own by the odd ARP requests that it answers, as it does with the kernel
# beside; nmap -6 -O names what it knows, behind a router also FreeBSD and
# Cisco, whose Neighbor Advertisements its database does not have.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap
own=(linux windows-10 freebsd macos printer cisco-ios)
for i in "${!own[@]}"; do
	printf 'host %s os %s\n    tcp 80 open\n' "10.0.0.2$i" "${own[i]}" \
	    "fd00::2$i" "${own[i]}" "fd10::2$i" "${own[i]}"
done >"$T/net.conf"
echo 'host 10.0.0.26' >>"$T/net.conf"
echo 'net fd10::/64 behind fd00::1' >>"$T/net.conf"
phantom_net
client ip route add fd10::/64 via fd00::1

# protocols ADDRESS OPTIONS... - what nmap says about one that no host has
protocols() {
	client timeout 60 nmap -n -Pn -sO -p 253 "${@:2}" "$1" 2>&1 |
	    awk '$1 == "253" || $1 == "253/ip" { print $2 }'
}
is 'a protocol that is not there is refused' "$(protocols 10.0.0.26)" closed
is 'and a next header of IPv6' "$(protocols fd00::20 -6)" closed
is 'but not by a system that does not do so' \
    "$(protocols fd00::25 -6 --max-retries 0)" 'open|filtered'

if type arp-fingerprint arp-scan >"$T/has" 2>&1; then
	# fingerprint MS ADDRESS - each request has so much time
	fingerprint() {
		client timeout 60 arp-fingerprint -o "-I eth0 -t $1" "$2"
	}
	jobs=()
	for i in 20 21 22 23 24 25 26; do
		fingerprint 200 10.0.0.$i >"$T/arp.$i" 2>&1 &
		jobs+=($!)
	done
	wait "${jobs[@]}"
	likely=(Linux Windows10 FreeBSD MacOS "Nortel Contivity" Cisco Linux)
	for i in "${!likely[@]}"; do
		# an answer that was late on a busy machine is none
		grep -q "${likely[i]}" "$T/arp.2$i" ||
		    fingerprint 900 10.0.0.2$i >"$T/arp.2$i" 2>&1
		is "ARP: ${own[i]:-without os}: ${likely[i]}" \
		    "$(grep -o "${likely[i]}" "$T/arp.2$i" | head -n 1)" \
		    "${likely[i]}" || diag <"$T/arp.2$i"
	done
else
	diag <<<'no arp-fingerprint: package arp-scan'
fi

# look ADDRESS - nmap's guess
look() {
	client timeout 60 nmap -6 -n -Pn -O -p 80,81 --max-os-tries 2 "$1" \
	    2>&1 | sed -n 's/^Running[^:]*: //p'
}
names=(fd00::20 fd00::21 fd00::24 fd10::22 fd10::25)
likely=(Linux Windows HP FreeBSD Cisco)
jobs=()
for i in "${!names[@]}"; do
	look "${names[i]}" >"$T/os.$i" &
	jobs+=($!)
done
wait "${jobs[@]}"
for i in "${!names[@]}"; do
	got=$(cat "$T/os.$i")
	for turn in 1 2 3; do # a busy machine loses its probes
		[[ $got == *"${likely[i]}"* ]] || got=$(look "${names[i]}")
	done
	is "nmap -6: ${names[i]}: ${likely[i]}" \
	    "$(grep -o "${likely[i]}" <<<"$got" | head -n 1)" "${likely[i]}" ||
	    diag <<<"$got"
done
done_testing
