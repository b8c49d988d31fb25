#!/bin/bash
# How the programs are built: addresses that differ from run to run, nothing
# writable that is executable, tables of functions that are read-only after
# the start, guarded stacks, checked lengths.
cd "$(dirname "$0")/../.." || exit 1
. tests/lab.sh
need readelf
readelf -s "$BIN/tcpfsm" | grep -q -e __asan -e __llvm_profile &&
    skip_all 'built for another kind of test'
readelf -s "$BIN/tcpfsm" | grep -q __stack_chk_fail ||
    skip_all 'built without HARD'

T=$(mktemp) || exit 1
trap 'rm -f "$T"' EXIT
for p in cmd/*/; do
	ls "$p"*.c >/dev/null 2>&1 || continue # a script
	p=$BIN/$(basename "$p")
	readelf -hldsW "$p" >"$T"
	is "${p##*/}: PIE, full RELRO, no executable stack, guards" "$(
		grep -q 'Type: *DYN' "$T" && echo pie
		grep -q 'GNU_RELRO' "$T" && echo relro
		grep -q 'BIND_NOW\|Flags:.*NOW' "$T" && echo now
		grep -q 'GNU_STACK.* RW  *0x' "$T" && echo stack
		grep -q 'LOAD.* RWE' "$T" && echo rwx
		grep -q 'RPATH\|RUNPATH' "$T" && echo path
		grep -q '__stack_chk_fail' "$T" && echo guard
		grep -q '__[a-z]*_chk@' "$T" && echo fortify)" \
	    'pie
relro
now
stack
guard
fortify'
done
done_testing
