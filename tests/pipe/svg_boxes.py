# svg_boxes.py SVG... - the words of pictures that lie on each other or stick out:
# a line each.
import re
import sys
import xml.etree.ElementTree as ET

SIZE = {"title": 14, "small": 10, "letter": 11}  # as the style sheet has it
WIDE = 0.602  # of a letter, in monospaced fonts


def boxes(e, dx=0, dy=0):
    move = re.match(r"translate\(([-\d.]+) ([-\d.]+)\)", e.get("transform", ""))
    if move:
        dx, dy = dx + float(move[1]), dy + float(move[2])
    if e.tag.endswith("}text"):
        size = SIZE.get(e.get("class"), 12)
        wide = float(e.get("textLength", WIDE * size * len(e.text)))
        x = dx + float(e.get("x")) - wide * {
            "start": 0, "middle": .5, "end": 1}[e.get("text-anchor", "start")]
        y = dy + float(e.get("y"))
        yield x, y - .75 * size, x + wide, y + .2 * size, e.text
    for child in e:
        yield from boxes(child, dx, dy)


for name in sys.argv[1:]:
    top = ET.parse(name).getroot()
    right, bottom = float(top.get("width")), float(top.get("height"))
    done = []
    for b in boxes(top):
        if b[0] < 0 or b[1] < 0 or b[2] > right or b[3] > bottom:
            print("%s sticks out of %s" % (b[4], name))
        for a in done:
            if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                print("%s lies on %s in %s" % (b[4], a[4], name))
        done.append(b)
