# beside.sh - a switch between a phantom, which is here, and real hosts, each in
# a namespace of its own. Behind lab.sh, with LAB_NET=beside. $hosts are numbers,
# those of addresses, too; $bare have a cable and no address.
# shellcheck shell=bash

# beside - all of them, and the client
beside() {
	local n
	ip netns add switch && ip -n switch link add sw type bridge &&
	    ip -n switch link set sw up || return
	ip link add eth0 mtu 1500 address 02:00:00:00:00:01 type veth \
	    peer name phantom netns switch
	ip -n switch link set phantom master sw up
	for n in client $hosts $bare; do
		host "$n" || return
		ip -n "$n" link add eth0 mtu 1500 type veth \
		    peer name "port$n" netns switch
		ip -n switch link set "port$n" master sw up
	done
	ip link set lo up
	ip link set eth0 up
	address client 9
	for n in $hosts; do
		address "$n" "$n"
	done
}
at() { ip netns exec "$@"; }

# slow HOST MS - all that it sends comes so much later: two lines stand between
# its cable and the switch
slow() {
	local port=port$1
	ip -n switch link set "$port" nomaster
	ip -n switch link add "line$1" type veth peer name "far$1"
	ip -n switch link set "line$1" up
	ip -n switch link set "far$1" master sw up
	(exec ip netns exec switch sh -c "rawcap -q $port |
	    impair -q delay ${2}ms | rawinject -q line$1") &
	began+=($!)
	(exec ip netns exec switch sh -c "rawcap -q line$1 |
	    rawinject -q $port") &
	began+=($!)
}
