"""Reads the web.

    async with fetch("http://example.org/feed.xml") as response:
        if response.status == 200:
            async for piece in response:
                ...

One shell over the protocol of `exchange`. What it awaits is the connection alone, so that
`helio.blocking.get` runs the same without asyncio.
"""

from helio import runtime_web
from helio.errors import BadResponse, NetworkError, NoAnswer, UsageError
from helio.http.exchange import Exchange
from helio.http.limits import CONNECT_TIMEOUT_S, FIRST_TIMEOUT_S, KEPT_MAX, PAUSE_TIMEOUT_S, TIMEOUT_S
from helio.runtime import clock
from helio.runtime_asking import is_refused

_BROKEN_OFF = (104, 32, 54, 103, 128, 10053, 10054)  # ECONNRESET, EPIPE, … of Linux, macOS, lwIP, Windows
_UNCONNECTED = "no connection to %s within %g s: is the address right, and the server up?"
_UNSECURED = "no secure connection to %s within %g s: is the address right, and does the server speak https?"
_SILENT = "%s took the request and did not answer within %g s: try it again later"
_PAUSED = "%s stopped within its answer, for %g s: try it again"


def fetch(url, **options):
    """A web page, or what else is at `url`, for `async with`; see `Fetch` for the options."""
    return Fetch(url, **options)


class Session:
    """Keeps connections open for the next request to the same server: `async with Session() as
    session: async with session.fetch(url) as response: …`."""

    def __init__(self):
        self._kept = {}  # by what they may be used for, a tuple

    def fetch(self, url, **options):
        """As the function `fetch`, over a connection of this session."""
        return Fetch(url, session=self, **options)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        self.close()

    def close(self):
        """Close what is open. The session can be used again."""
        for use in list(self._kept):
            self._kept.pop(use).close()

    def take(self, use):
        """The connection that is open for `use`, or None."""
        return self._kept.pop(use, None)

    def keep(self, use, connection):
        """Have `connection` open for the next request of that use."""
        if use in self._kept or len(self._kept) >= KEPT_MAX:
            self._kept.pop(use if use in self._kept else next(iter(self._kept))).close()
        self._kept[use] = connection


