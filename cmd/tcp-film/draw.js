/*
 * draw.js - colours, and what both pictures share. The colours are those of
 * Okabe and Ito, which the colour-blind can tell; what matters is also told by
 * a dash, a width or a word.
 */
const COLOURS = {
	light: {
		page: '#ffffff', text: '#1b1f24', quiet: '#59636e',
		edge: '#d0d7de', button: '#f3f5f7', focus: '#0072b2',
		guess: '#7a4b00', data: '#24292f', again: '#c44e00',
		lost: '#b3002d', late: '#8a6d00', ack: '#007a5a',
		wnd: '#9a7d00', sack: '#a0528a', cwnd: '#0072b2',
		state: '#00664b', now: '#e8f1fa', band: 'rgba(0,114,178,.09)'
	},
	dark: {
		page: '#0d1117', text: '#e6edf3', quiet: '#9aa4af',
		edge: '#3d444d', button: '#1c232b', focus: '#56b4e9',
		guess: '#e9b872', data: '#e6edf3', again: '#ff9140',
		lost: '#ff7b9c', late: '#f0e442', ack: '#2fd3a0',
		wnd: '#e0b020', sack: '#d992c3', cwnd: '#56b4e9',
		state: '#2fd3a0', now: '#17283a', band: 'rgba(86,180,233,.13)'
	}
};
const FONT = '12px ui-monospace, Menlo, Consolas, monospace';
const SMALL = '11px ui-monospace, Menlo, Consolas, monospace';

/* what is shown */
const view = {
	m: null, cur: 0,
	t0: 0, t1: 1,		/* of the graph, ns */
	top: 0, rowh: 28,	/* of the ladder: its first row, px of each */
	side: 0,		/* whose data the graph has */
	follow: false,		/* a live film, at its newest segment */
	theme: 'auto', colour: COLOURS.light, dirty: true
};
const by_id = (id) => document.getElementById(id);
const canvas = {ladder: by_id('ladder'), graph: by_id('graph')};
/* their sizes, px: to ask for them costs a layout of the page */
const size = {ladder: {w: 0, h: 0}, graph: {w: 0, h: 0}};

function measure_page() {
	for (const k of ['ladder', 'graph'])
		size[k] = {w: canvas[k].clientWidth, h: canvas[k].clientHeight};
}

/* pen - the context of a canvas whose bitmap fits the screen's pixels */
function pen(c, width, height) {
	const ratio = window.devicePixelRatio || 1;
	const w = Math.round(width * ratio), h = Math.round(height * ratio);
	if (c.width !== w || c.height !== h) {
		c.width = w;
		c.height = h;
	}
	const p = c.getContext('2d', {alpha: false});
	p.setTransform(ratio, 0, 0, ratio, 0, 0);
	p.fillStyle = view.colour.page;
	p.fillRect(0, 0, width, height);
	p.lineWidth = 1;
	p.setLineDash([]);
	return p;
}

function stroke(p, colour, x1, y1, x2, y2) {
	p.strokeStyle = colour;
	p.beginPath();
	p.moveTo(x1, y1);
	p.lineTo(x2, y2);
	p.stroke();
}

/* marked - [colour, dash, width] of segment i */
function marked(m, i) {
	const marks = m.marks[i], c = view.colour;
	if (marks & (LOST | NO_ANSWER))
		return [c.lost, [7, 4], 1.6];
	if (marks & (TWICE | ELSEWHERE | MUTE))
		return [c.quiet, [2, 3], 1];
	if (marks & AGAIN)
		return [c.again, [], 2.6];
	if (marks & (LATE | PARTLY))
		return [c.late, [2, 2], 2];
	return [c.data, [], 1.3];
}
