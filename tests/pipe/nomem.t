#!/bin/bash
# Memory is refused: each allocation of a program's life in turn, alone and
# with all that follow it. It ends with a message or goes on with less; what
# it writes is a packet stream.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab.sh
preload=${BUILD:-$ROOT/build}/tests/net/nomem.so
[ -f "$preload" ] || skip_all "no $preload"
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT

# run NUMBER COMMAND... - that allocation refused
run() {
	local n=$1
	shift
	NOMEM=$n LD_PRELOAD=$preload timeout -k 1 20 "$@" <"$T/in" \
	    >"$T/out" 2>"$T/said"
}
asked() { sed -n 's/^allocations: //p' "$T/said"; }

# fault STATUS - what is wrong with this end
fault() {
	case $1 in
	0 | 1 | 2) ;;
	*) echo "exit $1" ;;
	esac
	[ "$1" = 0 ] || grep -v -e '^allocations' -e '^[0-9.]* - - start' \
	    "$T/said" | grep -q . || echo "exit $1 without a message"
	[ ! -s "$T/out" ] || rawcap -q -r - <"$T/out" 2>&1 >"$T/again" |
	    grep -v 'captured' | sed 's/^/output: /'
	cmp -s "$T/out" "$T/again" || [ ! -s "$T/out" ] ||
	    echo 'output: not as it is read'
}

# survives WHAT COMMAND...
survives() {
	local what=$1 i on all status
	shift
	: >"$T/faults"
	run 0 "$@"
	is "$what: does its work" $? 0 || diag <"$T/said"
	all=$(asked)
	for on in '' 1; do
		for i in $(seq "${all:-0}"); do
			[ "$on" ] && export NOMEM_ON=1
			run "$i" "$@"
			status=$?
			unset NOMEM_ON
			fault $status | sed "s/^/$i${on:+ on}: /" >>"$T/faults"
		done
	done
	is "$what: each of ${all:-no} allocations refused" \
	    "$(head -n 5 "$T/faults")" ''
}

tcpfsm -f LICENSE </dev/null 2>&1 >"$T/out" | grep -q seccomp:on ||
    skip_all 'built with another allocator'
cp tests/pipe/golden/upload.pcap "$T/in"
NOMEM_ON=1 run 1 tcpfsm -f LICENSE
is 'without any memory: said so' "$? $(head -n 1 "$T/said")" \
    '1 tcpfsm: open LICENSE: Cannot allocate memory'
survives tcpfsm tcpfsm -T -S 15 -f LICENSE
survives 'tcpfsm -o --md5' tcpfsm -T -S 15 -o "$T/said-by-clients" --md5 -f LICENSE
survives impair impair -T delay 10ms loss 5% duplicate 5% seed 1
survives icmp-phantom icmp-phantom -T -S 1
survives arp-phantom arp-phantom -T -S 1 - 10.0.0.5 fd00::5
survives rawcap rawcap -r -
survives ptee ptee "$T/copy"
cp tests/pipe/golden/bbr6.pcap "$T/in"
survives 'tcpfsm -C bbr' tcpfsm -T -S 12 -C bbr -f LICENSE
done_testing
