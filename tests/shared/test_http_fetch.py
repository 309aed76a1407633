"""`fetch` and `Session` at sockets whose other end does as a test wants."""

import asyncio

from http_server import CLOSE, HOLD, HOST, WAIT_S, Server, answer, one_by_one
from peer import free_port

from helio.errors import BadResponse, NetworkError, NoAnswer, TooLarge, UnknownTarget, UsageError
from helio.http.exchange import Exchange
from helio.http.fetch import Session, fetch
from helio.http.limits import KEPT_MAX

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nMore: 1\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\nhello world"
BODY = b"hello world"


async def read(url, **options):
    """`(status, body)` of what is at `url`."""
    async with fetch(url, **options) as response:
        body = b""
        async for piece in response:
            assert piece
            body += piece
        return response.status, body


async def fails(kind, url, **options):
    """The text of the error that reading `url` ends in."""
    try:
        await read(url, **options)
    except kind as error:
        assert type(error) is kind, error
        assert "\n" not in str(error)
        return str(error)
    raise AssertionError("%s raises nothing" % url)


def fields(request):
    """The fields of a request, a dict with names in small letters."""
    found = {}
    for line in request.decode().split("\r\n")[1:-2]:
        name, _, value = line.partition(": ")
        found[name.lower()] = value
    return found


# --- bodies


async def test_the_body_is_the_same_however_its_end_is_told():
    for steps in ([answer(BODY)], [CHUNKED], [UNTIL_CLOSE, CLOSE]):
        for sent in (steps, one_by_one(steps[0]) + steps[1:]):
            async with Server(sent) as server:
                assert await read(server.url) == (200, BODY)
                await server.closed()
                assert server.connections == 1


async def test_a_page_without_a_body():
    for status in ("204 No Content", "304 Not Modified"):
        async with Server([b"HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\n" % status.encode(), HOLD]) as server:
            assert await read(server.url) == (int(status[:3]), b"")
            await server.closed()
    async with Server([answer(b"", length=0), HOLD]) as server:
        assert await read(server.url) == (200, b"")


async def test_what_is_sent():
    async with Server([answer(BODY)], [answer(length=11), HOLD]) as server:
        await read(server.url + "/a b?c=d#e", headers={"X-One": "1", "accept": "text/xml"})
        assert (await read(server.url, method="HEAD")) == (200, b"")
        first, second = server.requests
        assert first.startswith(b"GET /a%20b?c=d HTTP/1.1\r\n")
        sent = fields(first)
        assert (sent["host"], sent["x-one"], sent["accept"]) == (server.authority, "1", "text/xml")
        assert first.lower().count(b"accept:") == 1
        assert second.startswith(b"HEAD / HTTP/1.1\r\n")


async def test_what_is_known_before_the_body_is_read():
    async with Server([answer(BODY, "Content-Type: text/plain", "X: 1", "x: 2", status="404 Gone Fishing")]) as server:
        async with fetch(server.url + "/x") as response:
            assert (response.status, response.reason) == (404, "Gone Fishing")
            assert response.headers["CONTENT-TYPE"] == "text/plain" and response.headers["X"] == "1, 2"
            assert str(response.url) == server.url + "/x"
            assert await response.read() == BODY and await response.read() == b""
        await server.closed()


async def test_other_methods_and_lines_in_fields_are_refused():
    url = "http://%s:1/" % HOST
    assert "not with POST" in await fails(UsageError, url, method="POST")
    async with Server() as server:
        for headers in ({"X": "1\r\nY: 2"}, {"X\n": "1"}):
            assert "one line" in await fails(UsageError, server.url, headers=headers)
        assert not server.requests
        await server.closed()


# --- what ends too early, or never


async def test_a_body_that_ends_too_early_is_told():
    for steps, said in (
        ([answer(BODY, length=20), CLOSE], "after 11 of 20 bytes"),
        ([CHUNKED[:-20], CLOSE], "the body is not complete"),
        ([b"HTTP/1.1 200", CLOSE], "within the head"),
        ([CLOSE], "without an answer"),
    ):
        async with Server(steps) as server:
            assert said in await fails(BadResponse, server.url)
            await server.closed()


async def test_what_is_no_response_is_told():
    for data in (b"220 smtp ready\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"):
        async with Server([data, HOLD]) as server:
            await fails(BadResponse, server.url)
            await server.closed()


async def test_each_time_limit_has_its_sentence():
    half = answer(BODY, length=20)
    for steps, options, said in (
        ([HOLD], {"first_timeout_s": 0.05}, "took the request and did not answer within 0.05 s"),
        ([b"HTTP/1.1 200", HOLD], {"pause_timeout_s": 0.05}, "stopped within its answer, for 0.05 s"),
        ([half, HOLD], {"pause_timeout_s": 0.05}, "stopped within its answer, for 0.05 s"),
        ([HOLD], {"timeout_s": 0.05}, "was not done within 0.05 s"),
        ([half, HOLD], {"timeout_s": 0.1}, "was not done within 0.1 s"),
    ):
        async with Server(steps) as server:
            text = await fails(NoAnswer, server.url, **options)
            assert text.startswith(server.authority) and said in text, text
            await server.closed()


