"""Heap that reading feeds needs on MicroPython, the core as .mpy: what importing `helio.feed`
keeps; the most in use above that while 10 KB and 10 MB are read by 512 bytes; and the smallest
heap in which title and link of every item of the 10 MB are read. On the 64-bit unix build, whose
objects are twice a board's.

    uv run python tests/bench/feed_memory.py

The aims are 4 KB above the import for either, and 40 KB all told, better 28.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from feed_documents import of_size  # noqa: E402

from compiled import ROOT, compiled, heap_of_feed, smallest_heap_kb, titles_read  # noqa: E402

SIZES = {"10 KB": 10000, "10 MB": 10000000}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compiled(ROOT / "shared", folder)
        feed = folder / "feed.xml"
        for size, in_bytes in SIZES.items():
            data = of_size(in_bytes)
            feed.write_bytes(data)
            live, imported = heap_of_feed(folder, feed)
            print("%s by 512 bytes: at most %d bytes above the import" % (size, live))
        print("importing helio.feed: %d bytes" % imported)
        items = data.count(b"<item>")
        kb = smallest_heap_kb(lambda kb: titles_read(folder, feed, kb) == items, 8, 128)
        print("title and link of all %d items of %s are read in -X heapsize=%dk" % (items, size, kb))


main()
