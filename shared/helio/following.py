"""Following a value that another node publishes, as an asynchronous iterator."""

import asyncio

from helio import runtime
from helio.coap.follow import Follow
from helio.coap.reply import read_value
from helio.coap.request import uri_options
from helio.limits import ANSWER_TIMEOUT_S


class Following:
    """The value at `/NAME` of a target, and each change of it, for `async for`.

    `close()` ends it and tells the peer, and so do the end of the node and, on CPython, leaving
    the loop; MicroPython tells nobody when an object is done with, so close it there.
    """

    def __init__(self, calls, coap, target, name):
        self._values = _Values(calls, coap, target, name)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self._values.next()  # and not its coroutine alone: we are to live meanwhile

    def close(self):
        """Follow it no longer."""
        self._values.close()

    __del__ = close


class _Values:
    """What is known of a value that is followed, whoever has the iterator."""

    def __init__(self, calls, coap, target, name):
        self._calls = calls
        self._coap = coap
        self._target = target
        self._options = uri_options(name)
        self._event = asyncio.Event()
        self._follow = None
        self._response = None  # the newest that was not taken yet
        self._error = None
        self._ended = False

    async def next(self):
        """The next value."""
        if self._follow is None and not self._ended:
            await self._begin()
        while self._response is None:
            if self._error:
                error, self._error = self._error, None
                raise error
            if self._ended:
                raise StopAsyncIteration
            self._event.clear()
            await self._event.wait()
        response, self._response = self._response, None
        return read_value(response)

    async def _begin(self):
        endpoint = await self._calls.endpoint(self._target)
        self._calls.followed.add(self)
        timeout_ms = ANSWER_TIMEOUT_S * 1000
        self._follow = Follow(
            self._calls.client(), endpoint, self._options, self._coap.now_ms, self._receive, self._fail, timeout_ms
        )
        self._coap.set_alarm()

    def _receive(self, response):
        self._response = response
        self._event.set()

    def _fail(self, error):
        self._error = error
        self._end()

    def _end(self):
        self._ended = True
        self._calls.followed.discard(self)
        self._event.set()

    def heard(self, hello):
        """A node has started: if it is this peer, it knows nothing of us, and may be elsewhere."""
        name, address, _, coap_port, _ = hello
        endpoint = self._follow.endpoint
        if address != runtime.endpoint(endpoint[0])[0]:
            if name != self._target or not coap_port:
                return
            endpoint = self._calls.endpoint_at(address, coap_port)
        self._follow.restart(endpoint)
        self._coap.set_alarm()

    def close(self):
        """Follow it no longer."""
        if not self._ended:
            self._end()
            if self._follow:
                self._follow.cancel()
                self._coap.set_alarm()
