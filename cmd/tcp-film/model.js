'use strict';
/*
 * model.js - the connections as the data block has them, and what follows
 * from their segments: what is in flight, the SACK scoreboard; and guesses of
 * what no packet carries: the congestion window, ssthresh, the RTO.
 *
 * Nothing of it is trusted: it becomes numbers, and text that is only ever
 * shown as text.
 */
const FIELDS = 8;
const FIN = 1, SYN = 2, RST = 4, ACK = 16;
/* marks, as common/capture/analysis.h has them */
const AGAIN = 1, PART = 2, NEEDLESS = 4, LOST = 8, PARTLY = 16, TWICE = 32,
    LATE = 64, GAP = 128, FILLS = 256, KEEPALIVE = 512, ALIVE = 1024,
    PROBE = 2048, ZERO = 4096, UPDATE = 8192, DUPACK = 16384, UNSEEN = 32768,
    UNSURE = 65536, REFUSED = 131072, NO_ANSWER = 262144, MAYBE = 524288,
    ELSEWHERE = 2097152, ANSWERS = 4194304, OTHER = 8388608;
const UNSCALED = 16777216, DOUBLED = 33554432, BADSUM = 67108864;
const VOID = 268435456, OUTSIDE = 536870912, UNSENT = 1073741824;
/* what says nothing about the connection */
const UNTAKEN = OUTSIDE | UNSENT, MUTE = UNTAKEN | VOID;
const SIDE = ['the client', 'the server'];
const MS = 1e6, SECOND = 1e9;
const CHECKPOINT = 256, RANGES_MAX = 256;

const film = JSON.parse(document.getElementById('data').textContent);

function time_text(ns) {
	return (ns / SECOND).toFixed(6);
}

function size_text(n) {
	return n.toLocaleString('en') + (n === 1 ? ' byte' : ' bytes');
}

/* decode - the numbers of a connection's segments, one array for each */
function decode(conn) {
	const d = conn.rows, n = Math.floor(d.length / FIELDS);
	const m = {
		conn, n,
		time: new Float64Array(n),	/* ns since the first one */
		late: new Float64Array(n),	/* the same, never falling */
		from: new Uint8Array(n),
		state: [new Uint8Array(n), new Uint8Array(n)],
		flags: new Uint16Array(n),
		seq: new Float64Array(n), len: new Float64Array(n),
		end: new Float64Array(n), ack: new Float64Array(n),
		wnd: new Float64Array(n), marks: new Uint32Array(n),
		more: new Map(), copies: 0
	};
	const nxt = [0, 0], ack = [0, 0], wnd = [0, 0];
	let t = 0, late = -Infinity;
	for (let i = 0, k = 0; i < n; i++, k += FIELDS) {
		const s = d[k + 1] & 1, flags = d[k + 2];
		m.time[i] = t += d[k];
		m.late[i] = late = Math.max(late, t);
		m.from[i] = s;
		m.state[0][i] = d[k + 1] >> 1 & 31;
		m.state[1][i] = d[k + 1] >> 6 & 31;
		m.flags[i] = flags;
		m.seq[i] = nxt[s] + d[k + 3];
		m.len[i] = d[k + 4];
		m.end[i] = m.seq[i] + d[k + 4] + (flags & SYN ? 1 : 0) +
		    (flags & FIN ? 1 : 0);
		nxt[s] = Math.max(nxt[s], m.end[i]);
		if (flags & ACK)
			ack[s] += d[k + 5];
		m.ack[i] = ack[s];
		m.wnd[i] = wnd[s] += d[k + 6];
		m.marks[i] = d[k + 7];
		m.copies += (m.marks[i] & (TWICE | ELSEWHERE)) === TWICE;
	}
	for (const x of conn.more)
		m.more.set(x.i, x);
	return m;
}

/* find - the last index whose value is not above x; -1: there is none */
function find(array, x) {
	let low = -1, high = array.length;
	while (high - low > 1) {
		const mid = low + high >> 1;
		if (array[mid] <= x)
			low = mid;
		else
			high = mid;
	}
	return low;
}

/* ---- what is known, and guessed, after each segment */

function new_end() {
	return {
		nxt: 0, una: 0, sent: false, wnd: 0, acked: false, mss: 536,
		/* guesses */
		cwnd: 0, ssthresh: Infinity, recover: -1, srtt: 0, rttvar: 0,
		rto: SECOND, backoff: 1, at: 0, timed: []
	};
}

/* measure - RFC 6298 2, from one round trip as the capture saw it */
function measure(e, rtt) {
	if (e.srtt === 0) {
		e.srtt = rtt;
		e.rttvar = rtt / 2;
	} else {
		e.rttvar += (Math.abs(e.srtt - rtt) - e.rttvar) / 4;
		e.srtt += (rtt - e.srtt) / 8;
	}
	e.rto = Math.max(200 * MS, e.srtt + Math.max(MS, 4 * e.rttvar));
}

