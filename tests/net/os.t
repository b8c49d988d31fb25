#!/bin/bash
# Faces: nmap -O names the system that the file names, as its first guess, of
# 24 in nmap's own database; of those that need none an exact match; and each
# still serves.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap curl
db=/usr/share/nmap/nmap-os-db
[ -f $db ] || skip_all "no $db: package nmap-common"
names=(
	'Linux 5.0 - 5.3'
	'Linux 3.12 - 4.10'
	'OpenBSD 4.9 - 5.1'
	'FreeBSD 11.0-STABLE or 11.0-RELEASE'
	'NetBSD 7.0'
	'Sun Solaris 2.5.1 (SPARC)'
	'HP-UX B.11.11'
	'Novell NetWare 6.5 SP4'
	'Microsoft Windows 2000 SP4 or Windows XP'
	'Microsoft Windows Server 2016'
	'Apple iOS 6.1.3'
	'Cisco 870 router or 2960 switch (IOS 12.2 - 12.4)'
	'Huawei VRP 5.160'
	'Alcatel OmniSwitch 7000'
	'HP ENVY 4500 printer'
	'Brother HL-3170CDW printer'
	'Canon PIXMA MG5200 printer'
	'NetApp Data ONTAP 8.0.1RC1'
	'F5 3600 LTM load balancer'
	'SonicWALL PRO 4060 firewall (SonicOS 3.2)'
	'Symantec VelociRaptor 1.5 firewall'
	'APC Network Management Card'
	'Dell Remote Access Controller 4 (DRAC 4)'
	'Infomir MAG-250 set-top box'
)
own=(linux windows-10 freebsd macos printer cisco-ios)
likely=(Linux 'Microsoft Windows 10' FreeBSD Apple printer Cisco)
echo served >"$T/resp"
i=20
for name in "${names[@]}" "${own[@]}"; do
	printf 'host 10.0.0.%d  os "%s"\n    tcp 80 file resp\n' $i "$name"
	i=$((i + 1))
done >"$T/net.conf"
phantom_net

served=0
for ((k = 20; k < i; k++)); do
	[ "$(client curl -s --http0.9 -m 9 http://10.0.0.$k/)" = served ] &&
	    served=$((served + 1))
done
is 'every one serves' $served $((i - 20))

# look ADDRESSES - ask nmap
look() {
	client timeout 120 nmap -n -Pn -O -p 80,4 -T4 --osscan-guess \
	    --max-os-tries 2 -oX "$T/found.xml" "$1" >"$T/nmap" 2>&1
}
# guesses - a line for each host: its address, nmap's first guess
guesses() {
	awk -v exact="$1" -v RS='<host ' 'NR > 1 {
		match($0, /addr="[0-9.]*"/)
		a = substr($0, RSTART + 6, RLENGTH - 7)
		g = "none"
		if (match($0, /<osmatch name="[^"]*"/))
			g = substr($0, RSTART + 15, RLENGTH - 16)
		if (exact && $0 !~ /<osmatch name="[^"]*" accuracy="100"/)
			g = "not exactly " g
		print a, g }' "$T/found.xml"
}
guess() { guesses "$2" | sed -n "s/^$1 //p"; }
look 10.0.0.20-$((i - 1))
again=
k=20
for name in "${names[@]}"; do
	[ "$(guess 10.0.0.$k)" = "$name" ] || again+=" 10.0.0.$k"
	k=$((k + 1))
done
# a sequence of six numbers that chance has made odd: once more, alone
cp "$T/found.xml" "$T/first.xml"
k=20
for name in "${names[@]}"; do
	cp "$T/first.xml" "$T/found.xml"
	[[ "$again " == *" 10.0.0.$k "* ]] && look 10.0.0.$k
	is "$name" "$(guess 10.0.0.$k)" "$name"
	k=$((k + 1))
done
cp "$T/first.xml" "$T/found.xml"
for j in "${!own[@]}"; do
	got=$(guess 10.0.0.$k exact)
	# how random six numbers are is a match by chance, too; the name is
	# that of the first or the second look
	for try in 1 2 3 4 5 6; do
		[[ $got == not* || $got != *"${likely[$j]}"* ]] || break
		[[ $try = 1 || $got == *"${likely[$j]}"* ]] || break
		look 10.0.0.$k
		got=$(guess 10.0.0.$k exact)
	done
	cp "$T/first.xml" "$T/found.xml"
	is "${own[$j]}" "$(grep -oE "not exactly|${likely[$j]}" <<<"$got" |
	    head -n 1)" "${likely[$j]}" || diag <<<"$got"
	k=$((k + 1))
done
done_testing
