/*
 * why.js - a segment in words: what it is, and why it was sent. basis tells
 * where that comes from: 'log' (the sender has written it), 'capture' (it
 * follows from what is seen), 'guess' (there are other explanations).
 */
const REASON = {
	rack: 'a segment sent later has arrived before it (RACK, RFC 8985)',
	tlp: 'the last data might be lost, and a probe finds out (TLP, RFC 8985)',
	dupack: 'three duplicate acknowledgments reported a gap (RFC 5681)',
	'partial-ack': 'only a part was acknowledged (RFC 6582)',
	rto: 'the retransmission timer has expired',
	syn: 'it was not acknowledged in time',
	'syn-data': 'the server has not taken the data on the SYN (RFC 7413)',
	window: 'the window is open again',
	mtu: 'it was too long for the path'
};

function side_name(s) {
	return s === 0 ? 'The client' : 'The server';
}

/* flag_names - SYN-ACK and the like */
function flag_names(flags) {
	const names = [];
	if (flags & SYN)
		names.push(flags & ACK ? 'SYN-ACK' : 'SYN');
	if (flags & FIN)
		names.push('FIN');
	if (flags & RST)
		names.push('RST');
	if (flags & 32)
		names.push('URG');
	return names.join(' ');
}

/* label_words - what stands on an arrow, the most important first */
function label_words(m, i) {
	const marks = m.marks[i], w = [], x = m.more.get(i) || {};
	const may = (bits) => marks & bits ? '?' : '';
	const names = flag_names(m.flags[i]);
	if (names)
		w.push(names);
	if (m.len[i] > 0)
		w.push(m.seq[i] + ':' + (m.seq[i] + m.len[i]));
	else if (names)
		w.push(String(m.seq[i]));
	if (marks & DOUBLED)
		w.push('(duplicated)');
	else if (marks & (TWICE | ELSEWHERE))
		w.push('(captured twice' +
		    may(marks & ELSEWHERE ? 0 : UNSURE) + ')');
	if (marks & AGAIN)
		w.push('(' + (marks & NEEDLESS ? 'needless' + may(MAYBE) + ' ' : '') +
		    'retr.' + (x.why ? ': ' + x.why : may(UNSURE)) + ')');
	else if (x.why)
		w.push('(not taken: ' + x.why + ')');
	if (marks & OTHER)
		w.push('(other data)');
	if (marks & BADSUM)
		w.push('(bad checksum)');
	for (const [bit, word, doubt] of [[LOST, 'lost', MAYBE],
	    [PARTLY, 'partly lost', MAYBE], [LATE, 'reordered', UNSURE],
	    [GAP, 'gap before'], [PROBE, 'window probe'],
	    [KEEPALIVE, 'keep-alive'], [ALIVE, 'keep-alive answered'],
	    [NO_ANSWER, 'no answer'], [ANSWERS, 'answer not captured'],
	    [OUTSIDE, 'out of window'], [UNSENT, 'ACK of nothing sent']])
		if (marks & bit)
			w.push('(' + word + may(doubt || 0) + ')');
	if (m.flags[i] & ACK)
		w.push((marks & DUPACK ? 'dup ' : '') + 'ack ' + m.ack[i]);
	for (let k = 0; x.sack && k + 1 < x.sack.length; k += 2)
		w.push('sack ' + (m.ack[i] + x.sack[k]) + ':' +
		    (m.ack[i] + x.sack[k] + x.sack[k + 1]));
	if (x.mss)
		w.push('mss ' + x.mss);
	if (!(m.flags[i] & RST))
		w.push('win ' + m.wnd[i] + (marks & UNSCALED ? ' * ?' : ''));
	return w;
}

function why_again(m, i, x) {
	const s = m.from[i];
	if (x.why)
		return [(REASON[x.why] || 'the log says ' + x.why), 'log'];
	if (m.marks[i] & UNSURE)
		return ['it was lost, or only overtaken on its way', 'guess'];
	const before = i > 0 ? i - 1 : 0;
	const board = scoreboard(m, s, before);
	if (board.length > 0 && board[board.length - 1][0] >= m.end[i])
		return ['SACK blocks showed that later data has arrived and ' +
		    'this has not', 'guess'];
	let dups = 0;
	for (let k = i - 1; k >= 0 && k > i - 400 && dups < 3; k--)
		if (m.from[k] !== s && m.flags[k] & ACK) {
			if (!(m.marks[k] & DUPACK))
				break;
			dups++;
		}
	if (dups === 3)
		return ['duplicate acknowledgments reported a gap', 'guess'];
	return [why_waited(m, i, s, before), 'guess'];
}

