"""film_page.py HOME URL CONDITION - the page as it is once this expression of
its own is true, or after a minute; what its console had goes to stderr."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/..")
from browser import Browser

home, url, condition = sys.argv[1:]
b = Browser(home)
b.open(url, 0)
if b.until("document.readyState === 'complete' && " + condition, 60) is not True:
    print("film_page: it does not become true: " + condition, file=sys.stderr)
print(b.value("document.documentElement.outerHTML"))
for line in b.console():
    print(line, file=sys.stderr)
b.close()
