/*
 * film.js - tries every control of a film, in a browser: film.t puts it at the
 * end of the page. What it finds it writes into the page, as TAP.
 */
const tap = [];

function check(what, got, want) {
	const same = JSON.stringify(got) === JSON.stringify(want);
	tap.push((same ? 'ok' : 'not ok') + ' - ' + what);
	if (!same)
		tap.push('# got ' + JSON.stringify(got) + ', want ' +
		    JSON.stringify(want));
}

const key = (k) => document.body.dispatchEvent(new KeyboardEvent('keydown',
    {key: k, bubbles: true, cancelable: true}));
const press = (id) => by_id(id).click();

function pointer(c, type, x, y, id) {
	const r = c.getBoundingClientRect();
	c.dispatchEvent(new PointerEvent(type, {pointerId: id || 1,
	    clientX: r.left + c.clientLeft + x, clientY: r.top + c.clientTop + y,
	    bubbles: true}));
}

function wheel(c, x, dx, dy, more) {
	const r = c.getBoundingClientRect();
	const e = new WheelEvent('wheel', Object.assign({deltaX: dx, deltaY: dy,
	    clientX: r.left + x, clientY: r.top + 60, bubbles: true,
	    cancelable: true}, more));
	c.dispatchEvent(e);
}

/* pixels - how many of a canvas have about this colour */
function pixels(c, colour) {
	const n = parseInt(colour.slice(1), 16), want = [n >> 16, n >> 8 & 255,
	    n & 255];
	const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
	let count = 0;
	for (let i = 0; i < d.length; i += 4)
		if (want.every((v, k) => Math.abs(v - d[i + k]) < 24))
			count++;
	return count;
}

function steps_by_buttons() {
	press('first');
	check('first', view.cur, 0);
	press('next');
	press('next');
	check('next', view.cur, 2);
	press('back');
	check('previous', view.cur, 1);
	press('last');
	check('last', view.cur, view.m.n - 1);
	press('first');
	press('event');
	check('next event', is_event(view.m, view.cur) && view.cur > 0, true);
	by_id('where').value = 5;
	by_id('where').dispatchEvent(new Event('input'));
	check('the slider', view.cur, 5);
	check('the address', location.hash, '#c=' + view.m.conn.no + '&s=6');
}

function steps_by_keys() {
	key('Home');
	key('ArrowRight');
	key('ArrowDown');
	key('ArrowLeft');
	check('arrow keys', view.cur, 1);
	key('PageDown');
	check('page down', view.cur, 21);
	key('PageUp');
	key('ArrowUp');
	check('page up, up', view.cur, 0);
	key('End');
	check('End', view.cur, view.m.n - 1);
	key('N');
	check('N goes back', view.cur < view.m.n && is_event(view.m, view.cur),
	    true);
	by_id('speed').focus();
	by_id('speed').dispatchEvent(new KeyboardEvent('keydown',
	    {key: 'Home', bubbles: true}));
	check('a list keeps its keys', view.cur !== 0, true);
}

function zooms() {
	const span = () => Math.round(view.t1 - view.t0);
	press('fit');
	const all = span();
	press('in');
	check('zoom in', Math.abs(span() / all - 0.5) < 0.01, true);
	press('out');
	check('zoom out', span(), all);
	key('+');
	key('+');
	const half = span(), from = view.t0;
	key('a');
	key('e');
	check('pan', span(), half);
	wheel(canvas.graph, 200, 0, -100);
	check('the wheel zooms', span() < half, true);
	const before = view.t0;
	wheel(canvas.graph, 200, 40, 0);
	check('the wheel pans', view.t0 !== before, true);
	key('0');
	check('0: all', span(), all);
	const rowh = view.rowh;
	key(']');
	check(']: a larger ladder', view.rowh > rowh, true);
	key('[');
	wheel(canvas.ladder, 50, 0, 100, {ctrlKey: true});
	check('the wheel with control: smaller', view.rowh < rowh, true);
	view.rowh = rowh;
}

/*
 * strokes_stay - of the shortest time that can be seen the ends of most lines
 * are far away; none is drawn to there, dash by dash
 */
function strokes_stay() {
	const line = CanvasRenderingContext2D.prototype.lineTo;
	let far = 0;
	choose(film.conns.findIndex((c) => c.log.length), 0);
	for (const at of [5, view.m.n - 2]) {
		go(at);
		for (let k = 0; k < 40; k++)
			press('in');
		CanvasRenderingContext2D.prototype.lineTo = function (x, y) {
			far = Math.max(far, Math.abs(x), Math.abs(y));
			line.call(this, x, y);
		};
		draw_all();
		CanvasRenderingContext2D.prototype.lineTo = line;
	}
	check('no line is drawn far out of the picture', far > 0 && far < 10000,
	    true);
	choose(0, 0);
}

