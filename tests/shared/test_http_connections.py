"""When `fetch` and `Session` close a connection and when they use it again: at sockets, and at stand-ins
where it is about what no socket of a test can do."""

import asyncio

from http_server import CLOSE, HOLD, HOST, Server, answer, one_by_one

from helio import runtime_web
from helio.errors import BadResponse, NoAnswer, UsageError
from helio.http.fetch import Session, fetch
from helio.runtime_web import GZIP

BODY = b"hello world"
PACKED = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9W(\xcf/\xcaI\x01\x00\x85\x11J\r\x0b\x00\x00\x00"
TURNS = 60  # of the event loop: more than it takes to connect, ask and read


async def read(client, url, **options):
    """The body of what is at `url`; `client` is the function `fetch`, or that of a session."""
    async with client(url, **options) as response:
        return await response.read()


async def raises(kind, awaitable):
    """The text of the error that is waited for."""
    try:
        await awaitable
    except kind as error:
        assert type(error) is kind, error
        return str(error)
    raise AssertionError("nothing was raised")


class Connections:
    """Stands in for all connections: each gives one of `answers`, lists of pieces, to each request."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.made = []  # `(host, insecure)` of each
        self.open = 0

    def __enter__(self):
        self._kept = runtime_web.connect
        runtime_web.connect = self._connect
        return self

    def __exit__(self, *error):
        runtime_web.connect = self._kept

    async def _connect(self, url, insecure, is_blocking, timeout_s):
        self.made.append((url.host, insecure))
        self.open += 1
        return StandIn(self)


class StandIn:
    def __init__(self, connections):
        self._connections = connections
        self._pieces = []

    async def write(self, data, timeout_s):
        self._pieces = list(self._connections.answers.pop(0))

    async def read(self, size, timeout_s):
        if not self._pieces:
            raise runtime_web.TimedOut("timed out")
        return self._pieces.pop(0)

    def close(self):
        self._connections.open -= 1


# --- leaving


async def test_a_body_is_read_within_its_with():
    async with Server([answer(BODY, length=20), HOLD], [answer(BODY, length=20), CLOSE]) as server:
        response = fetch(server.url)
        assert "read it within its `with`" in await raises(UsageError, response.read())  # before
        async with response:
            assert response.status == 200
        assert "read it within its `with`" in await raises(UsageError, response.read())  # behind it
        async with fetch(server.url) as response:
            await raises(BadResponse, response.read())
            await raises(UsageError, response.read())
        await server.closed()
    async with Server([answer(BODY)]) as server:
        async with fetch(server.url) as response:
            assert await response.read() == BODY
        assert await response.read() == b""  # it had come to its end


# --- a session


async def test_two_at_once_have_a_connection_each_and_one_is_kept():
    async with Server(*[[answer(BODY)]] * 3) as server:
        async with Session() as session:
            async with session.fetch(server.url) as first:
                async with session.fetch(server.url) as second:
                    assert await first.read() == await second.read() == BODY
            assert await read(session.fetch, server.url) == BODY
            assert server.connections == 2
        await server.closed()


async def test_it_is_asked_again_once_and_no_more():
    for steps, again in (([answer(BODY)], BODY), ([CLOSE], None)):
        async with Server([answer(BODY)], [CLOSE], steps) as server:  # closed just as the request comes
            async with Session() as session:
                assert await read(session.fetch, server.url) == BODY
                if again:
                    assert await read(session.fetch, server.url) == again
                else:
                    assert "without an answer" in await raises(BadResponse, read(session.fetch, server.url))
                assert (server.connections, len(server.requests)) == (2, 3)
            await server.closed()


async def test_what_has_begun_to_answer_is_not_asked_again():
    for steps, kind, options in (
        ([b"HTTP/1.1 200", CLOSE], BadResponse, {}),
        ([b"HTTP/1.1 200", HOLD], NoAnswer, {"pause_timeout_s": 0.05}),
        ([HOLD], NoAnswer, {"first_timeout_s": 0.05}),
    ):
        async with Server([answer(BODY)], steps, [answer(BODY)]) as server:
            async with Session() as session:
                assert await read(session.fetch, server.url) == BODY
                await raises(kind, read(session.fetch, server.url, **options))
                assert (server.connections, len(server.requests)) == (1, 2)
                await server.closed()
                assert await read(session.fetch, server.url) == BODY
            await server.closed()


async def test_what_comes_unasked_is_no_answer():
    unasked = answer(b"too slow", "Connection: close", status="408 Request Timeout")
    is_read = asyncio.Event()
    async with Server([answer(BODY), is_read, unasked, CLOSE], [answer(BODY)]) as server:
        async with Session() as session:
            assert await read(session.fetch, server.url) == BODY
            is_read.set()
            await server.closed()  # from its side
            assert await read(session.fetch, server.url) == BODY
            assert server.connections == 2
        await server.closed()


async def test_a_packed_page_leaves_its_connection_free():
    if not GZIP:
        return
    packed = answer(PACKED, "Content-Encoding: gzip")
    async with Server([packed], one_by_one(packed), [packed]) as server:
        async with Session() as session:
            for _ in range(3):
                assert await read(session.fetch, server.url) == BODY
            assert server.connections == 1
        await server.closed()


async def test_a_connection_to_whom_nobody_looked_at_is_for_such_requests_only():
    whole = [answer(BODY)]
    with Connections(whole, whole, whole, whole) as connections:
        async with Session() as session:
            for insecure in (True, True, False, False):
                assert await read(session.fetch, "https://a.example/", insecure=insecure) == BODY
            assert connections.made == [("a.example", True), ("a.example", False)]
        assert connections.open == 0


async def test_a_session_may_be_used_again():
    async with Server([answer(BODY)], [answer(BODY)]) as server:
        session = Session()
        for _ in range(2):
            async with session:
                assert await read(session.fetch, server.url) == BODY
            await server.closed()
        assert server.connections == 2


async def test_a_redirect_leaves_its_connection_to_the_next_request():
    sent_on = answer(b"there", "Location: /b", status="302 Found")
    half = answer(b"there", "Location: /b", status="302 Found", length=9)
    for first, count in (([sent_on], 1), ([half, HOLD], 2)):
        async with Server(first, [answer(BODY)]) as server:
            async with Session() as session:
                assert await read(session.fetch, server.url) == BODY
            await server.closed()
            assert server.connections == count
    async with Server([half, HOLD], [answer(BODY)]) as server:
        assert await read(fetch, server.url) == BODY
        await server.closed()


# --- the limit for all of it


async def test_what_comes_bit_by_bit_for_ever_ends():
    drops = [b"1\r\nx\r\n"] * 10**4
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with Server([head] + drops + [HOLD]) as server:
        text = await raises(NoAnswer, read(fetch, server.url, timeout_s=0.1))
        assert text == "%s was not done within 0.1 s" % server.authority
        await server.closed()
    sent_on = answer(b"", "Location: /again", status="302 Found")
    async with Server([sent_on], [sent_on], [HOLD]) as server:  # a redirect gives no time of its own
        assert "within 0.1 s" in await raises(NoAnswer, read(fetch, server.url, timeout_s=0.1))
        await server.closed()


async def test_no_time_is_no_request():
    with Connections() as connections:
        for timeout_s in (0, -1):
            text = await raises(NoAnswer, read(fetch, "http://%s/" % HOST, timeout_s=timeout_s))
            assert "was not done within %d s" % timeout_s in text
        assert not connections.made
