"""Following a value that another node publishes, through lost notifications and restarts."""

import asyncio

from helio import runtime
from helio.coap.codec import BAD_REQUEST, OBSERVE
from helio.coap.limits import REGISTER_DELAY_MS
from helio.coap.observe import Observation
from helio.coap.reply import read_value, refusal
from helio.coap.request import uri_options
from helio.errors import NoAnswer
from helio.limits import ANSWER_TIMEOUT_S

REFUSALS_MAX = 12  # a minute: a board that restarts has its values again by then


class Following:
    """The value at `/NAME` of a target, and each change of it, as an asynchronous iterator.

    `close()` ends it and tells the peer, and so does the end of the node.
    """

    def __init__(self, calls, coap, target, name):
        self._calls = calls
        self._coap = coap
        self._target = target
        self._options = uri_options(name)
        self._event = asyncio.Event()
        self._observation = None
        self._response = None  # the newest that was not taken yet
        self._error = None
        self._last = None  # the payload that came last
        self._refusals = 0
        self._ended = False

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._observation is None and not self._ended:
            await self._register()
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

    async def _register(self):
        endpoint = await self._calls.endpoint(self._target)
        self._observe(endpoint)
        self._calls.followed.add(self)

    def _observe(self, endpoint):
        now_ms = self._coap.now_ms()
        self._observation = Observation(
            self._calls.client(), endpoint, self._options, now_ms, self._receive, self._fail, ANSWER_TIMEOUT_S * 1000
        )
        self._coap.set_alarm()

    def _receive(self, response):
        refused = response.code >= BAD_REQUEST
        if refused and (self._last is None or self._refusals >= REFUSALS_MAX):
            self._fail(refusal(response))
            return
        is_alone = response.option(OBSERVE) is None  # it restarts, perhaps, or has too many observers
        if is_alone:
            self._register_later()
        if refused:
            self._refusals += 1
            return
        self._refusals = 0
        if not is_alone or response.payload != self._last:
            self._last = response.payload
            self._response = response
            self._event.set()

    def _fail(self, error):
        if self._last is not None and isinstance(error, NoAnswer):
            self._register_later()  # it is off, or out of reach
            return
        self._error = error
        self._end()
        self._event.set()

    def _register_later(self):
        self._coap.messages.schedule(self, self._coap.now_ms() + REGISTER_DELAY_MS)

    def on_due(self, now_ms):
        """Register again."""
        self._observe(self._observation.endpoint)

    def _end(self):
        self._ended = True
        self._calls.followed.discard(self)
        self._coap.messages.unschedule(self)

    def heard(self, hello):
        """Register again if it is this peer that has started: it knows nothing of us then."""
        name, address, _, coap_port, _ = hello
        here = address == runtime.endpoint(self._observation.endpoint[0])[0]
        if here and self._last is not None:
            self._observation.cancel(self._coap.now_ms(), deregister=False)
            self._observe(self._observation.endpoint)
        elif name == self._target and coap_port and not here:  # it has another address now
            self._observation.cancel(self._coap.now_ms(), deregister=False)
            self._observe(self._calls.endpoint_at(address, coap_port))

    def close(self):
        """Follow it no longer."""
        if not self._ended:
            self._end()
            if self._observation:
                self._observation.cancel(self._coap.now_ms())
                self._coap.set_alarm()
            self._event.set()
