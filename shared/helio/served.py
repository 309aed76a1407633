"""Where `helio serve` has something for a node that it has welcomed."""

import asyncio

from helio.errors import UnknownTarget
from helio.http.fetch import fetch


async def served_url(node, kind, name=None):
    """The URL of what is served as `name`, or first where that is None; `kind` is "feeds" or "weather".
    A name that is a URL is that. Waits until the node has been welcomed.

    Raises UnknownTarget when nothing of the kind is served, and what `fetch` does.
    """
    if name and "://" in name:
        return name
    while not node.feeds:
        await asyncio.sleep(1)
    folder = node.feeds[: -len("feeds/")] + kind + "/"
    if not name:
        names = b""  # a line each, and the first is wanted
        async with fetch(folder) as response:
            async for piece in response:
                names += piece
                if b"\n" in names:
                    break
        name = str(names.split(b"\n")[0], "utf-8")
        if response.status != 200 or not name:
            raise UnknownTarget("nothing is under %s: see what the computer with `helio serve` says" % folder)
    return folder + name
