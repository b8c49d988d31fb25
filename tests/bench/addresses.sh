# addresses.sh - what a packet takes with one address and with many, by a prefix
# and by a file of hosts; sourced by run. A table, and the growth as a picture,
# build/bench/addresses.svg.

ADDRESSES="1 16 256 4096 65536"
PACKETS=400000 # of each turn

# hosts_file N - the addresses that addresses.c draws from
hosts_file() {
	awk -v n="$1" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "host 10.%d.%d.%d\n", 16 + int(i / 65536),
			    int(i / 256) % 256, i % 256 }'
}

# each_packet KIND COMMAND... - us of CPU for each of $T/KIND, without what the
# program takes for none of them: to start, and to read a file
each_packet() {
	local kind=$1 i
	shift
	for ((i = 0; i < rounds; i++)); do
		echo "$(cpu "$@" <"$T/$kind") $(cpu "$@" <"$T/none")"
	done | awk -v n=$PACKETS '{ printf "%.3f\n", ($1 - $2) / n * 1e6 }' |
	    sort -g | median
}

# row_of WHAT KIND COMMAND... - a line of the table; HOSTS is the file's name
row_of() {
	local what=$1 kind=$2 line n us noise
	shift 2
	line="| $what |"
	for n in $ADDRESSES; do
		"$out/addresses" "$kind" $PACKETS "$n" >"$T/$kind"
		hosts_file "$n" >"$T/hosts"
		read -r us noise < <(each_packet "$kind" "$@")
		line="$line $us ($noise %) |"
		printf '%s\t%s\t%s\n' "$what" "$n" "$us" >>"$T/addresses"
	done
	told <<<"$line"
	rm "$T/$kind"
}

# growth - lines of WHAT<tab>ADDRESSES<tab>US on stdin as a picture: SVG
growth() {
	awk -F '\t' '
	!($1 in line) { what[++k] = $1 }
	{
		us[$1, $2] = $3
		line[$1] = line[$1] " " $2
		at[$2]
		if ($3 > top) top = $3
	}
	function x(n) { return 60 + 400 * log(n) / log(65536) }
	function y(v) { return 270 - 240 * v / top }
	END {
		split("#4878a8 #a84848 #48a860 #a88a30 #7848a8 #505050",
		    colour, " ")
		print "<svg xmlns=\"http://www.w3.org/2000/svg\" " \
		    "width=\"720\" height=\"320\" font-family=\"sans-serif\" " \
		    "font-size=\"12\">"
		print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
		print "<path d=\"M60 30V270H460\" fill=\"none\" " \
		    "stroke=\"black\"/>"
		for (n in at)
			printf "<text x=\"%.0f\" y=\"288\" " \
			    "text-anchor=\"middle\">%d</text>\n", x(n), n
		for (v = 0; v <= top; v += 0.1)
			printf "<text x=\"52\" y=\"%.0f\" " \
			    "text-anchor=\"end\">%.1f</text>\n", y(v) + 4, v
		for (i = 1; i <= k; i++) {
			m = split(substr(line[what[i]], 2), n_of, " ")
			path = ""
			for (j = 1; j <= m; j++)
				path = path (j > 1 ? "L" : "M") x(n_of[j]) \
				    " " y(us[what[i], n_of[j]])
			printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" " \
			    "stroke-width=\"2\"/>\n", path, colour[i]
			printf "<text x=\"480\" y=\"%d\" fill=\"%s\">%s" \
			    "</text>\n", 40 + 20 * i, colour[i], what[i]
		}
		print "<text x=\"260\" y=\"310\" text-anchor=\"middle\">" \
		    "us of CPU a packet, with so many addresses</text></svg>"
	}'
}

row_addresses() {
	told <<-HEAD

	A packet from a stream to one of so many addresses, drawn anew each time:
	us of CPU, and half of the range in percent.

	| | ${ADDRESSES// / | } |
	|---|---|---|---|---|---|
	HEAD
	: >"$T/addresses"
	"$out/addresses" arp 0 1 >"$T/none"
	row_of "tcpfsm: a SYN" syn tcpfsm -T -qq -f "$T/small"
	row_of "tcpfsm --hosts" syn tcpfsm -T -qq --hosts "$T/hosts"
	row_of "arp-phantom, a prefix: a request" arp \
	    arp-phantom -T -q -n - 10.16.0.0/15
	row_of "arp-phantom --hosts" arp \
	    arp-phantom -T -q -n --hosts "$T/hosts" -
	row_of "icmp-phantom: a ping" ping icmp-phantom -T -q
	row_of "icmp-phantom --hosts" ping icmp-phantom -T -q --hosts "$T/hosts"
	growth <"$T/addresses" >"$out/addresses$suffix.svg"
	rm "$T/addresses" "$T/none" "$T/hosts"
}
