/*
 * play.js - the moment, and all that moves it: buttons, keys, mouse, touch, the
 * address. Both pictures are drawn at most once a frame.
 */
const SPEED = [
	['1 segment in 2 s', 0.5, 0], ['1 segment a second', 1, 0],
	['4 segments a second', 4, 0], ['20 segments a second', 20, 0],
	['200 segments a second', 200, 0], ['1/1000 of its speed', 0, 0.001],
	['1/100 of its speed', 0, 0.01], ['1/10 of its speed', 0, 0.1],
	['its own speed', 0, 1], ['10 times its speed', 0, 10]
];
const PAUSE_MAX = 1.5;	/* seconds on the screen; longer ones are cut */

let playing = null;	/* {last, rest}: time of the last frame */
let panel_old = true;	/* it is to be shown anew */
let panel_last = 0;	/* when that was done */

function changed() {
	view.dirty = true;
}

function draw_all() {
	/* a window without room has nothing to draw on */
	if (Math.min(size.ladder.w, size.ladder.h) > 0)
		draw_ladder();
	if (Math.min(size.graph.w, size.graph.h) > 0)
		draw_graph();
}

function frame(now) {
	if (playing)
		play_on(now);
	if (view.dirty && view.m) {
		view.dirty = false;
		draw_all();
	}
	/* nobody reads it more often than this */
	if (panel_old && view.m && now - panel_last > (playing ? 100 : 30)) {
		panel_old = false;
		panel_last = now;
		show_panel();
	}
	requestAnimationFrame(frame);
}

/* ---- the moment */

function put_address() {
	try {
		history.replaceState(null, '', '#c=' + view.m.conn.no + '&s=' +
		    (view.cur + 1));
	} catch (e) {
		/* a place without history: the film goes on without */
	}
}

/* set_follow - of a live film: new segments are gone to */
function set_follow(on) {
	view.follow = on && film.live;
	by_id('follow').setAttribute('aria-pressed', String(view.follow));
}

function turn_follow() {
	if (view.follow)
		set_follow(false);
	else
		go(view.m.n - 1);
}

/* go - to segment i; new: because it is new, nobody has asked for it */
function go(i, middle, is_new) {
	const m = view.m;
	view.cur = Math.min(m.n - 1, Math.max(0, i));
	ladder_show(view.cur, middle);
	graph_show(m.time[view.cur]);
	by_id('where').value = view.cur;
	by_id('where').setAttribute('aria-valuetext', 'segment ' +
	    (view.cur + 1) + ', ' + time_text(m.time[view.cur]) + ' seconds');
	panel_old = true;
	if (!is_new)
		set_follow(view.cur === m.n - 1);
	if (!playing)
		put_address();
	changed();
}

/* go_event - to the next (1) or the previous (-1) event */
function go_event(dir) {
	let i = view.cur + dir;
	while (i > 0 && i < view.m.n - 1 && !is_event(view.m, i))
		i += dir;
	go(i);
}

function fit() {
	view.t0 = -Infinity;
	view.t1 = Infinity;
	graph_clamp();
	changed();
}

/*
 * begin_view - all of it; but where a long silence would leave nothing to see,
 * the time in which nine tenths of the segments are
 */
function begin_view() {
	const m = view.m, all = m.late[m.n - 1];
	const most = m.late[Math.floor((m.n - 1) * 0.9)];
	fit();
	if (m.n > 10 && most < all / 5) {
		view.t0 = -0.05 * most;
		view.t1 = 1.1 * most;
		graph_clamp();
	}
}

/* ---- play */

function play_on(now) {
	const speed = SPEED[by_id('speed').value], m = view.m;
	let rest = playing.rest + Math.min(0.25, (now - playing.last) / 1000);
	let i = view.cur;
	playing.last = now;
	while (i < m.n - 1) {
		const wait = speed[1] > 0 ? 1 / speed[1] : Math.min(PAUSE_MAX,
		    Math.max(0, m.time[i + 1] - m.time[i]) / SECOND / speed[2]);
		if (wait > rest)
			break;
		rest -= wait;
		i++;
	}
	playing.rest = rest;
	if (i !== view.cur)
		go(i);
	if (i === m.n - 1)
		play(false);
}

function play(on) {
	if (on && view.cur === view.m.n - 1)
		go(0);
	playing = on ? {last: performance.now(), rest: 0} : null;
	by_id('play').textContent = on ? 'Pause' : 'Play';
	by_id('why').setAttribute('aria-live', on ? 'off' : 'polite');
	if (!on)
		put_address();
}

/* ---- which connection, which side */

function turn(side) {
	view.side = side;
	by_id('turn').textContent = 'Data of ' + SIDE[side];
	show_legend();
	panel_old = true;
	changed();
}