class Fetch(Exchange):
    """One document of the web: `async with` sends the request and follows up to five redirects, after
    that `status`, `headers`, `url`, `validator` and `unchanged` are there, and `async for` gives the
    body in pieces, bytes, as they come. At the end of the `with` the connection is closed or kept.

    `validator` is that of an earlier response; `headers` a dict of further fields; `max_bytes` the most
    that the body may have. Seconds: `connect_timeout_s` to find the server, shake hands and ask,
    `first_timeout_s` until the answer begins, `pause_timeout_s` between its pieces, `timeout_s` for all.
    `insecure=True` does not look at the certificate of the server: whoever sits between can read and
    change everything.

    Raises UsageError, UnknownTarget, NoAnswer, NetworkError, Untrusted, BadResponse, TooLarge.
    """

    def __init__(
        self,
        url,
        *,
        method="GET",
        headers=None,
        validator=None,
        max_bytes=None,
        connect_timeout_s=CONNECT_TIMEOUT_S,
        first_timeout_s=FIRST_TIMEOUT_S,
        pause_timeout_s=PAUSE_TIMEOUT_S,
        timeout_s=TIMEOUT_S,
        insecure=False,
        session=None,
        is_blocking=False,
    ):
        super().__init__(url, method, headers, validator, max_bytes, insecure)
        self._connect_timeout_s = connect_timeout_s
        self._first_timeout_s = first_timeout_s
        self._pause_timeout_s = pause_timeout_s
        self._timeout_s = timeout_s
        self._session = session
        self._is_blocking = is_blocking
        self._connection = None
        self._first = b""  # of the body, which came with the head
        self._has_answered = False

    async def __aenter__(self):
        self._clock = clock()
        self._start_ms = self._clock()
        try:
            await self._ask()
            while self._sent_on():
                await self._ask()
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, *_):
        self._end()

    def __aiter__(self):
        return self

    async def __anext__(self):
        piece = await self._piece()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def read(self):
        """All of the body that has not been read yet, bytes."""
        pieces = []
        while True:
            piece = await self._piece()
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)

    async def _piece(self):
        """The next of the body; b"" at its end."""
        piece = self._first
        self._first = b""
        try:
            while not piece and not self._is_over:
                piece = self._receive(b"") if self._more else await self._read(self._pause_timeout_s, _PAUSED)
        except BaseException:
            self._close()
            raise
        if not piece:
            self._end()
        return piece

    async def _ask(self):
        """Send the request and read the head of its response."""
        self._connection = self._session.take(self._use) if self._session else None
        if self._connection and await self._is_quiet():
            try:
                return await self._converse()
            except (NetworkError, BadResponse) as error:
                if self._has_answered or isinstance(error, NoAnswer):
                    raise
                self._close()  # it had been closed before we asked, which says nothing of the server
        sentence = _UNSECURED if self.url.scheme == "https" else _UNCONNECTED
        self._connection = await self._within(
            self._connect_timeout_s, sentence, runtime_web.connect, self.url, self._is_insecure, self._is_blocking
        )
        await self._converse()

    @property
    def _use(self):
        return self.url.origin + (self._is_insecure,)  # who looks at certificates takes no such connection

    async def _is_quiet(self):
        """Whether nothing has come on a kept connection, which would answer nothing (RFC 9112 section 9.2)."""
        try:
            await self._connection.read(1, 0)
        except runtime_web.TimedOut:
            return True
        except (OSError, NetworkError):
            pass
        self._close()
        return False

    async def _converse(self):
        self._has_answered = False
        request = self._request()
        await self._within(self._connect_timeout_s, _UNCONNECTED, self._connection.write, request)
        while self.headers is None:
            if self._has_answered:
                self._first = await self._read(self._pause_timeout_s, _PAUSED)
            else:
                self._first = await self._read(self._first_timeout_s, _SILENT)

    async def _read(self, limit_s, sentence):
        if not self._connection:
            raise UsageError("%s is closed: read it within its `with`" % self.url)
        data = await self._within(limit_s, sentence, self._connection.read, runtime_web.PIECE_MAX_BYTES)
        if not data:
            self._end_of_connection()
            return b""
        self._has_answered = True
        return self._receive(data)

    async def _within(self, limit_s, sentence, action, *arguments):
        """What `action` gives within `limit_s`; else the error that begins with `sentence`."""
        left_s = self._timeout_s - (self._clock() - self._start_ms) / 1000
        try:
            if left_s > 0:
                return await action(*arguments, min(limit_s, left_s))
        except runtime_web.TimedOut:
            pass
        except OSError as error:
            raise web_error(error, self.url) from None
        if left_s <= limit_s:
            raise NoAnswer("%s was not done within %g s" % (self.url.authority, self._timeout_s)) from None
        raise NoAnswer(sentence % (self.url.authority, limit_s)) from None

    def _end(self):
        parser = self._parser
        if self._connection and self._session and parser.is_done and parser.is_kept and not parser.rest:
            self._session.keep(self._use, self._connection)
            self._connection = None
        self._close()

    def _close(self):
        if self._connection:
            self._connection.close()
            self._connection = None


def web_error(error, url):
    """The error that says what an OSError means for whoever asks the server of a `Url`."""
    if is_refused(error):
        return NoAnswer("something is at %s, but no web server on port %d" % (url.host, url.port))
    if error.errno in _BROKEN_OFF:
        return NetworkError("%s broke the connection off: try it again" % url.authority)
    return NetworkError(
        "nothing reaches %s (%s): check the address and this machine's network" % (url.authority, error)
    )
