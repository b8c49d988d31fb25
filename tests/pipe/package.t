#!/bin/bash
# What is shipped: make install takes everything and uninstall takes it away;
# make dist and make deb make the same bytes twice; what they hold works;
# completion knows the options that --help tells.
. "${0%/*}/../tap.sh"
scratch
unset MAKEFLAGS MFLAGS MAKELEVEL
names() { find "$@" -mindepth 1 -maxdepth 1 ! -name ".*" -printf "%f\n" | sort | xargs; }
programs=$(names cmd)

# what has been built is installed: nothing is compiled here
make -s -o all install BIN="$BIN" DESTDIR="$T/i" PREFIX=/usr >/dev/null 2>"$T/err"
is 'make install: all programs, all pages' \
    "$? $(names "$T/i/usr/bin") \
$(find "$T/i/usr/share/man" -type f | wc -l)" "0 $programs $(names man | wc -w)"
is 'the unit names the program where it is' \
    "$(grep -o '^ExecStart=[^ ]*' "$T/i/usr/lib/systemd/system/phantom@.service")" \
    ExecStart=/usr/bin/phantom

is 'it brings what the pages speak of' "$(cd "$T/i/usr/share/doc/tcphantom" &&
    ls README.md examples/resp.txt examples/check-device examples/lessons/lesson.sh |
    wc -l)" 4

tail -c "$(stat -c %s examples/ghost.jpg)" examples/resp.txt |
    cmp - examples/ghost.jpg
is 'the picture in README is the one that resp.txt holds' $? 0

# about FILE WORD NUMBER - README says so, the number to the nearest ten
about() { grep -c "some $((($3 + 5) / 10))0 $2" "$1"; }

is 'README counts the lessons, the quirks and the cases of tcp-drill' \
    "$(grep -o '[0-9][0-9]* lessons' README.md | sort -u)
$(grep -o '[0-9]* quirks' README.md)
$(about README.md cases "$("$BIN/tcp-drill" --list | wc -l)")" \
    "$(find examples/lessons -name '[0-9]*.md' | wc -l) lessons
$("$BIN/tcpfsm" -Q list | wc -l) quirks
2"
is 'it names each layer of common/' "$(sed -n '/^    common/,/^    man/s/^      \([a-z]*\)\/ .*/\1/p' \
    README.md | sort)" "$(find common -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)"
is 'and how long the path of a packet is to read, to the nearest 500 lines' \
    "$(sed -n 's/.*about \([0-9]*\),\([0-9]*\)00 lines.*/\1\2/p' README.md)" \
    "$(sed -n '/^Read in an afternoon/,/^Other targets/p' README.md |
	awk -F'`' '/^[0-9]/ { dir = ""
	    for (i = 2; i <= NF; i += 2) {
		f = $i
		if (f ~ /\//) { dir = f; sub(/[^\/]*$/, "", dir) } else f = dir f
		print f } }' | xargs cat | awk 'END { print 5 * int((NR + 250) / 500) }')"

is 'why no lab can be made is worded once' "$(grep -rlE \
    'userns_clone=1|max_user_namespaces=[1-9]|restrict_unprivileged_userns=0' \
    cmd examples tests --exclude=package.t --exclude=*.md)" examples/forbidden.sh
is 'and phantom-lab has it' "$(grep -c 'user.max_user_namespaces=10000' \
    "$BIN/phantom-lab")" 1

# ---- completion
# told PROGRAM - the options of its page, which the lint compares to --help
told() {
	awk '/^\.It Fl/ { for (i = 3; i <= NF; i++) {
		if ($i == "Ar" || $i == "Ns" || $i == "No" || $i == "Cm" ||
		    $i == "Ta") break
		if ($i ~ /^([a-zA-Z0-9]|-[a-z][a-z0-9-]*)$/) print "-" $i } }' \
	    man/"$1".[18] | sort -u
}
.package/completion list "$BIN" >"$T/list"
for p in $programs; do
	awk -v p="$p" '$1 == p { print $2 }' "$T/list" | sort -u >"$T/have"
	told "$p" | grep -v -x -F -f "$T/have" |
	    grep -v -x -e --help -e --version | sed "s/^/$p lacks /"
	told "$p" | cat - <("$BIN/$p" --help) |
	    grep -oE -e '--?[a-zA-Z0-9][a-zA-Z0-9-]*' | sort -u >"$T/told"
	grep -e ^-- "$T/have" | grep -v -x -F -f "$T/told" |
	    sed "s/^/$p does not have /"
done >"$T/wrong"
is 'completion has the options of every program' "$(cat "$T/wrong")" ''
B=$T/i/usr/share/bash-completion/completions
# complete WORD... - what bash offers for the last
complete_bash() {
	bash -c '. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
	    _tcphantom 2>/dev/null; echo "${COMPREPLY[*]}"' "$B/phantom" "$@"
}
is 'bash: options' "$(complete_bash phantom --pr)" --print
is 'bash: values' "$(complete_bash tcpfsm -C c)" cubic
is 'bash: quirks' "$(complete_bash tcpfsm -Q zero)" zero-window
is 'bash: words of impair' "$(complete_bash impair dela)" delay
is 'bash: they are those of phantom --in' "$(complete_bash phantom --in dela)" \
    delay
