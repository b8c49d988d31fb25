#!/bin/bash
# A phantom whose disk is full goes on: it says once what is lost and from
# where, and what is on the disk can be read. tcp-drill ends its cases, and says
# the same of each of its files.
. "${0%/*}/../lab.sh"
lab "$@"
need curl python3
seq 100000 >"$T/file"
mkdir "$T/small"
mount -t tmpfs -o size=128k none "$T/small" || skip_all 'no tmpfs here'
begin command phantom -n -v -v --pcap "$T/small/pcap" -l "$T/small/log" \
    -R "$T/small/rec" -f "$T/file" eth0 $V4 >"$T/said" 2>"$T/err"
pid=$!
wait_for 10 client curl -s --http0.9 -m 2 -o "$T/got" "$(url $V4)"
for i in 1 2 3; do
	client curl -s --http0.9 -m 5 -o "$T/got$i" "$(url $V4)"
	is "the disk is full, download $i" "$? $(md5 "$T/got$i")" \
	    "0 $(md5 "$T/file")"
done
kill $pid
wait $pid
is 'it ends with 1' $? 1
is 'the log: said once' \
    "$(grep -c 'phantom: write .*/log: No space left on device' "$T/err")" 1
is 'how much of it is lost' \
    "$(grep -c 'phantom: .*/log: [0-9]* events are lost' "$T/err")" 1
is 'the recording: said once, with where' "$(grep -c \
    'tcpfsm: write .*/rec: No space.* ends after [0-9]* records' "$T/err")" 1
is 'the capture: said once, with where' "$(grep -c \
    'rawcap: write stdout: No space.* ends after [0-9]* packets' "$T/err")" 1
is 'and by phantom' "$(grep -c -- '--pcap .* the phantom goes on' "$T/err")" 1
is 'the log: whole lines' "$(tail -c 1 "$T/small/log" | od -An -c |
    tr -d ' ')" '\n'
for f in pcap rec; do
	rawcap -r "$T/small/$f" >"$T/read" 2>"$T/err2"
	is "$f: whole records" "$? $(cat "$T/err2")" '0 '
done

# ---- what a drill writes
begin client python3 -m http.server 8000 --bind 10.0.0.9 >"$T/http" 2>&1
wait_for 10 client bash -c 'echo >/dev/tcp/10.0.0.9/8000' 2>/dev/null
# drill ARG... - status, cases that pass, what it says
drill() {
	tcp-drill -n -s 10.0.0.64 --only data/option-length-zero "$@" eth0 \
	    10.0.0.9:8000 >"$T/cases" 2>"$T/err"
	echo "$? $(grep -c '^ok 1 ' "$T/cases") $(cat "$T/err")"
}
for o in junit html text; do
	is "a drill's --$o" "$(drill --$o /dev/full)" \
	    '1 1 tcp-drill: write /dev/full: No space left on device'
done
head -c 131072 /dev/zero >"$T/small/fill" 2>/dev/null
rm "$T/small/rec"
head -c 3072 /dev/zero >>"$T/small/fill"
is 'its record: said once, with where' "$(drill -W "$T/small/drill" |
    sed 's/after [0-9]*/after N/')" "1 1 tcp-drill: write $T/small/drill: \
No space left on device: it ends after N packets"
is 'a drill says nothing when all is well' "$(drill -W "$T/ok" --html /dev/null)" '0 1 '

# ---- what clients send
mkdir "$T/small/kept"
chmod 777 "$T/small" "$T/small/kept"
printf 'host %s\n\ttcp 80 file %s\n' $V4 "$T/file" >"$T/hosts"
phantom_up -n --hosts "$T/hosts" --said "$T/small/kept" -l "$T/log" eth0
pid=$ph
for i in 1 2; do
	client curl -s --http0.9 -m 9 -o "$T/got" "$(url $V4)"
	is "--said, download $i" "$? $(md5 "$T/got")" "0 $(md5 "$T/file")"
done
wait_for 5 grep -q 'close how=' "$T/log"
kill $pid
wait $pid
is '--said: it ends with 1' $? 1
is 'said once' "$(grep -c 'tcpfsm: write .*: from here on some is lost' \
    "$T/err")" 1
done_testing