async def test_a_server_that_takes_no_connection_is_told():
    from helio import runtime_web

    class Never:
        async def read(self, size, timeout_s):
            raise runtime_web.TimedOut("timed out")

        async def write(self, data, timeout_s):
            raise runtime_web.TimedOut("timed out")

        def close(self):
            self.is_closed = True

    connect = runtime_web.connect
    never = Never()

    async def slow(*_):
        raise runtime_web.TimedOut("timed out")

    async def opened(*_):
        return never

    try:
        for runtime_web.connect in (slow, opened):
            text = await fails(NoAnswer, "http://%s:1/" % HOST, connect_timeout_s=3)
            assert text.startswith("no connection to %s:1 within 3 s" % HOST)
    finally:
        runtime_web.connect = connect
    assert never.is_closed


async def test_nobody_there_and_no_such_host_are_told():
    port = free_port()
    assert await fails(NoAnswer, "http://%s:%d/" % (HOST, port)) == (
        "something is at %s, but no web server on port %d" % (HOST, port)
    )
    # too long for any name: no machine asks the network for it
    name = ("a" * 70 + ".") * 2 + "invalid"
    assert ("no host is called " + name) in await fails(UnknownTarget, "http://%s/" % name)


async def test_a_connection_that_is_broken_off_is_told():
    from helio import runtime_web

    class Broken:
        async def write(self, data, timeout_s):
            pass

        async def read(self, size, timeout_s):
            raise OSError(104, "ECONNRESET")

        def close(self):
            pass

    async def connect(*_):
        return Broken()

    kept, runtime_web.connect = runtime_web.connect, connect
    try:
        assert "broke the connection off" in await fails(NetworkError, "http://%s/" % HOST)
    finally:
        runtime_web.connect = kept


async def test_no_more_is_read_than_was_wanted():
    for steps in ([answer(BODY), HOLD], [CHUNKED, HOLD], [UNTIL_CLOSE, HOLD]):
        async with Server(steps, steps) as server:
            assert "more than the 10 bytes" in await fails(TooLarge, server.url, max_bytes=10)
            await server.closed()
            if steps[0] != UNTIL_CLOSE:
                assert await read(server.url, max_bytes=11) == (200, BODY)


# --- the version of a document


async def test_a_validator_is_sent_again():
    new = answer(BODY, 'ETag: "one"', "Last-Modified: Wed, 25 Nov 2026 09:15:00 GMT")
    old = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    async with Server([new], [old], [answer(BODY)]) as server:
        async with fetch(server.url) as response:
            assert not response.unchanged
            validator = response.validator
        assert validator == ('"one"', "Wed, 25 Nov 2026 09:15:00 GMT")
        async with fetch(server.url, validator=validator) as response:
            assert response.unchanged and response.status == 304
            assert response.validator == validator and await response.read() == b""
        async with fetch(server.url) as response:
            assert response.validator is None
        first, second, _ = map(fields, server.requests)
        assert "if-none-match" not in first and "if-modified-since" not in first
        assert (second["if-none-match"], second["if-modified-since"]) == validator


# --- redirects


def sent_on(location, status="302 Found"):
    return answer(b"over there", "Location: " + location, status=status)


async def test_redirects_are_followed():
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
        async with Server([sent_on("../b?c=1", status)], [answer(BODY)]) as server:
            async with fetch(server.url + "/a/x/y") as response:
                assert str(response.url) == server.url + "/a/b?c=1"
                assert await response.read() == BODY
            assert server.requests[1].startswith(b"GET /a/b?c=1 ")
            await server.closed()
    for status in ("300 Choices", "304 Not Modified"):  # these send nobody on
        async with Server([sent_on("/b", status)]) as server:
            assert (await read(server.url))[0] == int(status[:3])
    async with Server([answer(BODY, status="302 Found")]) as server:  # nor does one that does not say where
        assert await read(server.url) == (302, BODY)


async def test_five_redirects_and_no_more():
    async with Server(*[[sent_on("/%d" % i)] for i in range(5)], [answer(BODY)]) as server:
        assert await read(server.url) == (200, BODY)
        assert len(server.requests) == 6
    async with Server(*[[sent_on("/again")] for i in range(6)]) as server:
        assert "more than 5 times" in await fails(BadResponse, server.url)
        assert len(server.requests) == 6
        await server.closed()


async def test_a_redirect_to_nowhere_is_told():
    for location in ("ftp://%s/" % HOST, "http://"):
        async with Server([sent_on(location)]) as server:
            assert "sends us on, but" in await fails(BadResponse, server.url)
            await server.closed()


