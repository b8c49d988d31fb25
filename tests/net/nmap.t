#!/bin/bash
# nmap finds the phantom as it finds any host.
. "${0%/*}/../lab.sh"
lab "$@"
need nmap

# scan OPTIONS... - nmap's lines for programs
scan() { client timeout 60 nmap -n -oG - "$@" 2>"$T/said"; }

# ports OPTIONS... - "80/open 81/closed"
ports() {
	scan "$@" | grep -o '[0-9]*/[a-z]*/tcp' | sed 's,/tcp,,' | xargs
}

mac() {
	client timeout 60 nmap -n "$@" | awk '/^MAC Address/ { print $3 }'
}

phantom -f examples/resp.txt
is 'nmap -sn: the phantom is up' \
    "$(scan -sn $V4 | grep -o 'Status: .*')" 'Status: Up'
is 'nmap -sn -6: the phantom is up' \
    "$(scan -sn -6 $V6 | grep -o 'Status: .*')" 'Status: Up'
is 'nmap -sn of the segment: the client and the phantom, no one else' \
    "$(scan -sn 10.0.0.0/28 | awk '/Status: Up/ { print $2 }' | xargs)" \
    '10.0.0.5 10.0.0.9'
is 'it has the MAC by the rule' "$(mac -sn $V4)" 02:50:0A:00:00:05
is 'and by the rule for v6' "$(mac -sn -6 $V6)" 02:50:00:00:00:05
is 'a port of it is open' "$(ports -Pn -p 1337 $V4)" 1337/open
is 'a port of it is open, v6' "$(ports -Pn -6 -p 1337 $V6)" 1337/open
is 'and by connect()' "$(ports -Pn -sT -p 1337 $V4)" 1337/open
phantom_end

phantom -p 80 -f examples/resp.txt
want='79/closed 80/open 81/closed'
is '-p 80: the others are closed' "$(ports -Pn -p 79-81 $V4)" "$want"
is '-p 80: the others are closed, v6' "$(ports -Pn -6 -p 79-81 $V6)" "$want"
is '-p 80, by connect()' "$(ports -Pn -sT -p 79-81 $V4)" "$want"
phantom_end

phantom -p 22 -p 80 -f examples/resp.txt
is '-p 22 -p 80: both are open, of a hundred' \
    "$(ports -Pn -p 1-100 --open $V4)" '22/open 80/open'
phantom_end
is 'the line ends in order' $? 0
done_testing
