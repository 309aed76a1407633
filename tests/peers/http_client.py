"""Reads the web with helio, on either interpreter, for `test_http_peers`.

    http_client.py CORE    (in a folder with `asked.json`: a list of requests)

A request is `{"url", "how": "fetch", "session" or "get", "options"}`; for each one line of JSON tells what
came. `"validator": true` stands for that of the request before.
"""

import asyncio
import binascii
import hashlib
import json
import sys

sys.path.insert(0, sys.argv[1])

from helio.blocking import get  # noqa: E402
from helio.errors import HelioError  # noqa: E402
from helio.http.fetch import Session, fetch  # noqa: E402

validator = None


def told(response, digest, size):
    global validator
    validator = response.validator
    return {
        "status": response.status,
        "size": size,
        "sha256": str(binascii.hexlify(digest.digest()), "ascii"),
        "url": str(response.url),
        "unchanged": response.unchanged,
        "encoding": response.headers.get("content-encoding"),
    }


async def fetched(fetching):
    digest = hashlib.sha256()
    size = 0
    async with fetching as response:
        async for piece in response:
            digest.update(piece)
            size += len(piece)
        return told(response, digest, size)


def got(url, options):
    digest = hashlib.sha256()
    size = 0
    with get(url, **options) as page:
        while True:
            piece = page.read(5000)
            if not piece:
                return told(page, digest, size)
            digest.update(piece)
            size += len(piece)


async def answer(request, session):
    url, options = request["url"], request.get("options", {})
    if options.get("validator"):
        options["validator"] = validator
    try:
        if request["how"] == "get":
            return got(url, options)
        return await fetched((fetch if request["how"] == "fetch" else session.fetch)(url, **options))
    except HelioError as error:
        return {"error": type(error).__name__, "text": str(error)}


async def main():
    with open("asked.json") as file:
        requests = json.load(file)
    async with Session() as session:
        for request in requests:
            print(json.dumps(await answer(request, session)))


asyncio.run(main())