is 'bash: files' "$(complete_bash rawcap -r READ)" README.md
is 'bash: every program' "$(names "$B")" \
    "$(echo "$programs tcphantom" | xargs -n 1 | sort | xargs)"
if have zsh; then
	Z=$T/i/usr/share/zsh/site-functions
	is 'zsh: read without an error, for every program' "$(zsh -fc '
	    fpath=('"$Z"' $fpath); autoload -Uz compinit
	    compinit -D -u; for p in '"$programs"'; do
		[[ $_comps[$p] = _tcphantom ]] || echo $p; done
	    zsh -n '"$Z"'/_tcphantom' 2>&1)" ''
else
	skip zsh zsh
fi

make -s -o all uninstall BIN="$BIN" DESTDIR="$T/i" PREFIX=/usr
is 'make uninstall: nothing is left' "$(find "$T/i" ! -type d)" ''

# ---- the unit
if have systemd-analyze; then
	sed "s,@SBINDIR@,$BIN," .package/phantom@.service >"$T/phantom@.service"
	is 'systemd finds nothing wrong in the unit' "$(systemd-analyze verify \
	    "$T/phantom@10.0.0.5.service" 2>&1 | grep phantom@ |
	    grep -v "Command 'man")" ''
	sed "s,@SBINDIR@,$BIN," .package/phantom-hosts@.service \
	    >"$T/phantom-hosts@.service"
	is 'nor in that of a net' "$(systemd-analyze verify \
	    "$T/phantom-hosts@eth0.service" 2>&1 | grep phantom-hosts@ |
	    grep -v "Command 'man")" ''
else
	skip 'the unit' systemd-analyze
fi
# %I of br-lan is br/lan, which is no interface
is 'an interface with a - in its name' "$(grep -c '%I' \
    .package/phantom-hosts@.service)" 0

# ---- the source
export SOURCE_DATE_EPOCH=1795000000
.package/dist 1.2 "$T/a" >/dev/null && .package/dist 1.2 "$T/b" >/dev/null
is 'make dist: the same bytes twice' "$(cmp "$T"/[ab]/tcphantom-1.2.tar.gz)" ''
tar -xzf "$T/a/tcphantom-1.2.tar.gz" -C "$T"
is 'it holds what make needs' "$(cd "$T/tcphantom-1.2" && make -n all |
    grep -c 'bin/tcpfsm')" "$(make -n -B all | grep -c 'bin/tcpfsm')"
is 'and nothing that is made' "$(names "$T/tcphantom-1.2")" \
    'LICENSE Makefile README.md cmd common examples man tests'

# ---- the package
if have dpkg-deb && have strip; then
	# old copies, one with a mark: what would be made anew, from objects that
	# may be built in another way than what is tested, has none
	cp -R "$BIN" "$T/built" && echo '# marked' >>"$T/built/phantom-lab" &&
	    touch -d '2000-01-01' "$T"/built/*
	for d in a b; do
		MAKE="make -o all BIN=$T/built" .package/deb 1.2 "$T/$d" \
		    >"$T/said" 2>"$T/err"
	done
	deb=$(cat "$T/said")
	is 'make deb: the same bytes twice' \
	    "$(cmp "$T"/[ab]/*.deb 2>&1; cat "$T/err")" ''
	is 'no program is made for it' "$(dpkg-deb --fsys-tarfile "$deb" |
	    tar -xO ./usr/bin/phantom-lab | tail -n 1)" '# marked'
	if have lintian && ! ldd "$BIN/tcpfsm" | grep -q san; then
		is 'lintian accepts it' "$(lintian --allow-root --fail-on \
		    error,warning "$deb" 2>&1; echo $?)" 0
	else
		skip lintian 'lintian or plain build'
	fi
	# a system of its own to be installed into
	mkdir -p "$T/sys/var/lib/dpkg/updates" "$T/sys/var/lib/dpkg/info"
	: >"$T/sys/var/lib/dpkg/status"
	pkg() {
		unshare -r dpkg --root="$T/sys" --force-not-root \
		    --force-depends --force-script-chrootless \
		    --log=/dev/null "$@" >"$T/said" 2>&1 || cat "$T/said"
	}
	if unshare -r true 2>/dev/null; then
		is 'it is installed' "$(PATH=$PATH:/usr/sbin:/sbin pkg -i "$deb" |
		    grep -i error)" ''
		is 'all is there and runs' "$(for p in "$T"/sys/usr/bin/*; do
			"$p" --version; done 2>&1 | sed 's/ .*//' | sort |
			xargs)" "$programs"
		said=$(env -u BIN PATH="$T/sys/usr/bin:$PATH" \
		    "$T/sys/usr/share/doc/tcphantom/examples/lessons/01-handshake" 2>&1)
		if [ $? = 2 ]; then # no lab can be made
			skip 'its lessons work' "$(tail -n 1 <<<"$said")"
		else
			is 'its lessons work' "$(tail -n 1 <<<"$said")" \
			    'All checks hold.'
		fi
		PATH=$PATH:/usr/sbin:/sbin pkg -P tcphantom
		is 'removed, nothing is left' "$(find "$T/sys/usr" ! -type d \
		    2>/dev/null)" ''
	else
		skip 'installing' 'user namespace'
	fi
else
	skip 'the package' 'dpkg-deb or strip'
fi
done_testing
