"""Following a resource for as long as one likes, without I/O: an observation that is begun again
when the peer restarts, is off for long, or has too many observers.
"""

from helio.coap.codec import BAD_REQUEST, OBSERVE
from helio.coap.limits import EXCHANGE_LIFETIME_MS, REGISTER_DELAY_MS
from helio.coap.observe import Observation
from helio.coap.reply import refusal
from helio.errors import NoAnswer

REFUSALS_MAX = 12  # a minute: a board that restarts has its values again by then


class Follow:
    """The states of one resource: `on_response(response)` is called with each newer one.

    `on_failure(error)` is called, once, when the first registration came to nothing or the peer
    keeps refusing; `cancel()` ends it before. `clock` gives the time.
    """

    def __init__(self, client, endpoint, options, clock, on_response, on_failure, timeout_ms=EXCHANGE_LIFETIME_MS):
        self.endpoint = endpoint
        self._client = client
        self._options = options
        self._clock = clock
        self._on_response = on_response
        self._on_failure = on_failure
        self._timeout_ms = timeout_ms
        self._last = None  # the payload that came last
        self._refusals = 0
        self.on_due(clock())

    def on_due(self, now_ms):
        """Register."""
        self._observation = Observation(
            self._client, self.endpoint, self._options, now_ms, self._receive, self._fail, self._timeout_ms
        )

    def restart(self, endpoint):
        """The peer has started, at that endpoint: register again, for it knows nothing of us."""
        if self._last is not None:
            self._stop(deregister=False)
            self.endpoint = endpoint
            self.on_due(self._clock())

    def cancel(self):
        """Follow it no longer, and tell the peer."""
        self._stop(deregister=True)

    def _stop(self, deregister):
        self._client.messages.unschedule(self)
        self._observation.cancel(self._clock(), deregister)

    def _receive(self, response):
        refused = response.code >= BAD_REQUEST
        if refused and (self._last is None or self._refusals >= REFUSALS_MAX):
            self._on_failure(refusal(response))
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
            self._on_response(response)

    def _fail(self, error):
        if self._last is not None and isinstance(error, NoAnswer):
            self._register_later()  # it is off, or out of reach
        else:
            self._on_failure(error)

    def _register_later(self):
        self._client.messages.schedule(self, self._clock() + REGISTER_DELAY_MS)
