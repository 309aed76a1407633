"""The messages that wait for one reader of `Node.messages()`."""

import asyncio

from helio.limits import MESSAGES_MAX


class Inbox:
    """An asynchronous iterator of Messages, with room for 64; older ones are counted as dropped."""

    def __init__(self, counts):
        self._counts = counts
        self._waiting = []
        self._ended = False
        self._event = asyncio.Event()

    def put(self, message):
        """A message has come."""
        if len(self._waiting) >= MESSAGES_MAX:
            self._waiting.pop(0)
            self._counts["dropped"] += 1
        self._waiting.append(message)
        self._event.set()

    def end(self):
        """No more will come."""
        self._ended = True
        self._event.set()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._event.clear()
            await self._event.wait()
        return self._waiting.pop(0)
