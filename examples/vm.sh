# shellcheck shell=sh
# vm.sh - virtual machines for the labs of this directory; sourced behind
# lab.sh (sh). No root, no disk image: a kernel as Debian packs it, busybox and
# what else is named, in an archive that the kernel unpacks into memory.
#
#	kernel_find DIRECTORY	of a kernel's package, unpacked, or /: $kernel
#	vm_disk PROGRAM...	makes the file initrd: busybox, these programs
#	vm_start N SOCKET WORDS	machine N, its eth0 at QEMU's stream socket;
#				WORDS, A4=10.1.0.9/24 and so on, are its addresses
#	vm_up N			it is up
#	vm N COMMAND		what the command prints there, its exit status
#
# In the machine ADDR/LEN A4 and A6 are those of eth0, G4 and G6 the routers,
# the folder /www what its web server has.

# in the order in which they need each other
VM_MODULES='failover net_failover virtio_ring virtio virtio_pci_legacy_dev'
VM_MODULES="$VM_MODULES virtio_pci_modern_dev virtio_pci virtio_net"

# kernel_find DIRECTORY - the newest there that everybody may read
kernel_find() {
	kernel='' modules=''
	for k in "$1"/boot/vmlinuz-*; do
		v=${k##*/vmlinuz-}
		for m in "$1/lib/modules/$v" "$1/usr/lib/modules/$v"; do
			if [ -r "$k" ] && [ -d "$m/kernel" ]; then
				kernel=$k modules=$m
			fi
		done
	done
	[ "$kernel" ]
}

# ---- an archive for the kernel (cpio, "newc")

zeros() { head -c "$1" /dev/zero; }

# put NAME MODE [FILE] - a file, or a directory
put() {
	put_size=0
	[ -z "$3" ] || put_size=$(($(wc -c <"$3")))
	put_name=$((${#1} + 1))
	printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s' \
	    0 "$2" 0 0 1 0 $put_size 0 0 0 0 $put_name 0 "$1"
	zeros $((1 + (4 - (110 + put_name) % 4) % 4))
	[ -z "$3" ] || cat "$3"
	zeros $(((4 - put_size % 4) % 4))
}

put_folder() { put "$1" 16877; }
put_program() { put "$1" 33261 "$2"; }

# libraries FILE... - those that the programs are linked with
libraries() {
	ldd "$@" 2>/dev/null | grep -o '/[^ :]* (' | tr -d ' (' | sort -u
}

# put_libraries FILE... - where they are looked for
put_libraries() {
	libs=$(libraries "$@")
	for l in $libs; do
		d=${l%/*}
		while [ "$d" ]; do
			echo "${d#/}"
			d=${d%/*}
		done
	done | sort -u | while read -r d; do put_folder "$d"; done
	for l in $libs; do put_program "${l#/}" "$l"; done
}

# put_module NAME - one that is not there is in the kernel itself
put_module() {
	m=$(find "$modules/kernel" -name "$1.ko*" | head -n 1)
	case $m in
	'') return ;;
	*.xz) xz -dc "$m" >module.ko ;;
	*.zst) zstd -qdc "$m" >module.ko ;;
	*) cat "$m" >module.ko ;;
	esac
	put "m/$1.ko" 33188 module.ko
}

put_init() {
	cat >init <<'INIT'
#!/bin/busybox sh
PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
for m in $MODULES; do
	[ ! -f /m/$m.ko ] || insmod /m/$m.ko
done
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
ip link set lo up
ip link set eth0 up
ip addr add $A4 dev eth0
ip addr add $A6 dev eth0
ip route add default via $G4
ip route add default via $G6
httpd -h /www
stty -F /dev/ttyS1 raw -echo
echo the machine is up >/dev/ttyS0
while read -r line; do
	(eval "$line") </dev/null 2>&1
	echo "=== $?"
done </dev/ttyS1 >/dev/ttyS1
INIT
	put_program init init
}

vm_disk() {
	busybox=$(command -v busybox)
	{
		for d in bin dev m proc www tmp; do put_folder $d; done
		put_init
		put_program bin/busybox "$busybox"
		for p; do put_program "bin/${p##*/}" "$p"; done
		put_libraries "$busybox" "$@"
		for m in $VM_MODULES; do put_module "$m"; done
		put www/page 33188 page
		put 'TRAILER!!!' 0
	} >initrd
}

# ---- machines

vm_start() {
	n=$1 socket=$2
	shift 2
	mkfifo "vm$n.in" "vm$n.out" || return
	qemu-system-x86_64 -accel tcg -m 128 -nodefaults -display none \
	    -no-reboot -kernel "$kernel" -initrd initrd \
	    -serial "file:vm$n.log" -serial "pipe:vm$n" \
	    -netdev "stream,id=n0,server=off,addr.type=unix,addr.path=$socket" \
	    -device "virtio-net-pci,netdev=n0,romfile=,mac=52:54:00:00:00:0$n" \
	    -append "console=ttyS0 quiet panic=-1 no_timer_check $* \
MODULES=\"$VM_MODULES\"" >"vm$n.err" 2>&1 &
	vms="$vms $!"
}

vm_up() { grep -q 'the machine is up' "vm$1.log" 2>/dev/null; }

vm() {
	echo "$2" >"vm$1.in"
	timeout "${VM_PATIENCE:-30}" sed '/^=== /q' <"vm$1.out" >answer
	sed '/^=== /d' answer
	return "$(sed -n 's/^=== //p' answer | grep . || echo 1)"
}
