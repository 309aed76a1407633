"""Confirmed messages over one connected socket, without asyncio: what `blocking` stands on.

The socket hears nobody but the peer, and is told when nothing listens there.
"""

from helio import runtime, runtime_asking
from helio.coap import limits
from helio.coap.codec import OBSERVE
from helio.coap.exchange import Messages
from helio.coap.follow import Follow
from helio.coap.request import Client
from helio.errors import HelioError, NoAnswer
from helio.limits import ALARM_MAX_MS, ANSWER_TIMEOUT_S, BURST_MAX, PORT
from helio.lookup import read_hello
from helio.plain import RECEIVE_BYTES

_RECEIVE_BYTES = limits.COAP_DATAGRAM_MAX_BYTES + 1  # to know that it was too long


class Connection:
    """A socket to a peer's address and port, for `close()` or a `with`. Raises NetworkError."""

    def __init__(self, address, port):
        self.address = address
        self.port = port
        self._endpoint = address, port
        self._now_ms = runtime.clock()
        self._sock = runtime_asking.connect_udp(None, address, port)
        self._error = None  # that what is under way is to end with, and the last such
        self._last_error = None
        self._has_sent = False
        memory = limits.BOARD if runtime.MICROPYTHON else limits.DESKTOP
        self._messages = Messages(self._transmit, {"rejected": 0, "forgotten": 0}, lambda _: True, memory)
        self._client = Client(self._messages)

    def close(self):
        """Close the socket."""
        self._sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def request(self, code, options, payload, timeout_s):
        """The Response to a request, whatever its code. Raises as `blocking.request` does."""
        timeout_ms = int(timeout_s * 1000)

        def start(now_ms, done, failed):
            return self._client.request(
                self._endpoint, code, options, payload, now_ms, done, failed, timeout_ms=timeout_ms
            )

        return self._outcome(start)

    def ping(self, timeout_s):
        """How many milliseconds the peer took to answer CoAP's ping. Raises NoAnswer."""
        started_us = runtime_asking.ticks_us()
        timeout_ms = int(timeout_s * 1000)
        self._outcome(lambda *rest: self._client.ping(self._endpoint, *rest, timeout_ms))
        return runtime.ticks_diff(runtime_asking.ticks_us(), started_us) / 1000

    def observe(self, options, until=None):
        """Each newer state of a resource, as a Response; ends after one that cannot be observed, or
        when there is something to read from `until`, a socket or a pipe.

        Of several that came meanwhile only the newest is given. It goes on when the peer
        restarts. Raises NoAnswer or Refused when the first registration comes to nothing.
        """
        came = []
        errors = []

        def receive(response):
            came[:] = [response]

        hellos = _hear_hellos()
        follow = Follow(
            self._client, self._endpoint, options, self._now_ms, receive, errors.append, ANSWER_TIMEOUT_S * 1000
        )
        last = False
        try:
            while not last:
                while not came:
                    if errors:
                        raise self._telling(errors[0])
                    ready = self._wait(hellos + [until] if until else hellos)
                    if until in ready:
                        return
                    for sock in hellos:
                        if sock in ready and self._says_hello(sock):
                            follow.restart(self._endpoint)
                response = came.pop()
                last = response.option(OBSERVE) is None
                yield response
        finally:
            follow.cancel()  # one datagram
            for sock in hellos:
                sock.close()

    def _says_hello(self, sock):
        try:
            hello = read_hello(sock.recv(RECEIVE_BYTES))
        except OSError:
            return False
        return hello and hello[1] == self.address

    def _outcome(self, start):
        """What the exchange that `start(now_ms, on_response, on_failure)` begins comes to."""
        responses = []
        errors = []
        exchange = start(self._now_ms(), responses.append, errors.append)
        try:
            while not responses and not errors:
                self._wait()
        finally:
            exchange.cancel(self._now_ms())
        if errors:
            raise self._telling(errors[0])
        return responses[0]

    def _telling(self, error):
        """The error, saying whose silence it is."""
        if isinstance(error, NoAnswer) and error is not self._last_error:
            return NoAnswer("%s port %d: %s" % (self._endpoint + (error,)))
        return error

    def _wait(self, others=()):
        """Wait for a datagram or until something is due, and deal with it; returns those of
        `others` that have something to read."""
        messages = self._messages
        ready = ()
        if self._error is None:
            wait_ms = ALARM_MAX_MS
            if messages.next_ms is not None:
                wait_ms = min(wait_ms, messages.next_ms - self._now_ms())
            ready = runtime_asking.wait_readable([self._sock] + list(others), wait_ms)
            if self._sock in ready:
                self._drain()
        now_ms = self._now_ms()
        if self._error is not None:
            self._last_error, self._error = self._error, None
            messages.unreachable(self._endpoint, self._last_error, now_ms)
        messages.tick(now_ms)
        return ready

    def _drain(self):
        for _ in range(BURST_MAX):
            try:
                data = self._sock.recv(_RECEIVE_BYTES)
            except OSError as error:
                if runtime_asking.is_refused(error):
                    self._error = runtime_asking.network_error(error, *self._endpoint)
                return
            self._messages.receive(data, self._endpoint, False, self._now_ms())

    def _transmit(self, data, endpoint):
        try:
            self._sock.send(data)
            self._has_sent = True
        except OSError as error:
            # a network that was there may come back: retransmission is for that
            if runtime_asking.is_refused(error) or not self._has_sent:
                self._error = runtime_asking.network_error(error, *self._endpoint)


def _hear_hellos():
    """Sockets that hear what nodes say when they start, where nobody keeps that port for himself."""
    socks = []
    for group in {runtime.group_address(own) for own in runtime.interfaces()}:
        try:
            socks.append(runtime.open_udp(group, PORT, group=True))
        except HelioError:
            pass
    return socks
