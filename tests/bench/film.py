"""film.py HOME FILM - the frames a second that a browser draws of a film: its
ladder rolled, its graph zoomed, played."""
import os
import sys
sys.path.insert(0, os.path.join(os.path.dirname(sys.argv[0]), ".."))
from browser import Browser  # noqa: E402

SECONDS = 3
b = Browser(sys.argv[1])
b.open("file://" + sys.argv[2], 3)


def roll(x, y, px):
    b.call("Input.synthesizeScrollGesture", x=x, y=y, yDistance=px * SECONDS,
           speed=abs(px), gestureSourceType="mouse")


def play():
    b.value("by_id('speed').value = 4; 1")
    b.key(" ")
    b.wait(SECONDS)
    b.key(" ")


def drawn(what, act):
    b.events.clear()
    b.call("Tracing.start", categories="devtools.timeline.frame,"
           "disabled-by-default-devtools.timeline.frame")
    act()
    b.call("Tracing.end")
    while not any(e.get("method") == "Tracing.tracingComplete"
                  for e in b.events):
        b.wait(0.1)
    at = sorted(x["ts"] for e in b.events
                if e.get("method") == "Tracing.dataCollected"
                for x in e["params"]["value"] if x.get("name") == "DrawFrame")
    gaps = sorted(y - x for x, y in zip(at, at[1:]))
    print("| %s | %.1f | %.0f ms |" % (what, len(gaps) * 1e6 / sum(gaps),
                                      gaps[int(len(gaps) * .99)] / 1e3))


print("| frames a second | | 99 % within |\n|---|---|---|")
drawn("the ladder rolls, 1600 px a second", lambda: roll(300, 500, -1600))
drawn("8000 px a second", lambda: roll(300, 500, -8000))
drawn("the graph is zoomed to a hundred thousandth",
      lambda: roll(1000, 300, 1600))
drawn("it plays, 200 segments a second", play)
b.close()
