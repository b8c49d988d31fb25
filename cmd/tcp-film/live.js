'use strict';
/*
 * live.js - the film while it is made: what the feed tells becomes a part of
 * film.conns. Each event is a connection, from an entry on; one that begins
 * anew has all of them once more.
 */
const QUIET = 3000;	/* ms: a connection that is followed may be silent */
const live = {
	source: null, by_no: new Map(), changed: new Set(), anew: false,
	due: 0, ended: false, at: new Map()
};

function live_says(text) {
	by_id('live').textContent = text;
}

/* merge - entries of a list from the kept ones on */
function merge(old, kept, more, each) {
	const n = Math.max(0, Math.min(old.length, (Number(kept) || 0) * each));
	return old.slice(0, n).concat(Array.isArray(more) ? more : []);
}

function take_change(change) {
	if (change.end) {
		live.ended = true;
		live_says('Live: the recording has ended');
		return;
	}
	let c = live.by_no.get(change.no);
	if (!c) {
		c = {rows: [], more: [], log: []};
		live.by_no.set(change.no, c);
	}
	const kept = change.kept || [];
	change.rows = merge(c.rows, kept[0], change.rows, FIELDS);
	change.more = merge(c.more, kept[1], change.more, 1);
	change.log = merge(c.log, kept[2], change.log, 1);
	Object.assign(c, change);
	live.changed.add(c);
	live.at.set(c, performance.now());
}

/* show_conn - its line in the list, at its place */
function show_conn(c) {
	let k = film.conns.indexOf(c);
	if (c.rows.length < FIELDS)
		return;
	if (k < 0) {
		k = film.conns.length;
		film.conns.push(c);
		add(by_id('conns'), 'option').value = k;
	}
	put(by_id('conns').options[k], conn_text(c), '');
}

/* same_conn - what is shown, in a list that has begun anew; -1: it is gone */
function same_conn() {
	const old = view.m.conn;
	const same = (c) => c.ends.join() === old.ends.join();
	const k = film.conns.findIndex((c) => same(c) && c.first === old.first);
	return k >= 0 ? k : film.conns.findIndex(same);
}

/* next_conn - which to follow: this one while something happens on it, then
   the one that began last */
function next_conn(k) {
	const c = film.conns[k];
	if (k >= 0 && c.ending === 0 &&
	    performance.now() - (live.at.get(c) || 0) < QUIET)
		return k;
	return film.conns.length - 1;
}

/* refresh - the connection that is shown has more, or others, of everything */
function refresh(conn) {
	const old = view.m, all = view.t1 >= old.late[old.n - 1];
	view.m = make_model(conn);
	layer.key = '';
	begin_ends(view.m);
	by_id('where').max = view.m.n - 1;
	if (all)
		fit();
	show_legend();
	go(view.follow ? view.m.n - 1 : view.cur, false, true);
}

function update() {
	const changed = live.changed;
	live.changed = new Set();
	if (live.anew) {
		empty(by_id('conns'));
		film.conns = [];
		live.anew = false;
	}
	changed.forEach(show_conn);
	if (film.conns.length === 0)
		return;
	if (!view.m) {
		const asked = location.hash;	/* and what is shown gets one */
		empty(by_id('conns'));
		open_film();
		set_follow(!asked);
	}
	const shown = same_conn();
	const k = view.follow ? next_conn(shown) : shown;
	if (k < 0 || playing)
		return;
	by_id('conns').value = k;
	if (k !== shown)
		choose(k, Math.floor(film.conns[k].rows.length / FIELDS) - 1, true);
	else if (changed.has(film.conns[k]))
		refresh(film.conns[k]);
}

/* look_again - a few times a second, and no more than a part of the time */
function look_again(now) {
	if (live.changed.size > 0 && now >= live.due) {
		update();
		live.due = now + Math.max(100, 3 * (performance.now() - now));
	}
	requestAnimationFrame(look_again);
}

function listen() {
	live.source = new EventSource('feed');
	live.source.onopen = () => {
		live.by_no.clear();
		live.changed.clear();
		live.at.clear();
		live.anew = true;
		live.ended = false;
		live_says('Live');
	};
	live.source.onmessage = (e) => take_change(JSON.parse(e.data));
	live.source.onerror = () => {
		live_says('Live: no connection, trying again');
		if (live.source.readyState === EventSource.CLOSED)
			setTimeout(listen, 2000);
	};
}

by_id('follow').hidden = false;
by_id('why').textContent = 'Nothing has come yet.';
live_says('Live: waiting');
listen();
requestAnimationFrame(look_again);
