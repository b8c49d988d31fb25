#!/bin/bash
# make html: every link, also to a place within a page, leads somewhere; nothing
# names a place of this machine or is fetched from elsewhere.
. "${0%/*}/../tap.sh"
scratch
need python3 lowdown mandoc
.package/html "$BIN" "$T/html" >"$T/said" 2>"$T/err"
is 'exit 0, nothing on stderr' "$? $(cat "$T/err")" '0 '
is 'it says where' "$(cat "$T/said")" "open $T/html/index.html"
mv "$T/html" "$T/elsewhere" # it can be put anywhere
python3 - "$T/elsewhere" >"$T/found" <<'END'
import html.parser, os, sys, urllib.parse
top = sys.argv[1]
class Page(html.parser.HTMLParser):
	def __init__(self, path):
		super().__init__()
		self.ids, self.links, self.path = set(), [], path
		self.feed(open(path, encoding="utf-8").read())
	def handle_starttag(self, tag, attrs):
		for name, value in attrs:
			if name == "id":
				self.ids.add(value)
			if name in ("href", "src"):
				self.links.append((tag, value))
pages, linked, count = {}, set(), 0
for folder, _, files in os.walk(top):
	for f in files:
		if f.endswith(".html"):
			path = os.path.join(folder, f)
			pages[path] = Page(path)
for p in pages.values():
	for tag, to in p.links:
		url = urllib.parse.urlparse(to)
		if url.scheme == "data":
			continue
		count += 1
		if url.scheme:
			if tag != "a":
				print(p.path, "fetches", to)
			continue
		if url.path.startswith("/"):
			print(p.path, "absolute", to)
		file = p.path
		if url.path:
			file = os.path.normpath(os.path.join(
			    os.path.dirname(p.path), urllib.parse.unquote(url.path)))
		linked.add(file)
		if not os.path.isfile(file) or not file.startswith(top):
			print(p.path, "leads nowhere:", to)
		elif url.fragment and urllib.parse.unquote(url.fragment) not in \
		    pages[file].ids:
			print(p.path, "no such place:", to)
for path in pages:
	if path not in linked:
		print(path, "nothing leads here")
print(count > 1000, len(pages))
END
is 'every link leads somewhere, and to every page leads one' \
    "$(sed '$d' "$T/found")" ''
films=$(find "$T/elsewhere/films" -name '*.html' | wc -l)
is 'many links; all pages, lessons and films' "$(tail -n 1 "$T/found")" \
    "True $((1 + $(ls man/*.[1-9] | wc -l) + 1 +
    $(ls examples/lessons/*.md | wc -l) + films))"
is 'films: the list, three of recordings, and the demo, if it can be run' \
    "$films" "$(($([ -f build/demo/film.html ] && echo 5 || echo 4)))"
is 'nothing of this machine' "$(grep -rlF -e "$PWD" -e "$T" -e file:// \
    "$T/elsewhere" --include='*.html')" ''
mkdir "$T/few"
for p in sh dirname mkdir; do
	ln -s "$(command -v $p)" "$T/few/$p"
done
is 'without them: exit 2, and what to install' "$(PATH=$T/few \
    .package/html "$BIN" "$T/h2" 2>&1; echo $?)" \
    'html: mandoc is not here: install it (Debian: apt-get install mandoc lowdown)
2'
done_testing
