#!/bin/bash
# A phantom on a /24 and Kea, a DHCP server that does not look whether an
# address is in use: the phantom gives it up when it is offered.
. "${0%/*}/../lab.sh"
LAB_REAL=1
lab "$@"
need kea-dhcp4 ping
mkdir /run/kea
cat >"$T/kea.json" <<END
{"Dhcp4": {
    "interfaces-config": {
	"interfaces": ["eth0"], "dhcp-socket-type": "raw"},
    "lease-database": {"type": "memfile", "persist": false},
    "valid-lifetime": 3600,
    "subnet4": [{"subnet": "10.0.0.0/24",
	"pools": [{"pool": "10.0.0.50 - 10.0.0.50"}]}],
    "loggers": [{"name": "kea-dhcp4", "severity": "INFO",
	"output_options": [{"output": "stdout"}]}]}}
END
(exec ip netns exec client env KEA_LOCKFILE_DIR=none KEA_PIDFILE_DIR="$T" \
    kea-dhcp4 -c "$T/kea.json" >"$T/kea.log" 2>&1) &
began+=($!)
wait_for 10 grep -q DHCP4_STARTED "$T/kea.log" ||
    { diag <"$T/kea.log"; skip_all 'no Kea that starts here'; }
begin command phantom -l "$T/log" -f examples/resp.txt eth0 10.0.0.0/24 \
    >"$T/said" 2>&1
wait_for 10 grep -qs ' claim' "$T/log"
ok 'a phantom has the only address' \
    client ping -n -c 4 -i 0.5 -W 1 10.0.0.50
# it asks by ARP whether a station has the address
timeout 20 dhcp-lease -m 02:50:aa:aa:aa:ab eth0 >"$T/out" 2>"$T/err"
is 'a client gets it' "$? $(grep ADDR "$T/out")$(cat "$T/err")" \
    '0 ADDR=10.0.0.50'
ok 'the phantom has given it up' \
    grep -q ' 10.0.0.50 .* yield mac=02:50:aa:aa:aa:ab' "$T/log"
done_testing