function choose(k, i, is_new) {
	const conn = film.conns[k];
	view.m = make_model(conn);
	begin_ends(view.m);
	play(false);
	by_id('conns').value = k;
	by_id('where').max = view.m.n - 1;
	view.cur = 0;
	view.top = 0;
	begin_view();
	turn(conn.bytes[1] > conn.bytes[0] ? 1 : 0);
	go(i, false, is_new);
}

/* from_address - "#c=0&s=12": connection 0, its segment 12 */
function from_address() {
	const found = /^#c=(\d{1,9})&s=(\d{1,9})$/.exec(location.hash);
	const no = found ? Number(found[1]) : -1;
	const k = Math.max(0, film.conns.findIndex((c) => c.no === no));
	const i = found ? Number(found[2]) - 1 : 0;
	if (view.m && film.conns[k] === view.m.conn)
		go(i);
	else
		choose(k, i);
}

/* ---- colours */

const THEMES = ['auto', 'light', 'dark'];
const system_dark = matchMedia('(prefers-color-scheme: dark)');

function colours(printing) {
	const dark = !printing && (view.theme === 'dark' ||
	    view.theme === 'auto' && system_dark.matches);
	const root = document.documentElement;
	view.colour = dark ? COLOURS.dark : COLOURS.light;
	root.classList.toggle('dark', dark);
	for (const k of Object.keys(view.colour))
		root.style.setProperty('--' + k, view.colour[k]);
	by_id('theme').textContent = 'Colours: ' + (view.theme === 'auto'
	    ? 'as the system' : view.theme);
	if (view.m)
		show_legend();
	changed();
}

function next_theme() {
	view.theme = THEMES[(THEMES.indexOf(view.theme) + 1) % THEMES.length];
	colours(false);
}

function before_print() {
	colours(true);
	show_print();
	show_panel();
	draw_all();
}

/* ---- a link to this moment */

function copy_link() {
	const said = (text) => {
		by_id('note').textContent = text;
	};
	put_address();
	const where = location.href;
	if (!navigator.clipboard) {
		said('The link to this moment is in the address bar.');
		return;
	}
	navigator.clipboard.writeText(where).then(
	    () => said('The link to this moment is copied.'),
	    () => said('The link to this moment is in the address bar.'));
}

/* ---- keys and buttons */

function zoom_rows(factor) {
	const middle = view.top + ladder_rows() / 2;
	view.rowh = Math.min(70, Math.max(6, view.rowh * factor));
	view.top = middle - ladder_rows() / 2;
	ladder_clamp();
	changed();
}

/* pan - the graph by a part of its width; the ladder follows */
function pan(part) {
	const span = view.t1 - view.t0;
	view.t0 += part * span;
	view.t1 += part * span;
	graph_clamp();
	ladder_show(graph_row_at((graph_box().x0 + graph_box().x1) / 2), true);
	changed();
}

const PRESS = {
	ArrowRight: () => go(view.cur + 1), ArrowLeft: () => go(view.cur - 1),
	ArrowDown: () => go(view.cur + 1), ArrowUp: () => go(view.cur - 1),
	Home: () => go(0), End: () => go(view.m.n - 1),
	PageDown: () => go(view.cur + 20), PageUp: () => go(view.cur - 20),
	' ': () => play(!playing), n: () => go_event(1), N: () => go_event(-1),
	'+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2),
	0: fit, '[': () => zoom_rows(0.8), ']': () => zoom_rows(1.25),
	a: () => pan(-0.25), e: () => pan(0.25), d: () => turn(1 - view.side),
	l: copy_link, t: next_theme, f: turn_follow
};

function zoom(factor) {
	graph_zoom(factor);
	changed();
}

/* takes_keys - the element has a use of its own for this key */
function takes_keys(e, key) {
	const name = e && e.tagName;
	if (name === 'BUTTON' || name === 'SUMMARY')
		return key === ' ' || key === 'Enter';
	return name === 'SELECT' || name === 'INPUT';
}

function pressed(e) {
	const act = PRESS[e.key];
	if (!act || e.ctrlKey || e.metaKey || e.altKey ||
	    takes_keys(e.target, e.key))
		return;
	e.preventDefault();
	act();
}

/* ---- mouse and touch */

/*
 * pointers - drag, pinch and click on a canvas. move(dx, dy), pinch(factor, x),
 * click(x, y)
 */