/* why_waited - a retransmission that no report of a gap explains */
function why_waited(m, i, s, before) {
	const a = m.end_at[s], una = a.una[before];
	const news = before > 0 && una > a.una[before - 1] &&
	    m.time[i] - m.time[before] < a.srtt[before];
	if (m.flags[i] & SYN)
		return REASON.syn;
	if (m.time[i] - a.at[before] >= 0.9 * a.rto[before])
		return 'nothing was acknowledged for too long: the ' +
		    'retransmission timer has expired';
	if (m.seq[i] === una && una < a.recover[before])
		return 'only a part was acknowledged: what comes next is ' +
		    'missing, too (RFC 6582)';
	if (m.end[i] === a.nxt[before] && !news)
		return 'the last data might be lost, and a probe finds out ' +
		    '(TLP, RFC 8985)';
	return 'it counts as lost; what showed that is not in the capture, or ' +
	    'its timer is shorter than can be seen here';
}

/* refuses - the reset answers a SYN */
function refuses(m, i) {
	for (let k = i - 1; k >= 0; k--)
		if (m.from[k] !== m.from[i])
			return (m.marks[k] & REFUSED) !== 0;
	return false;
}

function why_control(m, i) {
	const flags = m.flags[i];
	if (flags & RST)
		return [refuses(m, i) ? 'nothing accepts connections there'
		    : 'it ends the connection at once', 'capture'];
	if (flags & SYN && flags & ACK)
		return ['it accepts the connection, acknowledges the SYN and ' +
		    'sends its own first number', 'capture'];
	if (flags & SYN)
		return ['it wants to open a connection and sends its first ' +
		    'number', 'capture'];
	return null;
}

function why_data(m, i, s) {
	const a = m.end_at[s], prev = i > 0 ? i - 1 : 0;
	const flight = a.nxt[prev] - a.una[prev];
	const fin = m.flags[i] & FIN ? ', and there is no more to send' : '';
	const room = a.una[prev] + a.wnd[prev] - a.nxt[prev];
	const log = m.told[s].sends ? told(m, s, m.time[i]) : null;
	if (m.marks[i] & PROBE)
		return ['the window is closed: a probe asks whether it has ' +
		    'opened', timer_told(m, i, 'persist') ? 'log' : 'guess'];
	if (log && log.cwnd > 0)
		return ['there is new data, and both limits have room: with it ' +
		    size_text(log.flight) + ' in flight, cwnd is ' +
		    size_text(log.cwnd) + (room >= m.len[i] && a.acked[prev]
		    ? ', the window allowed ' + size_text(room) + ' more' : '') +
		    fin, 'log'];
	if (!a.acked[prev])
		return ['there is new data' + fin, 'guess'];
	if (flight <= 0)
		return ['there is new data, and nothing is in flight' + fin,
		    'guess'];
	/* its scale, or the latest window, may be missing */
	if (!(room >= m.len[i]))
		return ['there is new data; ' + size_text(flight) + (flight === 1
		    ? ' was' : ' were') + ' in flight before' + fin, 'guess'];
	return ['there is new data, and the window has room: ' +
	    size_text(flight) + ' in flight before, ' + size_text(room) +
	    ' more allowed' + fin, 'guess'];
}

/* came_twice - what its first block of SACK repeats, [from, to]: RFC 2883 4;
   null: nothing */
function came_twice(m, i) {
	const x = m.more.get(i), b = x && x.sack;
	if (!b || b.length < 2 || b[0] >= 0 && !(b.length > 3 && b[2] <= b[0] &&
	    b[0] + b[1] <= b[2] + b[3]))
		return null;
	return [m.ack[i] + b[0], m.ack[i] + b[0] + b[1]];
}

/* unacked_before - the number from which segment i acknowledges: 0 is a SYN,
   without which the first byte has number 1 */
function unacked_before(m, i, s) {
	const you = m.end_at[1 - s], prev = i > 0 ? i - 1 : 0;
	const first = m.from.indexOf(1 - s);
	return you.acked[prev] ? you.una[prev]
	    : first >= 0 && m.flags[first] & SYN ? 0 : 1;
}

/* acked_text - so many numbers more: bytes, and the SYN and FIN among them */
function acked_text(m, i, s, more) {
	const parts = m.ack[i] === more ? ['the SYN'] : [];
	let fin = 0;
	for (let k = i - 1; k >= 0 && !fin && m.time[k] > m.time[i] - 60 * SECOND;
	    k--)
		if (m.from[k] !== s && m.flags[k] & FIN && m.end[k] === m.ack[i])
			fin = 1;
	const bytes = more - parts.length - fin;
	if (bytes > 0)
		parts.push(size_text(bytes) + ' more');
	if (fin)
		parts.push('the FIN');
	return parts.join(' and ');
}

