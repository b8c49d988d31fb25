/*
 * ladder.js - two lifelines and an arrow for each segment; only the rows that
 * are seen are drawn, so the length of a connection does not matter.
 */
const HEAD = 40;	/* px above the first row */

function ladder_rows() {
	return Math.max(1, (size.ladder.h - HEAD) / view.rowh);
}

/* ladder_clamp - no emptiness above the first row, nor below the last */
function ladder_clamp() {
	const most = Math.max(0, view.m.n - ladder_rows());
	view.top = Math.min(most, Math.max(0, view.top));
}

/* ladder_show - row i becomes visible; middle: in the middle */
function ladder_show(i, middle) {
	const rows = ladder_rows();
	if (middle || i < view.top + 1 || i > view.top + rows - 2)
		view.top = i - rows / 2 + 0.5;
	ladder_clamp();
}

const TIME_X = 66, TIME_CHARS = 10;	/* where so many letters end */

/* time_x - where the times end: the longest one has room */
function time_x() {
	const m = view.m, longest = time_text(m.n > 0 ? m.late[m.n - 1] : 0);
	return TIME_X + Math.max(0, longest.length - TIME_CHARS) * 6.7;
}

/* lifelines - [x of the left, x of the right, narrow] */
function lifelines(w) {
	const more = time_x() - TIME_X;
	if (w < 560)
		return [72 + more, w - 10, true];
	return [184 + more, w - 108, false];
}

let letter = 0;	/* px of one of FONT */

/* label_fits - as many of the words as fit, in full */
function label_fits(p, words, room) {
	let text = '';
	if (letter === 0)
		letter = p.measureText('0').width;
	for (const w of words) {
		if ((text.length + 1 + w.length) * letter > room)
			break;
		text += (text ? ' ' : '') + w;
	}
	return text;
}

function arrow(p, x1, y1, x2, y2, lost) {
	const dir = x2 > x1 ? 1 : -1;
	p.beginPath();
	p.moveTo(x1, y1);
	p.lineTo(x2, y2);
	p.stroke();
	p.setLineDash([]);
	p.beginPath();
	if (lost) {
		p.moveTo(x2 - 5, y2 - 5);
		p.lineTo(x2 + 5, y2 + 5);
		p.moveTo(x2 + 5, y2 - 5);
		p.lineTo(x2 - 5, y2 + 5);
	} else {
		p.moveTo(x2 - 8 * dir, y2 - 4);
		p.lineTo(x2, y2);
		p.lineTo(x2 - 8 * dir, y2 + 4);
	}
	p.stroke();
}

/* draw_states - of the ends that have changed theirs, at the lifelines */
function draw_states(p, i, y, fall, x) {
	const m = view.m, names = film.states;
	p.font = SMALL;
	p.fillStyle = view.colour.state;
	for (const s of [0, 1]) {
		if (i > 0 && m.state[s][i] === m.state[s][i - 1])
			continue;
		const inside = x[2], left = (s === 0) !== inside;
		const at = x[s] + (left ? -7 : 7);
		p.textAlign = left ? 'right' : 'left';
		p.fillText(names[m.state[s][i]] || '', at, y +
		    (inside ? s === m.from[i] ? 14 : fall + 12
			: s === m.from[i] ? 4 : fall + 4));
	}
}

function draw_row(p, i, y, x) {
	const m = view.m, s = m.from[i], fall = Math.min(8, view.rowh / 3);
	const lost = (m.marks[i] & LOST) !== 0;
	const far = lost ? x[s] + (x[1 - s] - x[s]) * 0.75 : x[1 - s];
	const [colour, dash, width] = marked(m, i);
	if (i === view.cur) {
		p.fillStyle = view.colour.now;
		p.fillRect(0, y - view.rowh / 2 - 2, size.ladder.w,
		    view.rowh);
	}
	p.strokeStyle = p.fillStyle = colour;
	p.lineWidth = i === view.cur ? width + 1 : width;
	p.setLineDash(dash);
	arrow(p, x[s], y, far, y + fall, lost);
	if (view.rowh >= 13) {
		p.font = FONT;
		p.textAlign = 'center';
		p.fillText(label_fits(p, label_words(m, i),
		    Math.abs(x[1] - x[0]) - 30), (x[0] + x[1]) / 2,
		    y + fall / 2 - 6);
		p.font = SMALL;
		p.fillStyle = view.colour.quiet;
		p.textAlign = 'right';
		p.fillText(time_text(m.time[i]), time_x(), y + 4);
		draw_states(p, i, y, fall, x);
	}
}

function draw_ends(p, w, x) {
	p.fillStyle = view.colour.page;
	p.fillRect(0, 0, w, HEAD - 14);
	p.fillStyle = view.colour.text;
	p.font = 'bold ' + FONT;
	const ends = view.m.conn.ends;
	const half = p.measureText(ends[0]).width / 2;
	p.textAlign = 'left';
	p.fillText(ends[0], Math.max(4, x[2] ? 4 : x[0] - half), 14);
	p.textAlign = 'right';
	p.fillText(ends[1], w - 4, x[2] && half * 4 > w ? 26 : 14);
}

function draw_ladder() {
	const {w, h} = size.ladder;
	const p = pen(canvas.ladder, w, h), x = lifelines(w), m = view.m;
	const first = Math.max(0, Math.floor(view.top) - 1);
	const last = Math.min(m.n - 1, Math.ceil(view.top + ladder_rows()));
	for (let i = first; i <= last; i++)
		draw_row(p, i, HEAD + (i - view.top) * view.rowh, x);
	p.setLineDash([]);
	p.lineWidth = 2;
	stroke(p, view.colour.quiet, x[0], HEAD - 12, x[0], h);
	stroke(p, view.colour.quiet, x[1], HEAD - 12, x[1], h);
	draw_ends(p, w, x);
}

function ladder_row_at(y) {
	const i = Math.round((y - HEAD) / view.rowh + view.top);
	return Math.min(view.m.n - 1, Math.max(0, i));
}
