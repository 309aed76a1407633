"""The part of `runtime` for who asks others: sockets for a question, waiting for what comes back,
names of hosts. Apart from it, for a board that only answers needs none of this.
"""

import select  # not where it is used: MicroPython searches the disk for it at every `import`
import socket

from helio import runtime
from helio.errors import NetworkError, NoAnswer

_ECONNREFUSED = (111, 61, 10061, 10054)


def connect_udp(address, host, port):
    """A socket that sends to and hears from `(host, port)` only, for the caller to close.

    It leaves from `address`, or where the system sees fit when that is None.
    """
    sock = runtime.open_udp(address, 0)
    try:
        sock.connect(runtime.socket_address(host, port))
    except OSError as error:
        sock.close()
        raise network_error(error, host, port)
    return sock


def network_error(error, host, port):
    """The error that says what an OSError means for whoever sends to `(host, port)`."""
    if is_refused(error):
        return NoAnswer("something is at %s, but no helio on port %d" % (host, port))
    return NetworkError("nothing leaves for %s (%s): check the address and this machine's network" % (host, error))


def is_refused(error):
    """Whether an OSError says that nothing listens where something was sent to."""
    return error.errno in _ECONNREFUSED


def open_broadcast(interfaces):
    """`[(socket, interface), …]` to broadcast from and hear the answers, for `close`."""
    return [(runtime.open_udp(own[0], 0), own) for own in interfaces]


def drain(links, receive):
    """Give `receive` every datagram that has come to `links`."""
    for sock, _ in links:
        try:
            while True:
                receive(sock.recvfrom(runtime.DATAGRAM_MAX_BYTES)[0])
        except OSError:
            pass


def close(links):
    """Close what `open_broadcast` opened."""
    for sock, _ in links:
        sock.close()


async def readable(sock, timeout_ms):
    """Whether `sock` has something to read within `timeout_ms`."""
    import asyncio

    def reading():
        yield asyncio.core._io_queue.queue_read(sock)

    try:
        await asyncio.wait_for_ms(reading(), max(0, timeout_ms))
        return True
    except asyncio.TimeoutError:
        return False


def wait_readable(socks, timeout_ms):
    """Those of `socks` that have something to read, waiting `timeout_ms` for it; no asyncio."""
    poller = select.poll()
    for sock in socks:
        poller.register(sock, select.POLLIN)
    return [event[0] for event in poller.ipoll(max(0, timeout_ms))]


def find_host(host, timeout_ms):
    """The address of a host's name, or None. A board may need 5 s for it, whatever is asked."""
    try:
        return runtime.endpoint(socket.getaddrinfo(host, 1)[0][-1])[0]
    except OSError:
        return None


async def lookup_host(host, timeout_ms):
    """As `find_host`; on a board all else stands still meanwhile."""
    return find_host(host, timeout_ms)


def source_address(host):
    """Which own address a datagram to `host` leaves from, or None: a board cannot tell."""
    return None


class Waiter:
    """What one task waits for: a value, or an error."""

    is_over = False
    _error = None

    def __init__(self):
        import asyncio

        self._event = asyncio.Event()

    def done(self, value):
        """This is the value."""
        self._value = value
        self.is_over = True
        self._event.set()

    def failed(self, error):
        """This is the error."""
        self._error = error
        self.is_over = True
        self._event.set()

    async def wait(self):
        """Returns the value, or raises the error."""
        await self._event.wait()
        if self._error:
            raise self._error
        return self._value


if runtime.MICROPYTHON:
    from time import ticks_us  # noqa: F401
else:
    from helio.runtime_cpython import (  # noqa: F401
        Waiter,
        find_host,
        lookup_host,
        readable,
        source_address,
        ticks_us,
        wait_readable,
    )