function pointers(c, move, pinch, click) {
	const held = new Map();
	let moved = 0, apart = 0;
	const spread = () => {
		const [a, b] = [...held.values()];
		return Math.max(10, Math.hypot(a.x - b.x, a.y - b.y));
	};
	c.addEventListener('pointerdown', (e) => {
		held.set(e.pointerId, {x: e.offsetX, y: e.offsetY});
		moved = held.size > 1 ? 99 : 0;
		if (held.size === 2)
			apart = spread();
		try {
			c.setPointerCapture(e.pointerId);
		} catch (x) {
			/* it has gone already */
		}
	});
	c.addEventListener('pointermove', (e) => {
		const was = held.get(e.pointerId);
		if (!was)
			return;
		const dx = e.offsetX - was.x, dy = e.offsetY - was.y;
		held.set(e.pointerId, {x: e.offsetX, y: e.offsetY});
		moved += Math.abs(dx) + Math.abs(dy);
		if (held.size === 1 && moved > 4)
			move(dx, dy);
		if (held.size === 2) {
			const now = spread();
			pinch(apart / now, e.offsetX);
			apart = now;
		}
	});
	const up = (e) => {
		if (held.delete(e.pointerId) && moved <= 4 &&
		    e.type === 'pointerup')
			click(e.offsetX, e.offsetY);
	};
	c.addEventListener('pointerup', up);
	c.addEventListener('pointercancel', up);
}

/* roll - the ladder by so many rows; the graph follows */
function roll(rows) {
	view.top += rows;
	ladder_clamp();
	graph_show(view.m.late[Math.min(view.m.n - 1,
	    Math.floor(view.top + ladder_rows() / 2))]);
	changed();
}

/* wheel_lines - how far a wheel was turned, in px */
function wheel_px(e, d) {
	return d * (e.deltaMode === 1 ? 30 : e.deltaMode === 2 ? 300 : 1);
}

function watch_ladder() {
	const c = canvas.ladder;
	pointers(c, (dx, dy) => roll(-dy / view.rowh),
	    (factor) => zoom_rows(1 / factor),
	    (x, y) => go(ladder_row_at(y)));
	c.addEventListener('wheel', (e) => {
		e.preventDefault();
		if (e.ctrlKey)
			zoom_rows(e.deltaY < 0 ? 1.15 : 1 / 1.15);
		else
			roll(wheel_px(e, e.deltaY) / view.rowh);
	}, {passive: false});
}

function watch_graph() {
	const c = canvas.graph;
	const width = () => graph_box().x1 - graph_box().x0;
	pointers(c, (dx) => pan(-dx / width()), (factor, x) => {
		graph_zoom(factor, graph_time(x));
		changed();
	}, (x) => go(graph_row_at(x)));
	c.addEventListener('wheel', (e) => {
		e.preventDefault();
		const side = e.shiftKey ? e.deltaX + e.deltaY : e.deltaX;
		if (Math.abs(side) > (e.shiftKey ? 0 : Math.abs(e.deltaY))) {
			pan(wheel_px(e, side) / width());
			return;
		}
		graph_zoom(Math.exp(wheel_px(e, e.deltaY) / 400),
		    graph_time(e.offsetX));
		changed();
	}, {passive: false});
}

/* ---- begin */

function watch_controls() {
	const click = (id, act) => by_id(id).addEventListener('click', act);
	click('first', () => go(0));
	click('back', () => go(view.cur - 1));
	click('play', () => play(!playing));
	click('next', () => go(view.cur + 1));
	click('last', () => go(view.m.n - 1));
	click('event', () => go_event(1));
	click('follow', turn_follow);
	click('in', () => zoom(0.5));
	click('out', () => zoom(2));
	click('fit', fit);
	click('turn', () => turn(1 - view.side));
	click('link', copy_link);
	click('theme', next_theme);
	by_id('where').addEventListener('input',
	    () => go(Number(by_id('where').value)));
	by_id('conns').addEventListener('change',
	    () => choose(Number(by_id('conns').value), 0));
	document.addEventListener('keydown', pressed);
	addEventListener('hashchange', from_address);
	addEventListener('beforeprint', before_print);
	addEventListener('afterprint', () => colours(false));
	system_dark.addEventListener('change', () => colours(false));
	new ResizeObserver(() => {
		measure_page();
		if (view.m)
			ladder_show(view.cur);
		changed();
	}).observe(canvas.ladder);
}

function fill_lists() {
	film.conns.forEach((c, k) => {
		add(by_id('conns'), 'option', conn_text(c)).value = k;
	});
	SPEED.forEach((s, k) => {
		add(by_id('speed'), 'option', s[0]).value = k;
	});
	by_id('speed').value = 2;
}

/* open_film - there is something to be seen */
function open_film() {
	fill_lists();
	measure_page();
	watch_controls();
	watch_ladder();
	watch_graph();
	from_address();
	requestAnimationFrame(frame);
}

function begin() {
	film.conns = film.conns.filter((c) => c.rows.length >= FIELDS);
	if (film.title) {
		by_id('title').textContent = harmless(film.title);
		document.title = harmless(film.title);
	}
	colours(false);
	if (film.conns.length === 0) {
		by_id('why').textContent = 'There is no segment in this time.';
		return;
	}
	open_film();
}

begin();