/* repeats - what a retransmission tells: RFC 5681 3.2, RFC 6298 5 */
function repeats(m, e, i) {
	const flight = e.nxt - e.una;
	const waited = m.time[i] - e.at >= 0.9 * e.rto * e.backoff;
	if (m.seq[i] <= e.una && waited)
		e.backoff = Math.min(64, 2 * e.backoff);
	e.timed.length = 0;	/* Karn: what is acknowledged now? */
	if (m.flags[i] & SYN || m.seq[i] < e.recover && !waited)
		return;
	e.recover = e.nxt;
	e.ssthresh = Math.max(flight / 2, 2 * e.mss);
	e.cwnd = waited ? e.mss : e.ssthresh;
}

function sends(m, e, i) {
	if (m.end[i] > m.seq[i] && !(m.marks[i] & (PROBE | KEEPALIVE))) {
		if (m.marks[i] & AGAIN)
			repeats(m, e, i);
		else if (e.timed.length < 4096)
			e.timed.push([m.end[i], m.time[i]]);
		if (m.marks[i] & AGAIN || e.nxt <= e.una)
			e.at = m.time[i];	/* RFC 6298 5.1 */
	}
	e.mss = Math.max(e.mss, Math.min(m.len[i], 9000));
	if (!e.sent || m.end[i] > e.nxt)
		e.nxt = m.end[i];
	e.sent = true;
	e.cwnd = Math.max(e.cwnd, e.nxt - e.una);
}

/* acknowledged - e learns this from segment i of the other end */
function acknowledged(m, e, i) {
	let newest = -1;
	const wnd = m.marks[i] & UNSCALED ? NaN : m.wnd[i];
	if (m.flags[i] & SYN)
		e.wnd = wnd;
	if (!(m.flags[i] & ACK) || m.flags[i] & RST)
		return;
	if (m.ack[i] > e.una || !e.acked) {
		while (e.timed.length > 0 && e.timed[0][0] <= m.ack[i])
			newest = e.timed.shift()[1];
		if (newest >= 0)
			measure(e, m.time[i] - newest);
		e.una = m.ack[i];
		e.backoff = 1;
		if (e.una < e.nxt)
			e.at = m.time[i];
	}
	if (m.ack[i] >= e.una)	/* no old one that comes late */
		e.wnd = wnd;
	e.acked = true;
}

const TRACKED = ['nxt', 'una', 'wnd', 'acked', 'cwnd', 'ssthresh', 'rto', 'srtt',
    'at', 'recover'];

/* study - the arrays of model m that need the segments before */
function study(m) {
	const end = [new_end(), new_end()];
	m.end_at = [{}, {}];
	for (const k of TRACKED)
		for (const s of [0, 1])
			m.end_at[s][k] = new Float64Array(m.n);
	for (let i = 0; i < m.n; i++) {
		if (!(m.marks[i] & (TWICE | MUTE))) {
			sends(m, end[m.from[i]], i);
			acknowledged(m, end[1 - m.from[i]], i);
		}
		for (const s of [0, 1]) {
			const e = end[s], a = m.end_at[s];
			for (const k of TRACKED)
				a[k][i] = e[k];
			a.rto[i] = e.rto * e.backoff;
		}
	}
	m.saved = [[], []];
}

/* ---- the scoreboard: what the other end has above its acknowledgment */

function add_range(list, start, end) {
	let i = 0;
	while (i < list.length && list[i][1] < start)
		i++;
	while (i < list.length && list[i][0] <= end) {
		start = Math.min(start, list[i][0]);
		end = Math.max(end, list[i][1]);
		list.splice(i, 1);
	}
	list.splice(i, 0, [start, end]);
	if (list.length > RANGES_MAX)
		list.pop();
}

/* sacked_by - scoreboard list goes on with segment i, which tells of side s */
function sacked_by(m, list, s, i) {
	if (m.from[i] === s || !(m.flags[i] & ACK) || m.marks[i] & MUTE)
		return;
	const una = m.end_at[s].una[i], x = m.more.get(i);
	if (x && x.sack)
		for (let k = 0; k + 1 < x.sack.length; k += 2) {
			const from = m.ack[i] + x.sack[k];
			if (from + x.sack[k + 1] > una)
				add_range(list, from, from + x.sack[k + 1]);
		}
	while (list.length > 0 && list[0][1] <= una)
		list.shift();
	if (list.length > 0 && list[0][0] < una)
		list[0][0] = una;
}

/* scoreboard - of what side s has sent, after segment i: [[from, to], ...] */
function scoreboard(m, s, i) {
	const saved = m.saved[s];
	const copy = (list) => list.map((r) => [r[0], r[1]]);
	let k = Math.min(saved.length - 1, Math.floor(i / CHECKPOINT));
	let list = k >= 0 ? copy(saved[k]) : [], at = k >= 0 ? k * CHECKPOINT + 1 : 0;
	for (; at <= i; at++) {
		sacked_by(m, list, s, at);
		if (at % CHECKPOINT === 0)
			saved[at / CHECKPOINT] = copy(list);
	}
	return list;
}

/* ---- the log */

