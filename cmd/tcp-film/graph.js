/*
 * graph.js - above: sequence numbers over time, as tcptrace draws them; below:
 * what is in flight, and the congestion window. Where many segments share a
 * pixel they are drawn as one.
 */
const EDGE = {left: 58, right: 8, top: 8, gap: 22, bottom: 20};

/* graph_box - where both parts are */
function graph_box() {
	const {w, h} = size.graph;
	const all = h - EDGE.top - EDGE.bottom - EDGE.gap;
	return {
		x0: EDGE.left, x1: Math.max(EDGE.left + 10, w - EDGE.right),
		y0: EDGE.top, y1: EDGE.top + all * 0.68,
		z0: EDGE.top + all * 0.68 + EDGE.gap, z1: h - EDGE.bottom
	};
}

function graph_x(b, t) {
	return b.x0 + (b.x1 - b.x0) * (t - view.t0) / (view.t1 - view.t0);
}

function graph_time(x) {
	const b = graph_box();
	return view.t0 + (view.t1 - view.t0) * (x - b.x0) / (b.x1 - b.x0);
}

/* graph_clamp - at least 10 us, and within the connection with some room */
function graph_clamp() {
	const m = view.m, all = Math.max(1000, m.late[m.n - 1]);
	const room = all * 0.03, most = all + 2 * room;
	const span = Math.min(most, Math.max(10000, view.t1 - view.t0));
	view.t0 = Math.min(all + room - span, Math.max(-room, view.t0));
	view.t1 = view.t0 + span;
}

function graph_zoom(factor, at) {
	const t = at === undefined ? view.m.time[view.cur] : at;
	view.t0 = t - (t - view.t0) * factor;
	view.t1 = t + (view.t1 - t) * factor;
	graph_clamp();
}

function graph_show(t) {
	const span = view.t1 - view.t0;
	if (t < view.t0 + span * 0.04 || t > view.t1 - span * 0.04) {
		view.t0 = t - span / 2;
		view.t1 = view.t0 + span;
	}
	graph_clamp();
}

/* graph_range - the segments that are seen, and one to either side */
function graph_range() {
	const m = view.m;
	return [Math.max(0, find(m.late, view.t0)),
	    Math.min(m.n - 1, find(m.late, view.t1) + 1)];
}

/* scales - what the axes span: sequence numbers, and bytes */
function scales(first, last) {
	const m = view.m, s = view.side, a = m.end_at[s];
	let low = Infinity, high = -Infinity, most = 1;
	for (let i = first; i <= last; i++) {
		if (m.from[i] === s && m.end[i] > m.seq[i]) {
			low = Math.min(low, m.seq[i]);
			high = Math.max(high, m.end[i]);
		}
		most = Math.max(most, a.nxt[i] - a.una[i]);
	}
	if (low > high) {
		low = Math.min(a.una[first], a.nxt[first]);
		high = a.nxt[last];
	}
	const told = m.told[s];
	for (let k = Math.max(0, find(told.at, view.t0)); k < told.at.length &&
	    told.at[k] <= view.t1; k++)
		most = Math.max(most, told.cwnd[k]);
	high += Math.max(1, (high - low) * 0.06);
	return {low: low - Math.max(1, (high - low) * 0.03), high,
	    most: most * 1.08};
}

function step_of(span, n) {
	const raw = Math.max(span / n, 1e-9);
	const ten = Math.pow(10, Math.floor(Math.log10(raw)));
	return raw <= ten ? ten : raw <= 2 * ten ? 2 * ten
	    : raw <= 5 * ten ? 5 * ten : 10 * ten;
}

function short_number(v) {
	const a = Math.abs(v);
	return a >= 1e9 ? +(v / 1e9).toFixed(3) + 'G'
	    : a >= 1e6 ? +(v / 1e6).toFixed(3) + 'M'
	    : a >= 1e4 ? +(v / 1e3).toFixed(2) + 'k' : String(Math.round(v));
}

function draw_times(p, b) {
	const step = step_of(view.t1 - view.t0, (b.x1 - b.x0) / 90);
	const digits = Math.max(0, Math.min(9, -Math.floor(
	    Math.log10(step / SECOND) + 1e-9)));
	p.textAlign = 'center';
	for (let t = Math.ceil(view.t0 / step) * step; t <= view.t1; t += step) {
		const x = graph_x(b, t);
		stroke(p, view.colour.edge, x, b.y0, x, b.z1);
		if (x > b.x0 + 20 && x < b.x1 - 20)
			p.fillText((t / SECOND).toFixed(digits) + ' s', x,
			    b.z1 + 14);
	}
}

