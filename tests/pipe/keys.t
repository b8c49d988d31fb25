#!/bin/bash
# --keys: the secrets of a file, which nobody else may read
. "${0%/*}/../tap.sh"
scratch
said() { "$BIN/tcpfsm" -f "$T/resp" --keys "$1" 2>&1 <"$T/in" | head -c 300; }
echo x >"$T/resp"
: >"$T/in"
head -c 64 /dev/zero | tr '\0' k >"$T/keys"
chmod 644 "$T/keys"
is 'others can read it' "$(said "$T/keys")" "tcpfsm: --keys: $T/keys: others \
can read it, or it is no file: chmod 600"
chmod 600 "$T/keys"
head -c 10 "$T/keys" >"$T/short"
chmod 600 "$T/short"
is 'too short' "$(said "$T/short")" "tcpfsm: --keys: $T/short: shorter than \
64 bytes: make it by head -c 64 /dev/urandom"
is 'none' "$(said "$T/none")" \
    "tcpfsm: --keys: open $T/none: No such file or directory"
is 'with a seed' "$("$BIN/tcpfsm" -f "$T/resp" --keys "$T/keys" -S 1 2>&1 \
    <"$T/in" | head -n 1)" \
    'tcpfsm: --keys with -S or -R: all keys are of the seed then'
done_testing
