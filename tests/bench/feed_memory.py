"""Heap that reading feeds needs on MicroPython, the core as .mpy: what importing `helio.feed`
keeps; the most in use above that while 10 KB and 10 MB are read by 512 bytes; and the smallest
heap in which title and link of every item of the 10 MB are read. On the 64-bit unix build, whose
objects are twice a board's.

    uv run python tests/bench/feed_memory.py

The aims are 4 KB above the import for either, and 40 KB all told, better 28.
"""

import subprocess
import sys
import tempfile
from binascii import crc32
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from feed_documents import of_size  # noqa: E402

from compiled import ROOT, compiled, micropython, smallest_heap_kb  # noqa: E402
from helio.feed import Feed  # noqa: E402

SIZES = {"10 KB": 10000, "10 MB": 10000000}
LIVE_HEAP_KB = 256  # a small one is collected fast


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compiled(ROOT / "shared", folder)
        compiled(ROOT / "tests/bench", folder, "memory_of_feeds.py")
        for size, in_bytes in SIZES.items():
            data = of_size(in_bytes)
            (folder / "feed.xml").write_bytes(data)
            expected = titles_and_links(data)
            imported, live, *found = told(folder, "live", LIVE_HEAP_KB)
            assert found == expected, found
            print("%s by 512 bytes: at most %d bytes above the import" % (size, live))
        print("importing helio.feed: %d bytes" % imported)
        kb = smallest_heap_kb(lambda kb: told(folder, "read", kb)[2:] == expected, 8, 128)
        print("title and link of all %d items of %s are read in -X heapsize=%dk" % (expected[0], size, kb))


def told(folder, what, heap_kb):
    """The numbers that the reader prints; none when it fails."""
    run = subprocess.run(
        micropython("-X", "heapsize=%dk" % heap_kb, "-m", "memory_of_feeds", what, "feed.xml"),
        cwd=folder,
        env={"MICROPYPATH": "."},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return [int(word) for word in run.stdout.split()] if run.returncode == 0 else []


def titles_and_links(data):
    """How many items there are, and a sum over their titles and links, as the reader makes it."""
    count = total = 0
    for item in Feed(("title", "link")).feed(data):
        count += 1
        total = crc32(item.link.encode(), crc32(item.title.encode(), total))
    return [count, total]


main()