/* together - ladder and graph show the same time, whichever is moved */
function together() {
	const middle = () => view.m.late[Math.min(view.m.n - 1,
	    Math.floor(view.top + ladder_rows() / 2))];
	const seen = () => middle() >= view.t0 && middle() <= view.t1;
	key('0');
	key('Home');
	for (let i = 0; i < 6; i++)
		key('+');
	const from = view.t0, top = view.top;
	wheel(canvas.ladder, 50, 0, 20000);
	check('the graph follows the ladder', [view.t0 > from, seen()],
	    [true, true]);
	key('Home');
	for (let i = 0; i < 150; i++)
		key('e');
	const b = graph_box(), row = graph_row_at((b.x0 + b.x1) / 2);
	check('the ladder follows the graph', [view.top > top,
	    row >= view.top && row <= view.top + ladder_rows()], [true, true]);
	key('0');
}

function touches() {
	const g = canvas.graph, l = canvas.ladder;
	key('0');
	key('Home');
	key('+');
	key('+');
	let was = view.t0;
	pointer(g, 'pointerdown', 300, 50);
	pointer(g, 'pointermove', 200, 50);
	pointer(g, 'pointerup', 200, 50);
	check('a drag pans the graph', view.t0 > was, true);
	was = view.t1 - view.t0;
	pointer(g, 'pointerdown', 150, 50, 1);
	pointer(g, 'pointerdown', 250, 50, 2);
	pointer(g, 'pointermove', 350, 50, 2);
	pointer(g, 'pointerup', 350, 50, 2);
	pointer(g, 'pointerup', 150, 50, 1);
	check('two fingers zoom the graph', view.t1 - view.t0 < was, true);
	view.top = 0;
	pointer(l, 'pointerdown', 100, 200);
	pointer(l, 'pointermove', 100, 100);
	pointer(l, 'pointerup', 100, 100);
	check('a drag rolls the ladder', view.top > 0, true);
	was = view.top;
	wheel(l, 50, 0, 100);
	check('the wheel rolls it', view.top > was, true);
	view.top = 3;
	pointer(l, 'pointerdown', 100, HEAD + view.rowh);
	pointer(l, 'pointerup', 100, HEAD + view.rowh);
	check('a click chooses a segment', view.cur, 4);
	pointer(g, 'pointerdown', 200, 50);
	pointer(g, 'pointerup', 200, 50);
	check('a click in the graph, too', view.cur,
	    graph_row_at(200));
}

function plays() {
	key('Home');
	by_id('speed').value = 4;
	press('play');
	check('play', by_id('play').textContent, 'Pause');
	play_on(playing.last + 101);
	check('20 segments in 0.1 s of 200 a second', view.cur, 20);
	key(' ');
	check('space: pause', [playing, by_id('play').textContent],
	    [null, 'Play']);
	by_id('speed').value = 8;
	key('Home');
	key(' ');
	playing.rest = 1e9;
	play_on(playing.last);
	check('it ends at the last one', [playing, view.cur],
	    [null, view.m.n - 1]);
}

function colours_change() {
	const light = view.colour === COLOURS.light;
	key('t');
	key('t');
	check('dark', [view.colour === COLOURS.dark,
	    document.documentElement.className], [true, 'dark']);
	draw_all();
	check('the ladder is dark', pixels(canvas.ladder, COLOURS.dark.page) >
	    10000, true);
	dispatchEvent(new Event('beforeprint'));
	check('paper is light', [view.colour === COLOURS.light,
	    by_id('print').querySelectorAll('tbody tr').length > 10],
	    [true, true]);
	dispatchEvent(new Event('afterprint'));
	press('theme');
	check('as the system', (view.colour === COLOURS.light) === light, true);
}

function the_rest() {
	const side = view.side;
	press('turn');
	check('the other direction', view.side, 1 - side);
	key('d');
	press('link');
	history.replaceState(null, '', '#c=' + film.conns[1].no + '&s=3');
	dispatchEvent(new Event('hashchange'));
	check('an address: connection and segment', [view.m.conn.no, view.cur],
	    [film.conns[1].no, 2]);
	history.replaceState(null, '', '#c=x&s=99999999999<b>');
	dispatchEvent(new Event('hashchange'));
	check('one that is none', [view.m.conn.no, view.cur],
	    [film.conns[0].no, 0]);
	by_id('conns').value = 1;
	by_id('conns').dispatchEvent(new Event('change'));
	check('the list of connections', view.m.conn.no, film.conns[1].no);
	check('every control has a name', [...document.querySelectorAll(
	    'button, select, input, canvas')].filter((e) =>
	    !(e.textContent.trim() && e.tagName === 'BUTTON') && !e.labels?.length &&
	    !e.getAttribute('aria-label')).length, 0);
}

