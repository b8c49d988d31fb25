# uncut_hop.py MTU VOUCH - a stage between two others that takes the locks of a
# reader that cuts frames to this MTU (0: none), and of a writer that vouches for
# what has no checksum (1); at its end, on stderr, its longest frame, how many
# were longer than 1514 bytes, and how many of these had the sum of the
# pseudo-header only.
import fcntl
import sys

from hop import is_bare, passing

VOUCHED, MTU = 4, 8
mtu, vouch = int(sys.argv[1]), int(sys.argv[2])
if mtu:
    fcntl.lockf(0, fcntl.LOCK_SH, mtu, MTU)
if vouch:
    fcntl.lockf(1, fcntl.LOCK_EX, 1, VOUCHED)
longest = long = bare = 0
for f, _ in passing():
    longest = max(longest, len(f))
    long += len(f) > 1514
    bare += len(f) > 1514 and is_bare(f)
print(longest, long, bare, file=sys.stderr)