function draw_numbers(p, b, y0, y1, low, high) {
	const step = step_of(high - low, Math.max(1, (y1 - y0) / 34));
	p.textAlign = 'right';
	for (let v = Math.ceil(low / step) * step; v <= high; v += step) {
		const y = y1 - (y1 - y0) * (v - low) / (high - low);
		stroke(p, view.colour.edge, b.x0, y, b.x1, y);
		p.fillText(short_number(v), b.x0 - 5, y + 4);
	}
}

/* bars - of one kind, in one path; of those in one column the union */
function bars(p, b, sc, list, range, colour, width) {
	const m = view.m, scale = (b.y1 - b.y0) / (sc.high - sc.low);
	let column = -1, top = 0, bottom = 0;
	p.strokeStyle = colour;
	p.lineWidth = width;
	p.beginPath();
	const flush = () => {
		if (column < 0)
			return;
		p.moveTo(column + 0.5, bottom);
		p.lineTo(column + 0.5, Math.min(top, bottom - 1.5));
	};
	for (let k = Math.max(0, find(list.at, range[0])); k < list.at.length &&
	    list.at[k] <= range[1]; k++) {
		const x = Math.round(graph_x(b, m.time[list.at[k]]));
		if (x < b.x0 - 2 || x > b.x1 + 2)
			continue;
		const y = b.y1 - (list.from[k] - sc.low) * scale;
		const z = b.y1 - (list.to[k] - sc.low) * scale;
		if (x !== column || z > bottom + 2 || y < top - 2) {
			flush();
			column = x;
			bottom = y;
			top = z;
		}
		bottom = Math.max(bottom, y);
		top = Math.min(top, z);
	}
	flush();
	p.stroke();
}

/*
 * near_box - v, at most a dash beyond the box: a dashed line that leaves it by
 * a million pixels is drawn dash by dash
 */
function near_box(v, from, to) {
	return Math.min(to + 12, Math.max(from - 12, v));
}

/* steps - a value that holds until the next; of a column the last counts */
function steps(p, b, first, last, colour, width, time, value, y_of) {
	let last_x = -1, last_y = NaN;
	p.strokeStyle = colour;
	p.lineWidth = width;
	p.beginPath();
	for (let i = first; i <= last; i++) {
		const x = Math.round(near_box(graph_x(b, time(i)), b.x0, b.x1));
		const y = near_box(y_of(value(i)), b.y0, b.z1);
		if (last_y !== last_y)
			p.moveTo(x, y);
		else if (x > last_x || y !== last_y) {
			p.lineTo(x, last_y);
			p.lineTo(x, y);
		}
		last_x = x;
		last_y = y;
	}
	if (last_y === last_y)
		p.lineTo(b.x1, last_y);
	p.stroke();
}

function draw_sequence(p, b, sc, range) {
	const m = view.m, s = view.side, a = m.end_at[s], c = view.colour;
	const kind = m.bars[s], at = kind.ack.at;
	const y_of = (v) => b.y1 - (b.y1 - b.y0) * (v - sc.low) /
	    (sc.high - sc.low);
	const first = Math.max(0, find(at, range[0]));
	const last = find(at, range[1]);
	const time = (k) => m.time[at[k]];
	p.setLineDash([6, 3]);
	steps(p, b, first, last, c.wnd, 1.3, time,
	    (k) => a.una[at[k]] + a.wnd[at[k]], y_of);
	p.setLineDash([]);
	steps(p, b, first, last, c.ack, 1.6, time, (k) => a.una[at[k]], y_of);
	bars(p, b, sc, kind.sack, range, c.sack, 1.6);
	bars(p, b, sc, kind.data, range, c.data, 1.6);
	bars(p, b, sc, kind.late, range, c.late, 2.6);
	p.setLineDash([2, 2]);
	bars(p, b, sc, kind.lost, range, c.lost, 2.6);
	p.setLineDash([]);
	bars(p, b, sc, kind.again, range, c.again, 3);
	draw_letters(p, b, y_of, kind.again, range);
}

