"""Following a resource (RFC 7641), the client's side, without I/O: which notification is newer,
and registering again when none comes for too long.
"""

from helio.coap.codec import ACK, BAD_REQUEST, CON, GET, MAX_AGE, OBSERVE, RST, option, uint, with_option
from helio.coap.exchange import no_answer
from helio.coap.limits import (
    EXCHANGE_LIFETIME_MS,
    MAX_AGE_S,
    NOTIFICATION_NEWER_MS,
    REGISTER_DELAY_MS,
    REGISTER_SPREAD_MS,
)
from helio.coap.request import Request, busy
from helio.errors import Refused


def is_newer(number, now_ms, last, last_ms):
    """Whether a notification is newer than the last one: section 3.4."""
    return 0 < (number - last & 0xFFFFFF) < 0x800000 or now_ms - last_ms > NOTIFICATION_NEWER_MS


class Observation:
    """One resource that is observed.

    `on_response(response)` is called with each newer state, block-wise ones whole. One without
    an Observe option, or of class 4 or 5, is the last. `on_failure(error)` is called when the
    first registration came to nothing; later ones are tried until `cancel`.
    """

    def __init__(self, client, endpoint, options, now_ms, on_response, on_failure, timeout_ms=EXCHANGE_LIFETIME_MS):
        self.endpoint = endpoint
        self._client = client
        self._options = options
        self._on_response = on_response
        self._on_failure = on_failure
        self._timeout_ms = timeout_ms
        self._last = None  # the number of the newest notification, and when it came
        self._last_ms = 0
        self._registered = False  # the next response answers a registration: it is the newest
        self._transmission = None
        self._rest = None  # the Request for what did not fit into a notification
        self._token = client.wait(self)
        self._register(now_ms)

    def _register(self, now_ms):
        messages = self._client.messages
        options = self._client.with_block_size(with_option(self._options, OBSERVE, b""))
        messages.schedule(self, now_ms + self._timeout_ms)
        self._transmission = messages.send(self.endpoint, CON, GET, self._token, options, b"", now_ms, self)

    def cancel(self, now_ms, deregister=True):
        """Follow it no longer; with `deregister`, tell the server, which else learns it from a RST."""
        if self._stop(now_ms) and deregister:
            options = with_option(self._options, OBSERVE, b"\x01")
            self._request(options, _ignore).ask(now_ms, self._token)

    def _request(self, options, on_response):
        return Request(self._client, self.endpoint, GET, options, b"", on_response, _ignore, True, None)

    def _stop(self, now_ms):
        messages = self._client.messages
        messages.unschedule(self)
        self._give_up(now_ms)
        if self._rest:
            self._rest.cancel(now_ms)
        return self._client.waiting.pop(self._token, None)

    def _give_up(self, now_ms):
        if self._transmission:
            self._client.messages.cancel(self._transmission, now_ms)
            self._transmission = None

    def ended(self, how, now_ms):
        self._transmission = None
        if how == ACK:
            self._registered = True
        elif how == RST:
            self._fail(Refused("it cannot be observed: it sent a Reset"), now_ms)
        elif self._last is None:
            self._fail(how, now_ms)
        else:  # not at once: an endpoint where nothing listens may say so at once, again and again
            self._client.messages.schedule(self, now_ms + self._delay_ms())

    def on_due(self, now_ms):
        if self._last is None:
            self._fail(busy(self._timeout_ms) if self._registered else no_answer(), now_ms)
        else:
            self._give_up(now_ms)
            self._register(now_ms)

    def _fail(self, error, now_ms):
        self._stop(now_ms)
        self._on_failure(error)

    def receive(self, endpoint, code, options, payload, now_ms):
        self._give_up(now_ms)  # what has answered has the registration, or has it still
        number = option(options, OBSERVE)
        if number is None or code >= BAD_REQUEST:
            self._stop(now_ms)
        else:
            number = uint(number)
            if not self._registered and self._last is not None:
                if not is_newer(number, now_ms, self._last, self._last_ms):
                    return
            self._registered = False
            self._last = number
            self._last_ms = now_ms
            self._client.messages.schedule(self, now_ms + self._lasts_ms(options))
            if self._rest:
                self._rest.cancel(now_ms)
        self._rest = self._request(self._options, self._on_response)
        self._rest.receive(endpoint, code, options, payload, now_ms)

    def _lasts_ms(self, options):
        max_age = option(options, MAX_AGE)
        return (MAX_AGE_S if max_age is None else uint(max_age)) * 1000 + self._delay_ms()

    def _delay_ms(self):
        return REGISTER_DELAY_MS + self._client.messages.random(1)[0] * REGISTER_SPREAD_MS // 255


def _ignore(_):
    pass
