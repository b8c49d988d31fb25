# unsummed_hop.py BYTE... - a stage between rawcap and tcpfsm that locks these
# bytes of its input, as a reader that copies (0) and one that takes frames without
# TCP's checksum (6); and at its end, on stderr, how many frames with data had
# STREAM_UNSUMMED, how many of these had the sum of the pseudo-header in the
# place of the checksum, and how many of the others had a wrong checksum.
import fcntl
import sys

from hop import folded, is_bare, parts, passing

UNSUMMED = 0x80000000
for byte in sys.argv[1:]:
    fcntl.lockf(0, fcntl.LOCK_SH, 1, int(byte))
marked = bare = wrong = 0
for f, length in passing():
    pseudo, tcp = parts(f)
    if length == len(f) | UNSUMMED:
        marked += 1
        bare += is_bare(f)
    elif len(tcp) > 100:
        wrong += folded(pseudo + tcp) != 0xffff
print(marked, bare, wrong, file=sys.stderr)