function why_ack(m, i, s) {
	const marks = m.marks[i], you = m.end_at[1 - s];
	const prev = i > 0 ? i - 1 : 0;
	if (marks & KEEPALIVE)
		return ['nothing was sent for long: a keep-alive asks whether ' +
		    'the other end is still there', 'guess'];
	if (marks & ALIVE)
		return ['it answers the keep-alive', 'capture'];
	if (marks & LATE)
		return ['it was sent earlier: others have overtaken it',
		    marks & UNSURE ? 'guess' : 'capture'];
	const twice = came_twice(m, i);
	if (twice)
		return ['data has come twice: ' + twice[0] + ' to ' + twice[1] +
		    ' (D-SACK, RFC 2883)', 'capture'];
	if (marks & DUPACK)
		return ['data has arrived that is not what it waits for (byte ' +
		    m.ack[i] + '): it repeats its acknowledgment', 'capture'];
	const more = m.ack[i] - unacked_before(m, i, s);
	if (marks & ZERO)
		return [you.acked[prev] && you.wnd[prev] === 0 && more <= 0
		    ? 'it is asked, and its window is still closed'
		    : 'its buffer is full: it closes the window', 'capture'];
	if (marks & UPDATE)
		return ['the program has read: the window has grown', 'capture'];
	if (more > 0)
		return ['it acknowledges ' + acked_text(m, i, s, more) +
		    (m.ack[i] < you.nxt[i] ? '; ' +
		    size_text(you.nxt[i] - m.ack[i]) + ' are still in flight'
		    : ', all that was sent'), 'capture'];
	return ['it repeats its acknowledgment', 'guess'];
}

/* reason - [words, basis] */
function reason(m, i) {
	const s = m.from[i], x = m.more.get(i) || {};
	if (m.marks[i] & AGAIN)
		return why_again(m, i, x);
	const control = why_control(m, i);
	if (control)
		return control;
	if (m.len[i] > 0 || m.marks[i] & PROBE)
		return why_data(m, i, s);
	if (m.flags[i] & FIN)
		return ['it has no more data to send', 'capture'];
	return why_ack(m, i, s);
}

function what(m, i) {
	const names = flag_names(m.flags[i]), again = m.marks[i] & AGAIN;
	const verb = again ? ' retransmits ' : ' sends ';
	let text = '';
	if (names)
		text = 'a ' + names;
	if (m.len[i] > 0)
		text += (text ? ' with ' : '') + size_text(m.len[i]) + ' (' +
		    m.seq[i] + ' to ' + (m.seq[i] + m.len[i]) + ')';
	if (!text)
		text = 'an acknowledgment of ' + m.ack[i];
	return side_name(m.from[i]) + verb + text;
}

function fate(m, i) {
	const marks = m.marks[i], x = m.more.get(i) || {};
	if (marks & LOST)
		return marks & MAYBE ? 'It was perhaps lost.' : 'It was lost.';
	if (marks & PARTLY)
		return marks & MAYBE ? 'A part of it was perhaps lost.'
		    : 'A part of it was lost.';
	if (marks & NO_ANSWER)
		return 'Nothing answers it.';
	if (marks & ANSWERS)
		return 'The SYN-ACK that it answers was not captured.';
	if (marks & NEEDLESS)
		return marks & MAYBE ? 'All of it had perhaps arrived before.'
		    : 'All of it had arrived before.';
	if (marks & LATE && m.len[i] > 0)
		return marks & UNSURE ? 'Others have perhaps overtaken it.'
		    : 'Others have overtaken it.';
	if (x.why && !(marks & AGAIN))
		return 'It was not taken: ' + x.why + '.';
	return '';
}

/* sentence - {text, why, basis, fate} of segment i */
function sentence(m, i) {
	const [why, basis] = reason(m, i);
	const text = what(m, i), became = fate(m, i);
	if (m.marks[i] & DOUBLED)
		return {text, why: ': it was sent once, and the network has ' +
		    'made two of it, as a D-SACK tells', basis: 'capture',
		    fate: ''};
	if (m.marks[i] & (TWICE | ELSEWHERE))
		return {text, why: ': it was sent once; the capture has this ' +
		    'packet twice' + (m.marks[i] & UNSURE ? ', or the network ' +
		    'has made two of it' : ''), basis: 'guess', fate: ''};
	if (m.marks[i] & UNTAKEN)
		return {text, why: m.marks[i] & OUTSIDE ? ': its number is ' +
		    'outside the window' : ': it acknowledges what was never ' +
		    'sent', basis: 'guess', fate: 'No receiver takes it ' +
		    '(RFC 9293 3.10.7.4).'};
	return {text, why: ', because ' + why, basis, fate: became};
}