async def test_secrets_stay_with_their_server():
    secrets = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Other": "1"}
    async with Server([answer(BODY)], [answer(BODY)]) as other:
        async with Server([sent_on("/same")], [sent_on(other.url + "/there")]) as server:
            assert await read(server.url, headers=secrets) == (200, BODY)
            for request in map(fields, server.requests):
                assert request["authorization"] == "Bearer x" and request["cookie"] == "a=b"
        last = fields(other.requests[0])
        assert "authorization" not in last and "cookie" not in last and last["x-other"] == "1"
        async with Server([sent_on("/same")], [sent_on(other.url)]) as server:
            assert await read(server.url.replace("//", "//user:p%40ss@")) == (200, BODY)
            assert [fields(request)["authorization"] for request in server.requests] == ["Basic dXNlcjpwQHNz"] * 2
        assert "authorization" not in fields(other.requests[1])


def test_no_redirect_leads_from_https_to_http():
    exchange = Exchange("https://secure.example/")
    exchange._request()
    exchange._receive(sent_on("http://secure.example/"))
    exchange._end = lambda: None
    try:
        exchange._sent_on()
        assert False
    except BadResponse as error:
        assert "which is not secure" in str(error)


# --- connections


async def test_whoever_has_read_enough_leaves():
    async with Server([answer(b"x" * 100, length=10**6), HOLD]) as server:
        async with fetch(server.url) as response:
            async for piece in response:
                assert piece
                break
        await server.closed()
    async with Server([answer(BODY, length=20), HOLD]) as server:
        try:
            async with fetch(server.url):
                raise ValueError("the program's own")
        except ValueError:
            pass
        await server.closed()


async def test_a_task_that_is_cancelled_closes_its_connection():
    for steps in ([HOLD], [b"HTTP/1.1 200", HOLD], [answer(BODY, length=20), HOLD]):
        async with Server(steps) as server:
            task = asyncio.create_task(read(server.url))
            await server.asked()
            task.cancel()
            try:
                await task
                assert False
            except asyncio.CancelledError:
                pass
            await server.closed()


async def test_a_session_keeps_its_connection():
    async with Server([answer(BODY)], [CHUNKED], [answer(length=5)], [sent_on("/x")], [answer(BODY)]) as server:
        async with Session() as session:
            for options, body in (({}, BODY), ({}, BODY), ({"method": "HEAD"}, b""), ({}, BODY)):
                async with session.fetch(server.url, **options) as response:
                    assert await response.read() == body
        await server.closed()
        assert (server.connections, len(server.requests)) == (1, 5)


async def test_a_session_keeps_no_connection_that_is_not_free():
    for steps in (
        [answer(BODY, "Connection: close"), HOLD],
        [UNTIL_CLOSE, CLOSE],
        [answer(BODY) + b"and more", HOLD],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 11\r\n\r\n" + BODY, HOLD],
    ):
        async with Server(steps, [answer(BODY)]) as server:
            async with Session() as session:
                for _ in range(2):
                    async with session.fetch(server.url) as response:
                        assert await response.read() == BODY
            await server.closed()
            assert server.connections == 2, steps
    async with Server([answer(BODY, length=20), HOLD], [answer(BODY)]) as server:
        async with Session() as session:
            async with session.fetch(server.url) as response:
                assert response.status == 200  # its body is not read to the end
            async with session.fetch(server.url) as response:
                assert await response.read() == BODY
        assert server.connections == 2


async def test_a_kept_connection_that_was_closed_meanwhile_is_not_an_error():
    async with Server([answer(BODY), CLOSE], [answer(BODY)]) as server:
        async with Session() as session:
            for _ in range(2):
                async with session.fetch(server.url) as response:
                    assert await response.read() == BODY
                await server.closed() if server.connections == 1 else None
        await server.closed()
        assert server.connections == 2


async def test_a_kept_connection_that_answers_wrongly_is_an_error():
    async with Server([answer(BODY)], [b"nonsense\r\n", HOLD]) as server:
        async with Session() as session:
            async with session.fetch(server.url) as response:
                await response.read()
            try:
                async with session.fetch(server.url):
                    assert False
            except BadResponse:
                pass
        await server.closed()
        assert server.connections == 1


async def test_a_session_keeps_few_connections():
    servers = [Server([answer(BODY)]) for _ in range(KEPT_MAX + 2)]
    for server in servers:
        await server.__aenter__()
    session = Session()
    for server in servers:
        async with session.fetch(server.url) as response:
            await response.read()
    assert len(session._kept) == KEPT_MAX
    session.close()
    for server in servers:
        await server.closed()
        await server.__aexit__()


async def test_others_run_while_a_server_is_slow():
    async with Server([HOLD]) as slow, Server([answer(BODY)]) as fast:
        waiting = asyncio.create_task(fails(NoAnswer, slow.url, first_timeout_s=WAIT_S))
        await slow.asked()
        assert await read(fast.url) == (200, BODY)
        waiting.cancel()
        try:
            await waiting
        except asyncio.CancelledError:
            pass
        await slow.closed()
