# measure.sh - samples, medians and the table; sourced by run.
#
# A sample is a line of key=value words in $S/ROW.SIDE; the same row has
# samples of both sides, taken turn by turn.

S=$T/samples
mkdir -p "$S"
out=$ROOT/build/bench
load=$out/load

# on_cpu PID... - nanoseconds so far
on_cpu() {
	local p ns rest sum=0
	for p; do
		[ -r "/proc/$p/schedstat" ] || continue
		read -r ns rest <"/proc/$p/schedstat" && sum=$((sum + ns))
	done
	echo $sum
}

# sample ROW SIDE "PID..." LOAD'S ARGUMENTS... - one run of the client
sample() {
	local row=$1 side=$2 pids=$3 before said
	shift 3
	# shellcheck disable=SC2086
	before=$(on_cpu $pids)
	said=$(timeout 90 ip netns exec client "$load" "$@" 2>&1) ||
	    echo "bench: $row, $side: $said" >&2
	# shellcheck disable=SC2086
	echo "$said server=$(($(on_cpu $pids) - before))" |
	    awk -v RS='[ \n]+' -F= '
		{ v[$1] = $2 }
		END {
			if (!v["seconds"] || !v["bytes"]) exit
			gb = v["bytes"] / 1e9
			v["ms"] = v["took"] * 1e3
			v["wait"] = v["connect"] / 1e3
			v["wait90"] = v["connect90"] / 1e3
			v["wait_most"] = v["connect_most"] / 1e3
			v["ms90"] = v["took90"] * 1e3
			v["ms_most"] = v["took_most"] * 1e3
			v["rate"] = gb * 1e3 / v["seconds"]
			v["each_rate"] = v["each"] / 1e6 / v["seconds"]
			v["per_s"] = v["ended"] / v["seconds"]
			v["cost"] = (v["server"] / 1e9 + v["cpu"]) / gb
			v["ours"] = v["server"] / 1e9 / gb
			for (k in v) printf "%s=%s ", k, v[k]
			print ""
		}' >>"$S/$row.$side"
}

# values ROW SIDE KEY - one a line, sorted
values() {
	[ -f "$S/$1.$2" ] || return
	awk -v RS='[ \n]+' -F= -v k="$3" '$1 == k { print $2 }' "$S/$1.$2" |
	    sort -g
}

# median - of numbers on stdin, sorted, and half of the range beside it, in
# percent: "MEDIAN NOISE", or nothing
median() {
	awk '{ v[NR] = $1 } END {
		if (!NR) exit
		m = v[int((NR + 1) / 2)]
		printf "%.9g %.0f\n", m, m ? (v[NR] - v[1]) / 2 / m * 100 : 0
	}'
}

# told - lines of stdin to the terminal and into the report. What is told
# passes here line by line: a row starts processes that would keep a pipe open
told() { tee -a "$md"; }

# head_compare - once, before the first row
head_compare() {
	[ ! "$begun" ] || return
	begun=1
	told <<-HEAD

	| | phantom | kernel | ratio | noise | to reach |
	|---|---|---|---|---|---|
	HEAD
}

# compare WHAT ROW KEY FORMAT [GOAL] - a line of the table; the plot's data
compare() {
	local a na b nb
	read -r a na < <(values "$2" phantom "$3" | median)
	read -r b nb < <(values "$2" kernel "$3" | median)
	awk -v what="$1" -v a="${a:--}" -v b="${b:--}" -v f="$4" \
	    -v na="${na:--}" -v nb="${nb:--}" -v goal="${5:- }" \
	    -v plot="$out/plot$suffix.tsv" 'BEGIN {
		ratio = b > 0 && a != "-" ? sprintf("%.2f", a / b) : "-"
		if (ratio != "-") print what "\t" a / b >>plot
		printf "| %s | %s | %s | %s | %s %%, %s %% | %s |\n", what,
		    a == "-" ? a : sprintf(f, a), b == "-" ? b : sprintf(f, b),
		    ratio, na, nb, goal }' | told
}

# plot - the ratios as bars, from WHAT<tab>RATIO on stdin: SVG
plot() {
	if command -v gnuplot >/dev/null; then plot_gnuplot; else plot_plain; fi
}

plot_gnuplot() {
	cat >"$T/plot.tsv"
	gnuplot <<-END
	n = $(wc -l <"$T/plot.tsv")
	set terminal svg size 780, 20 * n + 60 font "sans-serif,12" \
	    background rgb "white"
	set datafile separator "\t"
	set title "the phantom as a multiple of the kernel"
	set logscale x
	set xrange [0.05:20]
	set yrange [n + 0.5:0.5]
	set y2range [n + 0.5:0.5]
	set xtics (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20) nomirror
	set ytics noenhanced nomirror scale 0
	set y2tics scale 0
	set grid xtics
	unset key
	low(r) = r < 1 ? r : 1
	high(r) = r < 1 ? 1 : r
	at(i) = i + 1
	plot "$T/plot.tsv" using (1):(at(\$0)):(low(\$2)):(high(\$2)) \
	    :(at(\$0) - 0.35):(at(\$0) + 0.35):ytic(1) \
	    :y2tic(sprintf("%.2f", \$2)) \
	    with boxxyerror fill solid noborder lc rgb "#4878a8"
	END
}

plot_plain() {
	awk -F '\t' '
	function x(r) {	# 1/20 to 20
		r = r < 0.05 ? 0.05 : r > 20 ? 20 : r
		return 330 + 380 * (log(r) / log(20) + 1) / 2
	}
	{ what[NR] = $1; ratio[NR] = $2 }
	END {
		high = NR * 20 + 50
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" " \
		    "width=\"780\" height=\"%d\" font-family=\"sans-serif\" " \
		    "font-size=\"12\">\n", high
		print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
		n = split("0.05 0.1 0.2 0.5 1 2 5 10 20", tick, " ")
		for (i = 1; i <= n; i++)
			printf "<path d=\"M%.1f 20V%d\" stroke=\"%s\"/>" \
			    "<text x=\"%.1f\" y=\"%d\" " \
			    "text-anchor=\"middle\">%s</text>\n", x(tick[i]),
			    high - 25, tick[i] == 1 ? "black" : "#ddd",
			    x(tick[i]), high - 10, tick[i]
		for (i = 1; i <= NR; i++) {
			a = x(ratio[i]); b = x(1); y = 5 + i * 20
			printf "<text x=\"320\" y=\"%d\" " \
			    "text-anchor=\"end\">%s</text>", y + 11, what[i]
			printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" " \
			    "height=\"14\" fill=\"#4878a8\"/>", a < b ? a : b,
			    y, a < b ? b - a : a - b
			printf "<text x=\"720\" y=\"%d\">%.2f</text>\n",
			    y + 11, ratio[i]
		}
		print "<text x=\"330\" y=\"14\">the phantom as a " \
		    "multiple of the kernel</text>\n</svg>"
	}'
}
