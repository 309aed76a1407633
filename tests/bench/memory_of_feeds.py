"""Reads a feed on MicroPython by 512 bytes, for `feed_memory.py`.

    memory_of_feeds.mpy read|live PATH

Prints the bytes of heap that importing `helio.feed` keeps; with `live` the most that is in use
above that while the feed is read, looked at after each piece and item, else 0; how many items
there were, and a sum over all titles and links.
"""

import gc
import sys
from binascii import crc32

PIECE = 512


def used():
    gc.collect()
    return gc.mem_alloc()


start = used()

from helio.feed import Feed  # noqa: E402

imported = used()
is_live = sys.argv[1] == "live"
most = imported
count = total = 0
feed = Feed(("title", "link"))
with open(sys.argv[2], "rb") as file:
    while True:
        piece = file.read(PIECE)
        if not piece:
            break
        for item in feed.feed(piece):
            count += 1
            total = crc32(item.link.encode(), crc32(item.title.encode(), total))
            if is_live:
                most = max(most, used())
        if is_live:
            most = max(most, used())
feed.close()
print(imported - start, most - imported, count, total)
