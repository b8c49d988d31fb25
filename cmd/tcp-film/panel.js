/*
 * panel.js - the moment in words and numbers: why the segment was sent, both
 * ends, the lines of the log. Text becomes nodes of text, never markup; what
 * could turn it around (Unicode's bidirectional controls) is taken out.
 */
function harmless(text) {
	return String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00b7');
}

function add(parent, name, text, class_name) {
	const e = document.createElement(name);
	if (text !== undefined)
		e.textContent = harmless(text);
	if (class_name)
		e.className = class_name;
	parent.appendChild(e);
	return e;
}

function empty(e) {
	while (e.firstChild)
		e.removeChild(e.firstChild);
	return e;
}

const BASIS = {log: ' (from the log)', capture: '', guess: ' (a guess)'};

function show_why(m, i) {
	const s = sentence(m, i), p = empty(by_id('why'));
	add(p, 'b', 'Segment ' + (i + 1) + ' of ' + m.n + (m.copies > 0
	    ? ' (' + m.copies + (m.copies === 1 ? ' is a copy' :
	    ' are copies') + ')' : '') + ', ' + time_text(m.time[i]) + ' s: ');
	add(p, 'span', s.text);
	add(p, 'span', s.why + BASIS[s.basis] + '.',
	    s.basis === 'guess' ? 'guess' : '');
	if (s.fate)
		add(p, 'span', ' ' + s.fate);
}

/* ranges_text - a scoreboard in words, the first few */
function ranges_text(list) {
	if (list.length === 0)
		return 'empty';
	const text = list.slice(0, 4).map((r) => r[0] + ' to ' + r[1]);
	return text.join(', ') +
	    (list.length > 4 ? ' and ' + (list.length - 4) + ' more' : '');
}

/* fact - from the log where it has the value, else a guess */
function fact(name, log, key, text, guess) {
	if (log && log[key] > 0)
		return [name, text(log[key]), false];
	return [name, guess, true];
}

/* flight_text - as the packets show it, and as the sender's log has it */
function flight_text(flight, board, log) {
	const sacked = board.reduce((n, r) => n + r[1] - r[0], 0);
	return size_text(flight) + (sacked > 0 ? ', ' + size_text(sacked) +
	    ' of them arrived (SACK)' : '') +
	    (log && log.cwnd > 0 && log.flight !== flight ? '; the sender counts ' +
	    size_text(log.flight) : '');
}

/* facts - of side s at segment i: [name, text, is a guess] */
function facts(m, s, i) {
	const a = m.end_at[s], log = told(m, s, m.time[i]);
	const board = scoreboard(m, s, i);
	const ms = (ns) => (ns / MS).toFixed(3) + ' ms';
	const flight = Math.max(0, a.nxt[i] - a.una[i]);
	const thresh = a.ssthresh[i];
	/* what the other end has told; of one side alone nothing */
	const heard = (text) => a.acked[i] ? text : 'not known';
	return [
		['state', state_text(m, s, i) || 'not known', false],
		['sent up to', String(a.nxt[i]), false],
		['acknowledged up to', heard(String(a.una[i])), false],
		['in flight', heard(flight_text(flight, board,
		    m.from[i] === s ? log : null)), false],
		['SACK scoreboard', ranges_text(board), false],
		['window it may use', heard(isNaN(a.wnd[i])
		    ? 'not known: its scale was not captured'
		    : size_text(a.wnd[i])), false],
		fact('cwnd', log, 'cwnd', size_text,
		    'at least ' + size_text(a.cwnd[i])),
		log && log.cwnd > 0 && log.ssthresh === 0
		    ? ['ssthresh', 'not set yet', false]
		    : fact('ssthresh', log, 'ssthresh', size_text,
			isFinite(thresh) ? size_text(Math.round(thresh))
			: 'no loss yet'),
		fact('RTO', log, 'rto_ms', (v) => v + ' ms',
		    Math.round(a.rto[i] / MS) + ' ms'),
		fact('smoothed round trip', log, 'rtt_us', (v) => ms(v * 1000),
		    a.srtt[i] > 0 ? ms(a.srtt[i]) : 'not measured')
	];
}

/* put - text into a node that is there already */
function put(e, text, class_name) {
	if (e.textContent !== text)
		e.textContent = harmless(text);
	if (e.className !== class_name)
		e.className = class_name;
}

/* begin_ends - the table of both ends, empty */
function begin_ends(m) {
	const t = empty(by_id('ends')), head = add(add(t, 'thead'), 'tr');
	const body = add(t, 'tbody');
	add(head, 'td', '');
	for (const s of [0, 1])
		add(head, 'th', (s === 0 ? 'Client ' : 'Server ') +
		    m.conn.ends[s]).scope = 'col';
	m.cells = facts(m, 0, 0).map((f) => {
		const row = add(body, 'tr');
		add(row, 'th', f[0]).scope = 'row';
		return [add(row, 'td'), add(row, 'td')];
	});
}

