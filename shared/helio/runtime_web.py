"""The part of `runtime` for the web client: connections, TLS and gzip.

A connection has `read(size, timeout_s)`, which gives b"" at its end, `write(data, timeout_s)` and `close()`.
The first two are to be awaited. Those of a blocking connection never let anything else run; what awaits
nothing else can then be run without asyncio. They raise OSError; `TimedOut` is one.
"""

import select
import socket
import time

from helio import runtime
from helio.errors import UnknownTarget, Untrusted

GZIP = None  # `deflate` reads from a stream that blocks, and under asyncio none does
Gunzip = None
PIECE_MAX_BYTES = 1024  # read at once: a larger one finds no room
TRUST = "trust/%s.der"  # the authority that the certificate of a host is to end in

_YEAR_MIN = 2024  # before it, a clock has not been set
_EINPROGRESS = (115, 119)  # the latter on an ESP32
_INVALID_RECORD = -0x7200  # MBEDTLS_ERR_SSL_INVALID_RECORD
_WRONG_CERTIFICATE = (  # what mbedTLS says, and what it means
    ("expired", "the certificate of %s has expired"),
    ("future", "the certificate of %s is not valid yet"),
    ("expected CN", "the certificate that %s shows is for another name"),
    ("trusted CA", "the certificate of %s does not end in its authority here: `helio trust` finds the new one"),
)


class TimedOut(OSError):
    """What was waited for did not come within the time."""


class Connection:
    """A TCP connection whose socket does not block; `stream` is it, or TLS over it."""

    def __init__(self, sock, stream, wait, host):
        self._socket = sock
        self._stream = stream
        self._wait = wait
        self._host = host

    async def read(self, size, timeout_s):
        while True:
            data = self._try(self._stream.read, size)
            if data is not None:
                return data
            await self._wait(self._stream, select.POLLIN, timeout_s)

    async def write(self, data, timeout_s):
        data = memoryview(data)
        while data:
            sent = self._try(self._stream.write, data)
            if sent:
                data = data[sent:]
            else:
                await self._wait(self._stream, select.POLLOUT, timeout_s)

    def _try(self, function, argument):
        try:
            return function(argument)
        except ValueError as error:  # the handshake comes with the first write
            raise _untrusted(str(error), self._host)
        except OSError as error:
            if error.errno == _INVALID_RECORD:
                raise no_tls(self._host)
            if error.errno < -255:  # of mbedTLS
                raise Untrusted("no TLS with %s: %s" % (self._host, error))
            raise

    def close(self):
        self._stream.close()
        self._socket.close()  # TLS that failed forgets it


def _untrusted(text, host):
    for part, meaning in _WRONG_CERTIFICATE:
        if part in text:
            return Untrusted(meaning % host)
    return Untrusted("the certificate of %s is not to be trusted: %s" % (host, text.strip()))


async def connect(url, insecure, is_blocking, timeout_s):
    """A connection to the server of a `Url`. Raises UnknownTarget, Untrusted, OSError."""
    context = None
    if url.scheme == "https":
        context = _tls_context(url, insecure)
        if not insecure:
            await know_time(url.host, is_blocking)
    try:
        found = socket.getaddrinfo(url.host, url.port, 0, socket.SOCK_STREAM)[0]
    except OSError:
        raise unknown_host(url)
    sock = socket.socket(found[0], found[1], found[2])
    wait = _wait_blocking if is_blocking else _wait
    try:
        sock.setblocking(False)
        try:
            sock.connect(found[-1])
        except OSError as error:
            if error.errno not in _EINPROGRESS:
                raise
        await wait(sock, select.POLLOUT, timeout_s)
        stream = sock
        if context:
            stream = context.wrap_socket(sock, server_hostname=url.host, do_handshake_on_connect=False)
            stream.setblocking(False)
        return Connection(sock, stream, wait, url.authority)
    except BaseException:
        sock.close()
        raise


def no_tls(host):
    """The error that a server speaks something else."""
    return Untrusted("%s does not speak TLS: is it to be http:// and not https://?" % host)


def unknown_host(url):
    """The error that there is no such host."""
    return UnknownTarget("no host is called %s: check the name, and that this network leads to the web" % url.host)


def _tls_context(url, insecure):
    import tls

    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    if insecure:
        context.verify_mode = tls.CERT_NONE
        return context
    try:
        with open(TRUST % url.host, "rb") as file:
            context.load_verify_locations(file.read())
    except OSError:
        raise Untrusted(
            "this board knows no authority for %s: `helio trust https://%s --to PORT` puts it there"
            % (url.host, url.authority)
        )
    return context


async def know_time(host, is_blocking):
    """Have the clock set, without which nobody can tell whether the certificate of `host` has expired.

    Raises Untrusted."""
    if runtime.find_time and time.gmtime()[0] < _YEAR_MIN:
        await runtime.find_time(is_blocking)
    if time.gmtime()[0] < _YEAR_MIN:
        raise Untrusted(
            "this board does not know the time, and so not whether the certificate of %s is still good: "
            "run `helio serve` nearby, or let it reach pool.ntp.org" % host
        )


async def _wait(stream, event, timeout_s):
    import asyncio

    if timeout_s <= 0:
        raise TimedOut(110)  # `wait_for` would cancel a task that has not begun
    queue = asyncio.core._io_queue

    def waiting():
        yield queue.queue_read(stream) if event == select.POLLIN else queue.queue_write(stream)

    try:
        await asyncio.wait_for(waiting(), timeout_s)
    except asyncio.TimeoutError:
        raise TimedOut(110)


async def _wait_blocking(stream, event, timeout_s):
    poller = select.poll()
    poller.register(stream, event)
    if not poller.poll(int(timeout_s * 1000)):
        raise TimedOut(110)


if not runtime.MICROPYTHON:
    from helio.runtime_web_cpython import *  # noqa: F403