/* words - what is said of each retransmission, and from where */
function words() {
	for (const c of film.conns) {
		const m = make_model(c), found = {};
		for (let i = 0; i < m.n; i++)
			if (m.marks[i] & AGAIN) {
				const basis = sentence(m, i).basis;
				found[basis] = (found[basis] || 0) + 1;
			}
		tap.push('# connection ' + c.no + ' ' + JSON.stringify(found));
	}
	choose(0, 0);
	let i = 0;
	while (i < view.m.n - 1 && !(view.m.marks[i] & AGAIN))
		i++;
	go(i);
	draw_all();
	if (view.m.marks[i] & AGAIN)
		check('what is retransmitted has its colour', pixels(
		    canvas.ladder, view.colour.again) +
		    pixels(canvas.ladder, view.colour.lost) > 100, true);
}

/* from_log - what the server's log has is no guess */
function from_log() {
	choose(film.conns.findIndex((c) => c.log.length), 0);
	const m = view.m, t = m.told[1], i = m.n - 1;
	const k = t.at.length - 1;
	const of = (name) => facts(m, 1, i).find((f) => f[0] === name).slice(1);
	check('ssthresh is that of the log', of('ssthresh'),
	    [size_text(t.ssthresh[k]), false]);
	check('the round trip, too', of('smoothed round trip'),
	    [(t.rtt_us[k] / 1000).toFixed(3) + ' ms', false]);
	check('of the client they are guesses', facts(m, 0, i).filter(
	    (f) => f[2]).map((f) => f[0]),
	    ['cwnd', 'ssthresh', 'RTO', 'smoothed round trip']);
	let data = 0, sure = 0;
	for (let n = 0; n < m.n; n++)
		if (m.from[n] === 1 && m.len[n] > 0 && !(m.marks[n] & AGAIN)) {
			data++;
			sure += sentence(m, n).basis === 'log';
		}
	check('why each segment of data was sent, too', sure > 0 && sure, data);
}

/* one_side - of a capture of one direction nothing is told of the other */
function one_side() {
	const conn = film.conns.find((c) => c.log.length);
	const rows = [];
	for (let k = 0; k < conn.rows.length; k += FIELDS)
		if (conn.rows[k + 1] & 1)
			rows.push(...conn.rows.slice(k, k + FIELDS));
	const m = make_model(Object.assign({}, conn, {rows, more: [], log: []}));
	const i = m.n - 2;
	check('one side alone: what the other has told is not known',
	    facts(m, 1, i).filter((f) => f[1] === 'not known').map((f) => f[0]),
	    ['acknowledged up to', 'in flight', 'window it may use']);
	check('and no window is the reason', /window/.test(reason(m, i)[0]),
	    false);
}

/* story - a model of these segments: [ms, side, flags, seq, len, ack, window,
   marks] */
function story(segments) {
	const last = [0, 1].map(() => ({nxt: 0, ack: 0, wnd: 0})), rows = [];
	let time = 0;
	for (const [ms, s, flags, seq, len, ack, wnd, marks] of segments) {
		const l = last[s];
		rows.push((ms - time) * MS, s, flags, seq - l.nxt, len,
		    flags & ACK ? ack - l.ack : 0, wnd - l.wnd, marks || 0);
		time = ms;
		l.nxt = Math.max(l.nxt, seq + len + (flags & SYN ? 1 : 0) +
		    (flags & FIN ? 1 : 0));
		l.ack = flags & ACK ? ack : l.ack;
		l.wnd = wnd;
	}
	return make_model({rows, more: [], log: []});
}

/* rooms - what is long finds room, and the list tells what ladder counts */
function rooms() {
	const was = view.m;
	view.m = story([[0, 0, SYN, 0, 0, 0, 9000],
	    [1764000000504, 0, ACK, 1, 0, 1, 9000, TWICE]]);
	const p = canvas.ladder.getContext('2d');
	p.font = SMALL;
	check('the longest time is seen, and left of the lifeline',
	    [300, 900].map((w) => time_x() >= p.measureText(
	    time_text(view.m.time[1])).width - 1 && time_x() < lifelines(w)[0]),
	    [true, true]);
	check('a copy is one', view.m.copies, 1);
	view.m = was;
	const c = Object.assign({}, was.conn, {segments: 7, counts: '1 lost'});
	check('the list tells what ladder counts',
	    /, 7 segments in .* \(1 lost\)$/.test(conn_text(c)), true);
}