function show_ends(m, i) {
	for (const s of [0, 1])
		facts(m, s, i).forEach((f, k) => put(m.cells[k][s],
		    f[1] + (f[2] ? ' (guess)' : ''), f[2] ? 'guess' : ''));
}

function line_text(l) {
	return time_text(l.at) + ' ' + SIDE[l.side] + ': ' + l.event + ' ' +
	    l.words.join(' ');
}

function show_lines(m, i) {
	const list = by_id('lines'), now = find(m.line_at, m.time[i]);
	by_id('lineshead').hidden = m.lines.length === 0;
	if (m.line_now === now)
		return;
	m.line_now = now;
	empty(list);
	for (let k = Math.max(0, now - 3); k <= now + 2 && k < m.lines.length; k++)
		add(list, 'li', line_text(m.lines[k]),
		    k === now ? 'now' : k > now ? 'later' : '');
}

function show_panel() {
	const m = view.m, i = view.cur;
	show_why(m, i);
	show_ends(m, i);
	show_lines(m, i);
	canvas.ladder.setAttribute('aria-label', 'Ladder, segment ' + (i + 1) +
	    ' of ' + m.n + '. Right and left step through it.');
	canvas.graph.setAttribute('aria-label', 'Time-sequence graph of the ' +
	    'data of ' + SIDE[view.side] + ', at ' + time_text(m.time[i]) +
	    ' seconds.');
}

/* ---- connections */

const ENDING = ['still open', 'closed by', 'half-closed by', 'reset by',
    'refused by', 'not answered'];

function ending_text(c) {
	if (c.how === 'timeout' || c.how === 'abort')
		return 'ended by ' + c.how;
	const text = ENDING[c.ending] || '';
	return text.endsWith(' by') ? text + ' ' + SIDE[c.closer & 1] +
	    (c.seems ? '?' : '') : text;
}

function conn_text(c) {
	const pad = (t, n) => String(t).padStart(n, '\u00a0');
	return pad(c.no, 4) + '  ' + c.ends[0] + ' > ' + c.ends[1] + '  ' +
	    time_text(c.after) + ' s, ' + Number(c.segments) +
	    ' segments in ' + time_text(c.took) + ' s, ' +
	    short_number(c.bytes[0]) + ' > < ' + short_number(c.bytes[1]) +
	    ' bytes, ' + ending_text(c) +
	    (c.counts ? ' (' + c.counts + ')' : '');
}

function show_legend() {
	const c = view.colour, list = empty(by_id('legend'));
	const item = (colour, name, dash, width) => {
		const span = add(list, 'span');
		const svg = document.createElementNS(
		    'http://www.w3.org/2000/svg', 'svg');
		const line = document.createElementNS(
		    'http://www.w3.org/2000/svg', 'path');
		line.setAttribute('d', 'M0 5H22');
		line.setAttribute('stroke', colour);
		line.setAttribute('stroke-width', width);
		line.setAttribute('stroke-dasharray', dash);
		svg.appendChild(line);
		span.appendChild(svg);
		add(span, 'span', name);
	};
	item(c.data, 'data, in flight', '', 2);
	item(c.again, 'R retransmitted', '', 4);
	item(c.lost, 'lost', '3 2', 3);
	item(c.late, 'reordered', '2 2', 3);
	item(c.ack, 'acknowledged', '', 2);
	item(c.sack, 'SACK', '', 3);
	item(c.wnd, 'window', '6 3', 2);
	if (view.m.told[view.side].at.length === 0) {
		item(c.cwnd, 'cwnd (guess)', '3 3', 3);
		return;
	}
	item(c.cwnd, 'cwnd (log)', '', 3);
	if (view.m.told[view.side].ssthresh.some((v) => v > 0))
		item(c.guess, 'ssthresh (log)', '1 3', 3);
}

/* show_print - on paper the segments that the ladder shows are a table */
function show_print() {
	const m = view.m, table = add(empty(by_id('print')), 'table');
	const head = add(add(table, 'thead'), 'tr'), body = add(table, 'tbody');
	for (const t of ['', 'seconds', 'sender', 'segment', 'why'])
		add(head, 'th', t);
	const first = Math.floor(view.top);
	const last = Math.min(m.n - 1, first + Math.max(60, ladder_rows()));
	for (let i = first; i <= last; i++) {
		const row = add(body, 'tr'), s = sentence(m, i);
		add(row, 'td', i + 1);
		add(row, 'td', time_text(m.time[i]));
		add(row, 'td', SIDE[m.from[i]]);
		add(row, 'td', label_words(m, i).join(' '));
		add(row, 'td', s.text + s.why + BASIS[s.basis] +
		    (s.fate ? '. ' + s.fate : ''));
	}
}