/* what lines about sending have: what the packets do not carry */
const TOLD = ['cwnd', 'flight', 'rto_ms', 'ssthresh', 'rtt_us'];

/* log_line - one of a sent segment is numbers only */
function log_line(l) {
	const line = {at: l[0], side: l[1] & 1, keys: new Map()};
	if (typeof l[2] === 'number') {
		TOLD.forEach((k, n) => line.keys.set(k, Number(l[2 + n])));
		return line;
	}
	line.event = l[2];
	line.words = l.slice(3);
	for (const w of line.words) {
		const eq = w.indexOf('=');
		line.keys.set(w.slice(0, eq), w.slice(eq + 1));
	}
	return line;
}

/* keep_told - a line with cwnd has all that is set; else it is as before */
function keep_told(told, l) {
	const last = told.at.length - 1;
	told.at.push(l.at);
	for (const k of TOLD)
		told[k].push(l.keys.has(k) || l.keys.has('cwnd')
		    ? Number(l.keys.get(k) || 0)
		    : last >= 0 ? told[k][last] : 0);
	/* with the line of each segment: tcpfsm -v */
	told.sends = told.sends || !l.event;
}

/* read_log - lines by time; of each side what it says of its sending, and its
   states */
function read_log(m) {
	m.told = [0, 1].map(() => {
		const t = {at: [], state_at: [], state: []};
		for (const k of TOLD)
			t[k] = [];
		return t;
	});
	m.lines = (m.conn.log || []).map(log_line);
	m.lines.sort((a, b) => a.at - b.at);
	for (const l of m.lines) {
		const told = m.told[l.side];
		if (l.keys.has('cwnd') || l.keys.has('rto_ms'))
			keep_told(told, l);
		if (l.event === 'state') {
			told.state_at.push(l.at);
			told.state.push(l.keys.get('new') || '');
		}
	}
	m.lines = m.lines.filter((l) => l.event);
	m.line_at = m.lines.map((l) => l.at);
}

/* told - what side s's log has at this time of TOLD; null: nothing */
function told(m, s, time) {
	const t = m.told[s], k = find(t.at, time), all = {};
	if (k < 0)
		return null;
	for (const name of TOLD)
		all[name] = t[name][k];
	return all;
}

/* state_text - of side s after segment i; one that the packets do not prove,
   from its log */
function state_text(m, s, i) {
	const text = film.states[m.state[s][i]] || '';
	const t = m.told[s], k = find(t.state_at, m.time[i]);
	if (text && !text.endsWith('?') || k < 0)
		return text;
	return t.state[k];
}

/* timer_told - its timer of this name has expired just before segment i */
function timer_told(m, i, why) {
	let k = find(m.line_at, m.time[i]);
	for (; k >= 0 && m.time[i] - m.lines[k].at < 50 * MS; k--)
		if (m.lines[k].event === 'timeout' &&
		    m.lines[k].side === m.from[i] &&
		    m.lines[k].keys.get('why') === why)
			return true;
	return false;
}

/* kind_of - which bar of the graph segment i is; '': none */
function kind_of(m, i) {
	const marks = m.marks[i];
	if (m.end[i] === m.seq[i])
		return '';
	return marks & AGAIN ? 'again' : marks & LOST ? 'lost'
	    : marks & LATE ? 'late' : 'data';
}

/* sort_kinds - for the graph of each side, its bars: segment, from, to */
function sort_kinds(m) {
	const none = () => ({at: [], from: [], to: []});
	const put = (list, i, from, to) => {
		list.at.push(i);
		list.from.push(from);
		list.to.push(to);
	};
	m.bars = [0, 1].map(() => ({data: none(), again: none(), late: none(),
		lost: none(), sack: none(), ack: none()}));
	for (let i = 0; i < m.n; i++) {
		const kind = kind_of(m, i), x = m.more.get(i);
		const you = m.bars[1 - m.from[i]];
		if (m.marks[i] & MUTE)
			continue;
		if (kind)
			put(m.bars[m.from[i]][kind], i, m.seq[i], m.end[i]);
		if (m.flags[i] & ACK)
			put(you.ack, i, 0, 0);
		for (let k = 0; x && x.sack && k + 1 < x.sack.length; k += 2)
			put(you.sack, i, m.ack[i] + x.sack[k],
			    m.ack[i] + x.sack[k] + x.sack[k + 1]);
	}
}

function make_model(conn) {
	const m = decode(conn);
	study(m);
	sort_kinds(m);
	read_log(m);
	return m;
}

/* is_event - a loss, a retransmission, a change of state, a closed window */
function is_event(m, i) {
	return i === 0 || (m.marks[i] & (AGAIN | LOST | PARTLY | ZERO | PROBE |
	    KEEPALIVE | NO_ANSWER | GAP | MUTE)) !== 0 ||
	    (m.flags[i] & (SYN | FIN | RST)) !== 0 ||
	    m.state[0][i] !== m.state[0][i - 1] ||
	    m.state[1][i] !== m.state[1][i - 1];
}
