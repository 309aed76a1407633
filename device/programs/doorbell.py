"""A button that rings: each press goes to the desktop, confirmed; while the network is away it waits.

Settings: `host` is who is told: a name, or an address. `ring N` is what it hears: pressed N seconds ago.
"""

import asyncio

from helio.errors import HelioError
from helio.node import Node
from helio.runtime import clock
from led import led
from machine import Pin
from settings import settings

BUTTON = Pin(0, Pin.IN, Pin.PULL_UP)  # BOOT, on most boards; pressed it is 0
LOOK_MS = 20  # a button bounces for less
KEPT_MAX = 50  # presses that wait; of more the oldest are forgotten
AGAIN_S = 5

node = Node(settings["name"])
now_ms = clock()
waiting = []  # when it was pressed


async def watch():
    """Put each press into `waiting`."""
    was = 1
    while True:
        level = BUTTON.value()
        if was and not level:
            waiting.append(now_ms())
            if len(waiting) > KEPT_MAX:
                waiting.pop(0)
                print("doorbell: nobody has heard the oldest press, and it is forgotten")
        was = level
        await asyncio.sleep(LOOK_MS / 1000)


async def ring():
    """Tell of each press, until it is known to be heard."""
    while True:
        await asyncio.sleep(LOOK_MS / 1000)
        if not waiting:
            continue
        try:
            await node.send(settings["host"] or "desktop", "ring %d" % ((now_ms() - waiting[0]) // 1000))
            waiting.pop(0)
            await led.flash(1)
        except HelioError as error:
            print("doorbell:", error)
            await asyncio.sleep(AGAIN_S)


node.run(watch, ring)
