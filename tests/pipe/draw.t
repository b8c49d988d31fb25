#!/bin/bash
# Pictures, tables and films have room for all that they have to tell: counts,
# long times; and programs that tell the same thing tell it alike.
. "${0%/*}/../tap.sh"
need python3
scratch
cat >"$T/make.py" <<'PY'
import os
import sys

sys.path.insert(0, "tests/pipe")
sys.dont_write_bytecode = True
from stories import Capture

OPEN = ["0 > S 0 -", "0.02 < S 0 1", "0.0201 > . 1 1"]


def write(name, lines, version=4):
    c = Capture(version)
    for line in lines:
        c.segment(line.split())
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        f.write(c.out)


for last in 1000, 1234567, 1764000000:
    write("to-%d" % last, OPEN + [
        "0.03 > P 1 1 1", "0.05 < . 1 2",
        "%d.504 > P 2 1 1" % last, "%d.505 < . 1 3" % last])

# captured twice, duplicated, retransmitted, and what may be either
s = list(OPEN)
for i in range(11):
    t, at = 1 + i, 1 + 700 * i
    s += ["%f > P %d 1 100" % (t, at), "%f > P %d 1 100" % (t + .0003, at),
          "%f > P %d 1 100" % (t + .1, at + 100),
          "%f > P %d 1 100" % (t + .1003, at + 100),
          "%f < . 1 %d sack=%d-%d" % (t + .12, at + 200, at + 100, at + 200),
          "%f > P %d 1 100" % (t + .2, at + 200),
          "%f > P %d 1 100" % (t + .203, at + 200),
          "%f > P %d 1 200" % (t + .21, at + 300),
          "%f > P %d 1 200" % (t + .51, at + 300),
          "%f < . 1 %d" % (t + .54, at + 500)]
    # most have no copy
    s += ["%f > P %d 1 20" % (t + .6, at + 500 + 20 * k) for k in range(10)]
    s += ["%f < . 1 %d" % (t + .63, at + 700)]
write("counts", s, 6)

# acknowledgments that overtake each other
s = list(OPEN)
for i in range(6):
    s += ["%f > P %d 1 500" % (.1 + i * .001, 1 + 500 * i)]
s += ["%f < . 1 %d win=%d id=%d" % (.13 + i * .001, 1 + 500 * n, 4000 + n, n + 8000)
      for i, n in enumerate([1, 3, 2, 5, 4, 6])]
write("late", s)
PY
python3 "$T/make.py" "$T" || exit 1

# ---- times beyond 999 s
# columns FILE - those at which a lifeline begins, all the rows of it
columns() {
	sed -n '3,$s/^\([^|]*\)|.*/\1/p' "$1" | awk '{ print length }' |
	    sort -u | xargs
}
for s in 1000 1234567 1764000000; do
	ladder -v "$T/to-$s" >"$T/ladder"
	is "a time of $s s: the lifeline is straight" \
	    "$(columns "$T/ladder")" $((14 + ${#s} + 7))
	is 'and its server stands above the other one' "$(awk 'NR == 2 {
	    a = length } NR > 2 { n = match($0, /[|][^|]*$/)
	    if (a < n - 20 || a > n + 20) bad = 1 } END { print bad + 0 }' \
	    "$T/ladder")" 0
	is 'no line is longer than 80' \
	    "$(awk 'length > 80' "$T/ladder" | wc -l)" 0
	ladder --svg "$T/to-$s" >"$T/to-$s.svg"
	is 'in a picture, too, nothing sticks out' "$(python3 \
	    tests/pipe/svg_boxes.py "$T/to-$s.svg")$(grep -c \
	    ">$s.504000<" "$T/to-$s.svg")" 1
done
# ends FILE - where each number of the table ends
ends() {
	awk '{ s = $0; at = 0; for (i = 1; i < 8; i++) {
		sub(/ms.*/, "", s)
		match(s, /^ *[^ ]+/); at += RLENGTH; e[NR, i] = at
		s = substr(s, RLENGTH + 1) }
		for (i = 1; i < 8; i++) if (e[NR, i] != e[1, i]) bad++ }
	    END { print bad + 0, NR }' "$1"
}
ladder --list "$T/to-1764000000" "$T/counts" >"$T/list" 2>/dev/null
is 'the table has straight columns' "$(ends "$T/list")" '0 3'

# ---- many counts
want='(0 lost, 22 perhaps lost, 11 retransmitted, 11 perhaps retransmitted,'\
' 11 perhaps captured twice, 11 duplicated)'
ladder "$T/counts" >"$T/ladder"
is 'all that is counted stands in the title' \
    "$(sed -n '2,/)$/p' "$T/ladder" | sed 's/^ *//' | xargs)" "$want"
is 'in lines of 80' "$(awk 'length > 80' "$T/ladder" | wc -l)" 0
ladder --svg "$T/counts" >"$T/counts.svg"
is 'and in the picture' "$(sed -n \
    's/.*class="title".*>\([^<]*\)<.*/\1/p' "$T/counts.svg" |
    sed 1d | xargs)" "$want"
is 'where nothing lies on it' \
    "$(python3 tests/pipe/svg_boxes.py "$T/counts.svg")" ''
tcp-film "$T/counts" >"$T/film.html"
is 'a film counts what ladder counts' "$(sed -n \
    's/.*"segments":\([0-9]*\),"counts":"\([^"]*\)".*/\1 (\2)/p' \
    "$T/film.html")" "$(sed -n 's/^ *\([0-9]*\) segments.*/\1/p' \
    "$T/ladder") $want"

# ---- acknowledgments that were overtaken
# falls CLASS - how often its line goes down in the picture
falls() {
	sed -n "s/^<path class=\"$1\" d=\"\(M[^L]*\)\".*/\1/p" "$T/late.svg" |
	    grep -oE '(^M[0-9.]* |V)[0-9.]+' | sed 's/.*[ V]//' |
	    awk 'NR > 1 && $1 > last { bad++ } { last = $1 }
		END { print bad + 0, (NR > 3) }'
}
seqplot "$T/late" >"$T/late.svg"
is 'what is acknowledged never falls' "$(falls ack)" '0 1'
is 'nor does the window, behind an old one' "$(falls window)" '0 1'
done_testing
