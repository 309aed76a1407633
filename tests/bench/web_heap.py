"""The most heap in use while a document is downloaded, above what the imports keep, on MicroPython.

web_heap.py CORE WHO URL    (WHO: fetch or get)
"""

import gc
import sys

gc.collect()
start = gc.mem_alloc()
sys.path.insert(0, sys.argv[1])

import asyncio  # noqa: E402

from helio.http.fetch import fetch  # noqa: E402
from helio.http.page import Page  # noqa: E402

most = 0


def look():
    global most
    gc.collect()
    most = max(most, gc.mem_alloc())


async def fetched(url):
    async with fetch(url) as response:
        async for _ in response:
            look()


def got(url):
    with Page(url) as page:
        while page.read(1024):
            look()


asyncio.run(fetched(sys.argv[3]))  # once for what is loaded with the first
gc.collect()
imported = gc.mem_alloc()
most = 0
if sys.argv[2] == "fetch":
    asyncio.run(fetched(sys.argv[3]))
else:
    got(sys.argv[3])
print(most - imported, imported - start)
