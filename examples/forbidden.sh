# shellcheck shell=sh
# why_forbidden - why this user may not make namespaces, and the way to do it
why_forbidden() {
	is() { [ "$(cat "/proc/sys/$1" 2>/dev/null)" = "$2" ]; }
	# root needs no user namespace: with it this is not the cause
	if is user/max_user_namespaces 0 && [ "$(id -u)" != 0 ]; then
		echo 'use sudo; or let root allow them: sysctl -w' \
		    'user.max_user_namespaces=10000 (it is 0)'
	elif [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then
		echo 'this container may not: be root in it, and start it with' \
		    '--privileged, or with --cap-add SYS_ADMIN --cap-add' \
		    'NET_ADMIN --security-opt seccomp=unconfined' \
		    '--security-opt apparmor=unconfined'
	elif is kernel/unprivileged_userns_clone 0; then
		echo 'use sudo; or let root allow them: sysctl -w' \
		    'kernel.unprivileged_userns_clone=1 (it is 0)'
	elif is kernel/apparmor_restrict_unprivileged_userns 1; then
		echo 'use sudo; AppArmor forbids them, until root allows' \
		    'them: sysctl -w' \
		    'kernel.apparmor_restrict_unprivileged_userns=0'
	else
		echo 'use sudo; the kernel gives no reason'
	fi
}
