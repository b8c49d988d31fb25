# cut.py DIRECTORY - captures of many kinds, each cut at every byte: no reader
# crashes or hangs, and each says something: what it has read, or why not.
# Prints TAP. Each cut is for one program, the next one for the next. LONG=yes:
# all kinds, and each cut for each program.
import os
import subprocess
import sys

top = sys.argv[1]
long = os.environ.get("LONG") == "yes"
path = os.path.join(top, "cut")
empty = os.path.join(top, "empty")
READERS = [
    ["ladder", "--decap", path],
    ["seqplot", "--decap", path],
    ["tcp-show", "--decap"],
    ["pcapnote", "--decap", "--marks", path],
    ["impair", "-T", "-S", "1", "--decap", "delay", "1ms"],
    ["tcpfsm", "-T", "-S", "1", "--all", "--decap", "-l", "/dev/null", "-r",
     path],
    ["ladder", "--decap", "--list", path],
]
KINDS = """same/plain.pcap same/modified-le.pcap same/resol-12-be.pcapng
    same/three-interfaces-le.pcapng same/vlan-pppoe.pcap same/mpls-frame.pcap
    same/sll2.pcap six/ah.pcap tunnel/gtpu-ext.pcap tunnel/vxlan-over-6.pcap
    packed""".split()


def fault(command, i, name):
    """what is wrong with a run; or nothing"""
    on_stdin = path not in command
    with open(path if on_stdin else empty, "rb") as f:
        try:
            r = subprocess.run(command, stdin=f, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=60)
        except subprocess.TimeoutExpired:
            return "hangs"
    if r.returncode not in (0, 1):
        return "exit %d" % r.returncode
    if b"Sanitizer" in r.stderr or b"runtime error" in r.stderr:
        return "a sanitizer reports: " + r.stderr.decode()[:200]
    if r.returncode == 0 and not r.stdout and not r.stderr:
        return "says nothing"
    return "gives no reason" if r.returncode == 1 and not r.stderr else ""


def kinds():
    if long:
        for folder, _, files in sorted(os.walk(os.path.join(top, "k"))):
            for name in sorted(files):
                yield os.path.join(folder, name)
        return
    for name in KINDS:
        yield os.path.join(top, "k", name)


plain = os.path.join(top, "k", "same", "plain.pcap")
with open(empty, "wb") as f, open(plain, "rb") as g:
    f.write(g.read(24))
with open(os.path.join(top, "k", "packed"), "wb") as f:
    subprocess.run(["gzip", "-cn", plain], stdout=f, check=True)

n = runs = 0
for name in kinds():
    with open(name, "rb") as f:
        whole = f.read()
    wrong = []
    for i in range(len(whole) + 1):
        with open(path, "wb") as f:
            f.write(whole[:i])
        for command in READERS if long else [READERS[(i + n) % len(READERS)]]:
            what = fault(command, i, name)
            runs += 1
            if what:
                wrong.append("# %s, %d bytes: %s" % (command[0], i, what))
    n += 1
    print("%sok %d - %s, cut at each of %d bytes" % (
        "not " if wrong else "", n, os.path.relpath(name, top), len(whole)))
    print(*wrong[:5], sep="\n", end="\n" if wrong else "")
print("# %d runs" % runs)
print("1..%d" % n)