function sentences() {
	const open = [[0, 0, SYN, 0, 0, 0, 9000], [10, 1, SYN | ACK, 0, 0, 1, 9000],
	    [20, 0, ACK, 1, 0, 1, 9000]];
	const data = [[20, 1, ACK, 1, 100, 1, 9000], [20, 1, ACK, 101, 100, 1, 9000],
	    [20, 1, ACK, 201, 100, 1, 9000]];
	const of = (m) => reason(m, m.n - 1)[0];
	const says = (what, m, want) => check(what, want.test(of(m)) || of(m), true);
	says('the third segment acknowledges a SYN, no byte', story(open),
	    /^it acknowledges the SYN, all/);
	says('a FIN is no byte', story(open.concat([
	    [30, 1, FIN | ACK, 1, 42, 1, 9000], [40, 0, ACK, 1, 0, 44, 9000]])),
	    /^it acknowledges 42 bytes more and the FIN/);
	says('no SYN: the first byte has number 1', story([
	    [0, 1, ACK, 1, 9, 1, 50, UNSCALED],
	    [1, 0, ACK, 1, 0, 10, 50, UNSCALED]]), /^it acknowledges 9 bytes/);
	const full = open.concat([data[0], [30, 0, ACK, 1, 0, 101, 0, ZERO]]);
	says('a window that closes', story(full), /it closes the window/);
	says('one that is closed already', story(full.concat([
	    [400, 1, ACK, 100, 0, 1, 9000, PROBE],
	    [410, 0, ACK, 1, 0, 101, 0, ZERO]])), /still closed/);
	says('a SYN that is refused', story([[0, 0, SYN, 0, 0, 0, 9, REFUSED],
	    [1, 1, RST | ACK, 0, 0, 1, 0]]), /^nothing accepts connections/);
	says('soon behind a partial acknowledgment', story(open.concat(data, [
	    [250, 1, ACK, 1, 100, 1, 9000, AGAIN], [260, 0, ACK, 1, 0, 101, 9000],
	    [261, 1, ACK, 101, 100, 1, 9000, AGAIN]])), /RFC 6582/);
	says('when nothing came for so long', story(open.concat(data, [
	    [250, 1, ACK, 1, 100, 1, 9000, AGAIN]])), /timer has expired/);
	says('soon, the last of all', story(open.concat(data, [
	    [30, 0, ACK, 1, 0, 201, 9000],
	    [50, 1, ACK, 201, 100, 1, 9000, AGAIN]])), /TLP/);
	says('the window allows nothing more: it is no reason', story([
	    [0, 1, ACK, 1, 100, 1, 50, UNSCALED],
	    [10, 0, ACK, 1, 0, 51, 60, UNSCALED],
	    [11, 1, ACK, 101, 100, 1, 50, UNSCALED]]), /50 bytes were in flight before$/);
	const m = story(open.concat(data, [
	    [60, 1, ACK, 1, 100, 1, 9000, AGAIN | NEEDLESS | MAYBE]]));
	check('what is in doubt: needless, not retransmitted',
	    label_words(m, m.n - 1).includes('(needless? retr.)'), true);
	check('and so it says', fate(m, m.n - 1),
	    'All of it had perhaps arrived before.');
}

function time_of_frames() {
	const times = [];
	for (let k = 0; k < 120; k++) {
		const from = performance.now();
		view.top = (view.m.n - 40) * k / 120;
		go(Math.floor(view.top));
		draw_all();
		/* what is drawn is there when it is read */
		canvas.graph.getContext('2d').getImageData(0, 0, 1, 1);
		times.push(performance.now() - from);
	}
	times.sort((a, b) => a - b);
	tap.push('# frame: median ' + times[60].toFixed(2) + ' ms, 95 % ' +
	    times[114].toFixed(2) + ' ms, ' + view.m.n + ' segments');
	return times[60];
}

let failed = null;
addEventListener('error', (e) => {
	failed = e.message;
});
try {
	choose(0, 0);
	for (const part of [steps_by_buttons, steps_by_keys, zooms, strokes_stay,
	    together, touches, plays, colours_change, the_rest, words,
	    from_log, one_side, rooms, sentences])
		part();
	by_id('speed').blur();
	const count = film.conns.map((c) => c.rows.length);
	choose(count.indexOf(Math.max(...count)), 0);
	check('a frame takes less than 1/60 s', time_of_frames() < 1000 / 60,
	    true);
} catch (e) {
	failed = e.stack;
}
check('no error', failed, null);
add(document.body, 'pre').textContent = 'TAP\n' + tap.join('\n') + '\nEND';
