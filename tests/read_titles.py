"""On MicroPython: read title and link of every item of a feed by 512 bytes. Arguments: the folder with the
compiled core, the feed, and `live` for the most heap in use above what the import took."""

import gc
import sys

sys.path.insert(0, sys.argv[1])

from helio.feed import Feed  # noqa: E402


def read(source, measures):
    gc.collect()
    before = gc.mem_alloc()
    feed = Feed(("title", "link"))
    count = pieces = most = 0
    while True:
        piece = source.read(512)
        if not piece:
            break
        for item in feed.feed(piece):
            if item.title and item.link:
                count += 1
        pieces += 1
        if measures and (pieces < 20 or pieces % 1000 == 0):
            gc.collect()
            most = max(most, gc.mem_alloc() - before)
    feed.close()
    print(count, most)


with open(sys.argv[2], "rb") as source:
    read(source, len(sys.argv) > 3)
