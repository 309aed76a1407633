"""What `runtime_web` does another way on CPython. asyncio is imported where it is used."""

import errno
import socket
import ssl
import threading
import time
import zlib
from collections import deque

from helio.errors import BadResponse, Untrusted
from helio.http.limits import GUNZIPPED_MAX_BYTES

GZIP = "gzip"
PIECE_MAX_BYTES = 262144  # as much as asyncio reads at once
TimedOut = TimeoutError

_WRONG_CERTIFICATE = {  # X509_V_ERR_… of OpenSSL
    9: "the certificate of %s is not valid yet, or this clock is wrong",
    10: "the certificate of %s has expired, or this clock is wrong",
    62: "the certificate that %s shows is for another name",
    64: "the certificate that %s shows is for another address",
}
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
_contexts = {}


class Gunzip:
    """A gzip stream (RFC 1952), unpacked a bounded piece at a time."""

    def __init__(self):
        self._member = None  # a page without a byte is one, too
        self._packed = b""

    @property
    def has_more(self):
        """Whether `feed(b"")` may give more."""
        return bool(self._packed)

    def feed(self, data):
        """The next of what it holds. Raises BadResponse."""
        data = self._packed + data
        if not data:
            return b""
        if self._member is None or self._member.eof:
            self._member = zlib.decompressobj(31)
        try:
            found = self._member.decompress(data, GUNZIPPED_MAX_BYTES)
        except zlib.error as error:
            raise BadResponse("the document is packed as gzip, but not rightly (%s)" % error) from None
        self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return found

    def close(self):
        """No more comes. Raises BadResponse when that is too early."""
        if self._member and not self._member.eof:
            raise BadResponse("the packed document ends too early")


class Connection:
    """A connection under asyncio, whose protocol it is: streams would need a task for each read."""

    def __init__(self):
        self._transport = None
        self._pieces = deque()
        self._is_paused = False  # while a piece waits to be read
        self._is_full = False  # what is to be sent has not left yet
        self._has_ended = False
        self._error = None
        self._waiter = None

    async def read(self, size, timeout_s):
        if not self._pieces and not self._has_ended:
            await self._wait(lambda: self._pieces or self._has_ended, timeout_s)
        if not self._pieces:
            if self._error:
                raise self._error
            return b""
        piece = self._pieces.popleft()
        if len(piece) > size:
            self._pieces.appendleft(piece[size:])
            piece = piece[:size]
        if self._is_paused and not self._pieces:
            self._is_paused = False
            self._transport.resume_reading()
        return piece

    async def write(self, data, timeout_s):
        self._transport.write(data)
        if self._is_full:
            await self._wait(lambda: not self._is_full or self._has_ended, timeout_s)
        if self._error:
            raise self._error

    async def _wait(self, is_met, timeout_s):
        import asyncio

        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        timer = loop.call_later(timeout_s, self._wake)
        try:
            await self._waiter
        finally:
            timer.cancel()
            self._waiter = None
        if not is_met():
            raise TimedOut("timed out")

    def _wake(self):
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self):
        self._transport.abort()  # `close` would wait for what nobody reads

    # --- what the transport calls

    def connection_made(self, transport):
        self._transport = transport

    def data_received(self, data):
        self._pieces.append(data)
        if not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self):
        self._has_ended = True
        self._wake()

    def pause_writing(self):
        self._is_full = True

    def resume_writing(self):
        self._is_full = False
        self._wake()

    def connection_lost(self, error):
        self._has_ended = True
        self._error = error
        self._wake()


class BlockingConnection:
    """A connection that nothing else runs beside."""

    def __init__(self, sock):
        self._socket = sock

    async def read(self, size, timeout_s):
        self._socket.settimeout(timeout_s)
        return self._socket.recv(size)

    async def write(self, data, timeout_s):
        self._socket.settimeout(timeout_s)
        self._socket.sendall(data)

    def close(self):
        self._socket.close()


async def _within(timeout_s, coroutine, discard=lambda result: None):
    """What the coroutine gives within the time. What it gives after that, `discard` is called with.

    Not `asyncio.wait_for`: before Python 3.12 that forgets that it was cancelled when both come at once.
    """
    import asyncio

    task = asyncio.ensure_future(coroutine)
    try:
        await asyncio.wait((task,), timeout=timeout_s)
        if task.done():
            return task.result()
        raise TimedOut("timed out")
    except BaseException:
        task.cancel()
        task.add_done_callback(lambda _: task.cancelled() or task.exception() or discard(task.result()))
        raise


async def connect(url, insecure, is_blocking, timeout_s):
    """A connection to the server of a `Url`. Raises UnknownTarget, Untrusted, OSError."""
    context = _tls_context(insecure) if url.scheme == "https" else None
    try:
        if is_blocking:
            return _connect_blocking(url, context, timeout_s)
        import asyncio

        opening = asyncio.get_running_loop().create_connection(
            Connection,
            url.host,
            url.port,
            ssl=context,
            server_hostname=url.host if context else None,
            happy_eyeballs_delay=0.25,
        )
        _, connection = await _within(timeout_s, opening, lambda opened: opened[0].abort())
        return connection
    except (OSError, UnicodeError) as error:
        raise connection_error(error, url) from None


def connection_error(error, url):
    """What an error of connecting to the server of a `Url` means: another error, or the same one."""
    from helio.runtime_web import no_tls, unknown_host

    if isinstance(error, (socket.gaierror, UnicodeError)):  # the latter for a name that none can have, like "a..b"
        return unknown_host(url)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(_meaning(error) % url.authority)
    if isinstance(error, ssl.SSLError):
        if error.reason in _NO_TLS:
            return no_tls(url.authority)
        return Untrusted("no TLS with %s: %s" % (url.authority, error.reason or error))
    if error.errno is None and "Errno %d]" % errno.ECONNREFUSED in str(error):  # of several addresses
        return ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    return error


def _connect_blocking(url, context, timeout_s):
    deadline_s = time.monotonic() + timeout_s
    sock = _first_connection(_addresses(url, timeout_s), deadline_s)
    if context is None:
        return BlockingConnection(sock)
    try:
        sock.settimeout(_left_s(deadline_s))
        return BlockingConnection(context.wrap_socket(sock, server_hostname=url.host))
    except BaseException:
        sock.close()
        raise


def _left_s(deadline_s):
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimedOut("timed out")
    return left_s


def _addresses(url, timeout_s):
    """What `getaddrinfo` finds within the time; it takes its own."""
    found = []

    def ask():
        try:
            found.append(socket.getaddrinfo(url.host, url.port, 0, socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            found.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not found:
        raise TimedOut("timed out")
    if isinstance(found[0], Exception):
        raise found[0]
    return found[0]


def _first_connection(addresses, deadline_s):
    """A socket that is connected to the first of the addresses that takes it; they share what time is left."""
    failed = None
    for i, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)
            sock.settimeout(_left_s(deadline_s) / (len(addresses) - i))
            sock.connect(address)
            return sock
        except OSError as error:
            failed = error
            if sock:
                sock.close()
    raise failed


def _tls_context(insecure):
    if insecure not in _contexts:
        context = ssl.create_default_context()  # with the system's authorities
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        _contexts[insecure] = context
    return _contexts[insecure]


def _meaning(error):
    return _WRONG_CERTIFICATE.get(
        error.verify_code, "nobody that this machine trusts vouches for %s (" + error.verify_message + ")"
    )
