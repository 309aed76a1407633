"""Downloads a document over and over, for `web.py`: MB a second for each line on its stdin.

web_reader.py CORE WHO URL    (WHO: fetch, get, urllib or requests)
"""

import sys
import time

sys.path.insert(0, sys.argv[1])

PIECE_BYTES = 1024 if sys.implementation.name == "micropython" else 65536


def get(url):
    from helio.blocking import get

    size = 0
    with get(url) as page:
        while True:
            piece = page.read(PIECE_BYTES)
            if not piece:
                return size
            size += len(piece)


def fetch(url):
    import asyncio

    from helio.http.fetch import fetch

    async def main():
        size = 0
        async with fetch(url) as response:
            async for piece in response:
                size += len(piece)
        return size

    return asyncio.run(main())


def _read(file):
    size = 0
    while True:
        piece = file.read(PIECE_BYTES)
        if not piece:
            return size
        size += len(piece)


def urllib(url):
    from urllib.request import urlopen

    with urlopen(url) as response:
        return _read(response)


def requests(url):
    import requests

    response = requests.get(url)
    size = _read(response.raw)
    response.close()
    return size


def main(who, url):
    read = {"get": get, "fetch": fetch, "urllib": urllib, "requests": requests}[who]
    if hasattr(time, "ticks_us"):
        now_s = lambda: time.ticks_us() / 1000000  # noqa: E731
    else:
        now_s = time.perf_counter
    read(url)
    while sys.stdin.readline():
        started_s = now_s()
        size = read(url)
        print(size / 1000000 / (now_s() - started_s))


main(*sys.argv[2:])
