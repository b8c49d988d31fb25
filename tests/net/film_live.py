"""film_live.py HOME URL - a browser looks at a live film while others visit:
what it finds, a line each. "begin", "more" and "again" ask for visitors."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/..")
from browser import Browser

home, url = sys.argv[1:3]
b = Browser(home)
b.open(url)
print("waits", b.until("document.getElementById('why').textContent === "
                       "'Nothing has come yet.'"))
print("begin", flush=True)
print("comes", b.until("film.conns.length > 0 && view.m !== null"))
print("ends", b.until("film.conns.length === 3 && film.conns.every("
                      "(c) => c.ending === 1)"))
print("follows", b.until("view.follow && view.m.conn.no === 2 && "
                         "view.cur === view.m.n - 1"))
print("from the log", b.until("told(view.m, 1, Infinity) !== null && "
                              "told(view.m, 1, Infinity).cwnd > 0"))
b.key("Home")
print("a key ends following", b.until("!view.follow && view.cur === 0"))
print("another host is not asked", b.value(
    "fetch('http://10.0.0.5/').then(() => 'it was', () => 'refused')"))
said = [l for l in b.console() if "Content Security Policy" not in l]
print("console", said)
print("more", flush=True)
print("stays", b.until("film.conns.length === 4") and
      b.value("view.m.conn.no === 2 && view.cur === 0"))
print("again", flush=True)
print("comes back", b.until(
    "document.getElementById('live').textContent === 'Live' && "
    "film.conns.length === 1 && view.m !== null", 30))
b.close()
