#!/bin/bash
# A browser shows the picture that the phantom serves.
. "${0%/*}/../lab.sh"
lab "$@"
browser=
for b in chromium chromium-browser google-chrome; do
	have $b && { browser=$b; break; }
done
[ "$browser" ] || skip_all 'no chromium here'
resp=examples/resp.txt
size=$(stat -c %s $resp)

# show URL FILE - a screenshot; everything that is not this page is off
show() {
	rm -rf "$T/profile"
	client timeout 90 $browser --headless --no-sandbox --disable-gpu \
	    --disable-dev-shm-usage --disable-quic --no-first-run \
	    --disable-background-networking --disable-component-update \
	    --disable-sync --disable-extensions --no-proxy-server \
	    --user-data-dir="$T/profile" --window-size=800,600 \
	    --hide-scrollbars --screenshot="$2" "$1" >"$T/said" 2>&1
}

# grey PICTURE - mean and deviation of its brightness, of 255; or nothing
grey() {
	if have convert; then
		convert "$1" -colorspace Gray -format \
		    '%[fx:round(255*mean)] %[fx:round(255*standard_deviation)]' \
		    info: 2>/dev/null
	fi
}

# near A B - two numbers of grey() that differ by little
near() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		split(a, x); split(b, y)
		for (i = 1; i <= 2; i++)
			if (x[i] == "" || (x[i] - y[i]) ^ 2 > 36)
				exit 1
	}'
}

phantom -f $resp
for a in $V4 $V6; do
	show "$(url $a)" "$T/shot.png"
	is "the browser makes a screenshot, $a" \
	    "$? $(head -c 4 "$T/shot.png" | tail -c 3)" '0 PNG' ||
	    diag <"$T/said"
	shot=$(grey "$T/shot.png")
	if [ "$shot" ]; then
		sed '1,/^\r$/d' $resp >"$T/ghost.jpg"
		ok "it shows the picture, $a: $shot" \
		    near "$shot" "$(grey "$T/ghost.jpg")"
	else
		# a blank page makes about 4 kB
		is "it shows more than a blank page, $a" \
		    "$([ "$(stat -c %s "$T/shot.png")" -gt 100000 ] &&
		    echo yes)" yes
	fi
	got=$(grep -c "^[^ ]* $(bracket $a | sed 's/[][]/\\&/g'):80 .*$(:
	    ) close .*sent=$size " "$T/log")
	is "the phantom delivered all of it, $a" \
	    "$([ "$got" -ge 1 ] && echo yes)" yes
	grep ' close ' "$T/log" | tail -n 4 | diag
done
phantom_end
is 'the line ends in order' $? 0
done_testing
