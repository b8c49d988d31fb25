"""film_pixels.py [-w] HOME NAME=FILM... - what a browser draws of these films,
compared to tests/pipe/golden/film.NAME, a letter for each cell of 10 by 10
pixels: the colour that most of what is drawn there has. No text is drawn, and
one cell in 300 may differ: fonts and smoothing are the browser's own. -w
writes these files anew."""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here + "/..")
from browser import Browser

LOOK = """(() => {
    CanvasRenderingContext2D.prototype.fillText = () => {};
    view.theme = 'light';
    colours(false);
    size.ladder = {w: 600, h: 600};
    size.graph = {w: 600, h: 400};
    view.rowh = 28;
    choose(film.conns.length - 1, 0);
    size.ladder = {w: 600, h: 600};
    size.graph = {w: 600, h: 400};
    go(Math.floor(view.m.n / 2), true);
    layer.key = '';
    draw_ladder();
    draw_graph();
    const names = {data: 'd', again: 'R', lost: 'x', late: 'l', ack: 'a',
        wnd: 'w', sack: 's', cwnd: 'c', guess: 't', quiet: 'q', edge: '-'};
    const palette = Object.keys(names).map((k) => {
        const n = parseInt(COLOURS.light[k].slice(1), 16);
        return [n >> 16, n >> 8 & 255, n & 255, names[k]];
    });
    const letter = (d, w, x, y) => {
        const count = {};
        for (let j = y; j < y + 10; j++)
            for (let i = x; i < x + 10; i++) {
                const at = 4 * (j * w + i);
                for (const [r, g, b, name] of palette)
                    if (Math.abs(d[at] - r) + Math.abs(d[at + 1] - g) +
                        Math.abs(d[at + 2] - b) < 24)
                        count[name] = (count[name] || 0) + 1;
            }
        const all = Object.keys(count).filter((k) => count[k] > 2);
        all.sort((p, q) => (p === '-') - (q === '-') || count[q] - count[p] ||
            (p < q ? -1 : 1));
        return all[0] || '.';
    };
    const lines = [];
    for (const c of [canvas.ladder, canvas.graph]) {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let y = 0; y + 10 <= c.height; y += 10) {
            let line = '';
            for (let x = 0; x + 10 <= c.width; x += 10)
                line += letter(d, c.width, x, y);
            lines.push(line);
        }
    }
    return lines.join('\\n') + '\\n';
})()"""

words = sys.argv[1:]
write = words[0] == "-w"
words = words[write:]
b = Browser(words[0])
for word in words[1:]:
    name, film = word.split("=", 1)
    b.open("file://" + film, 0)
    b.until("location.pathname === '%s' && document.readyState === 'complete' "
            "&& panel_old === false" % film)
    is_now = b.value(LOOK)
    golden = "%s/golden/film.%s" % (here, name)
    if write:
        open(golden, "w").write(is_now)
        continue
    was = open(golden).read()
    other = sum(p != q for p, q in zip(was, is_now))
    print(name, len(was) == len(is_now) and other * 300 <= len(was))
    if len(was) != len(is_now) or other:
        print("# %s: %d of %d cells differ" % (name, other, len(was)),
              file=sys.stderr)
b.close()
