"""Starts the board anew when its node hangs. A watchdog cannot be switched off: the loop of the node feeds it, and a
timer does while no node runs, so that nobody at the prompt is cut off."""

import asyncio

import machine
from helio import runtime

TIMEOUT_MS = 30000
_FED = 6  # times in that

_timer = None


def start():
    """Have it watch every node."""
    runtime.services.append(_watch)
    if machine.reset_cause() == machine.SOFT_RESET:  # which it survives, where it was on
        feed_by_timer()


async def _watch(node):
    global _timer
    watchdog = machine.WDT(timeout=TIMEOUT_MS)
    if _timer:
        _timer.deinit()
        _timer = None
    node.on_stop = feed_by_timer
    while True:
        watchdog.feed()
        await asyncio.sleep(TIMEOUT_MS / 1000 / _FED)


def feed_by_timer():
    """Have a timer feed it, until a node runs. Who works at the prompt calls this too: a node that was not ended
    by its own `run` does not."""
    global _timer
    if _timer:
        return
    watchdog = machine.WDT(timeout=TIMEOUT_MS)
    _timer = machine.Timer(0)
    _timer.init(period=TIMEOUT_MS // _FED, callback=lambda timer: watchdog.feed())
