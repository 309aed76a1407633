"""Follows a feed: a flash for each new item, and its headline as a message to the desktop.

Settings: `feed`, a URL, or the name of a feed of `helio serve`, or null for the first one there;
`host`, who is told, or null for all. `helio listen` prints it.
"""

import asyncio
import random

from helio.errors import HelioError, Refused
from helio.feed import Feed
from helio.html import plain
from helio.http.fetch import fetch
from helio.node import Node
from helio.served import served_url
from led import led
from settings import settings

ITEMS = 5  # the newest, which are looked at
EVERY_S, EVERY_MAX_S = 600, 7200  # the latter while the feed cannot be had

node = Node(settings["name"])
known, untold = [], []  # ids of items that have been shown, and headlines that are still to be said


async def read(url, validator):
    async with fetch(url, validator=validator) as response:
        if response.status not in (200, 304):
            raise Refused("%s answers %d" % (url, response.status))
        feed = Feed(("title", "link", "id"), ITEMS)
        async for piece in response:
            for item in feed.feed(piece):
                id = item.id or item.link or item.title
                if id not in known:
                    print(plain(item.title, 200))
                    await led.flash(1)
                    known[:] = known[1 - 4 * ITEMS :] + [id]
                    untold[:] = untold[1 - 4 * ITEMS :] + ["news " + plain(item.title, 200)]
            if feed.is_done:
                break
        return response.validator


async def follow():
    validator, every_s = None, EVERY_S
    while True:
        try:
            validator = await read(await served_url(node, "feeds", settings["feed"]), validator)
            while untold:
                await node.tell(settings["host"] or "all", untold[0])
                del untold[0]
            every_s = EVERY_S
        except HelioError as error:
            print("news:", error)
            every_s = min(2 * every_s, EVERY_MAX_S)
        await asyncio.sleep(every_s * (90 + random.getrandbits(4)) / 100)  # not all boards at once


node.run(follow)