/* draw_letters - an R above what was retransmitted, where there is room */
function draw_letters(p, b, y_of, list, range) {
	let last_x = -100;
	p.fillStyle = view.colour.again;
	p.font = 'bold ' + SMALL;
	p.textAlign = 'center';
	for (let k = Math.max(0, find(list.at, range[0])); k < list.at.length &&
	    list.at[k] <= range[1]; k++) {
		const x = graph_x(b, view.m.time[list.at[k]]);
		if (x - last_x < 9)
			continue;
		p.fillText('R', x, y_of(list.to[k]) - 3);
		last_x = x;
	}
}

function draw_bytes(p, b, sc, first, last) {
	const m = view.m, s = view.side, a = m.end_at[s], c = view.colour;
	const told = m.told[s];
	const y_of = (v) => b.z1 - (b.z1 - b.z0) * Math.max(0, v) / sc.most;
	steps(p, b, first, last, c.data, 1.3, (i) => m.time[i],
	    (i) => a.nxt[i] - a.una[i], y_of);
	if (told.at.length > 0) {
		const from = Math.max(0, find(told.at, view.t0));
		const to = Math.min(told.at.length - 1,
		    find(told.at, view.t1) + 1);
		p.setLineDash([1, 3]);
		steps(p, b, from, to, c.guess, 2, (k) => told.at[k],
		    (k) => told.ssthresh[k], y_of);
		p.setLineDash([]);
		steps(p, b, from, to, c.cwnd, 2, (k) => told.at[k],
		    (k) => told.cwnd[k], y_of);
	} else {
		p.setLineDash([3, 3]);
		steps(p, b, first, last, c.cwnd, 1.6, (i) => m.time[i],
		    (i) => a.cwnd[i], y_of);
		p.setLineDash([]);
	}
}

/* clipped - draw() without leaving the box */
function clipped(p, x0, y0, x1, y1, draw) {
	p.save();
	p.beginPath();
	p.rect(x0, y0, x1 - x0, y1 - y0);
	p.clip();
	draw();
	p.restore();
}

function draw_band(p, b) {
	const m = view.m, bottom = Math.min(m.n - 1,
	    Math.floor(view.top + ladder_rows()));
	const x0 = graph_x(b, m.late[Math.floor(view.top)]);
	const x1 = graph_x(b, m.late[bottom]);
	p.fillStyle = view.colour.band;
	p.fillRect(x0, b.y0, Math.max(2, x1 - x0), b.z1 - b.y0);
}

function draw_cursor(p, b) {
	const x = graph_x(b, view.m.time[view.cur]);
	p.lineWidth = 2;
	stroke(p, view.colour.focus, x, b.y0, x, b.z1);
}

/* layer - all of the graph that only another view of it changes */
const layer = {canvas: document.createElement('canvas'), key: ''};

function draw_layer(p, b) {
	const range = graph_range(), sc = scales(range[0], range[1]);
	p.font = SMALL;
	p.fillStyle = view.colour.quiet;
	draw_times(p, b);
	draw_numbers(p, b, b.y0, b.y1, sc.low, sc.high);
	draw_numbers(p, b, b.z0, b.z1, 0, sc.most);
	p.textAlign = 'left';
	p.fillText('in flight, cwnd of ' + SIDE[view.side] + ' (bytes)', b.x0 + 4,
	    b.z0 - 6);
	clipped(p, b.x0, b.y0, b.x1, b.y1,
	    () => draw_sequence(p, b, sc, range));
	clipped(p, b.x0, b.z0, b.x1, b.z1,
	    () => draw_bytes(p, b, sc, range[0], range[1]));
}

function draw_graph() {
	const {w, h} = size.graph, b = graph_box(), p = pen(canvas.graph, w, h);
	const key = [view.m.conn.no, view.t0, view.t1, view.side, w, h,
	    view.colour.page, canvas.graph.width].join();
	if (key !== layer.key) {
		draw_layer(pen(layer.canvas, w, h), b);
		layer.key = key;
	}
	p.drawImage(layer.canvas, 0, 0, w, h);
	clipped(p, b.x0, b.y0, b.x1, b.z1, () => {
		draw_band(p, b);
		draw_cursor(p, b);
	});
}

/* graph_row_at - the segment whose time is nearest, preferably of this side */
function graph_row_at(x) {
	const m = view.m, t = graph_time(x), near = find(m.late, t);
	let best = Math.max(0, near);
	for (let i = Math.max(0, near - 60); i < Math.min(m.n, near + 60); i++)
		if (Math.abs(m.time[i] - t) < Math.abs(m.time[best] - t))
			best = i;
	return best;
}
