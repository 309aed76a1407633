"""On MicroPython: read title and link of every item of a feed by 512 bytes. Arguments: the folder with the
compiled core, the feed, and `live` for the most heap that is in use above what the import took. Prints
how many items had both, that heap, and what the import took, in bytes."""

import gc
import sys

sys.path.insert(0, sys.argv[1])
gc.collect()
start = gc.mem_alloc()

from helio.feed import Feed  # noqa: E402

gc.collect()
imported = gc.mem_alloc()
measures = len(sys.argv) > 3
feed = Feed(("title", "link"))
count = pieces = 0
most = imported
with open(sys.argv[2], "rb") as source:
    while True:
        piece = source.read(512)
        if not piece:
            break
        for item in feed.feed(piece):
            if item.title and item.link:
                count += 1
        pieces += 1
        if measures and (pieces < 100 or pieces % 100 == 0):
            gc.collect()
            most = max(most, gc.mem_alloc())
feed.close()
print(count, most - imported, imported - start)
