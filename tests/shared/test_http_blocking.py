"""`helio.blocking.get`: a page for a script that wants no asyncio."""

from http_server import CLOSE, HOLD, ThreadServer, answer, one_by_one
from peer import free_port

from helio.blocking import get
from helio.errors import BadResponse, NoAnswer, TooLarge

BODY = b"one\ntwo\r\n\nlast"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\none\nt\r\n9\r\nwo\r\n\nlast\r\n0\r\n\r\n"


def test_a_page_at_once():
    with ThreadServer([answer(BODY, "ETag: x"), HOLD]) as server:
        page = get(server.url + "/a")
        assert (page.status, page.headers["etag"], str(page.url)) == (200, "x", server.url + "/a")
        assert page.read() == BODY and page.read() == b"" and page.read(5) == b""
    with ThreadServer([answer(length=5), HOLD]) as server:
        assert get(server.url, method="HEAD").read() == b""


def test_a_page_by_pieces():
    for steps in ([answer(BODY), HOLD], one_by_one(answer(BODY)) + [HOLD], [CHUNKED, HOLD]):
        with ThreadServer(steps) as server:
            with get(server.url) as page:
                found = []
                while True:
                    piece = page.read(3)
                    if not piece:
                        break
                    assert len(piece) <= 3
                    found.append(piece)
                assert b"".join(found) == BODY


def test_a_page_by_lines():
    for steps in ([answer(BODY), HOLD], one_by_one(answer(BODY)) + [HOLD], [CHUNKED, HOLD]):
        with ThreadServer(steps) as server:
            assert list(get(server.url)) == [b"one\n", b"two\r\n", b"\n", b"last"]
    with ThreadServer([answer(b"one\n"), HOLD], [answer(b""), HOLD]) as server:
        assert list(get(server.url)) == [b"one\n"]
        assert list(get(server.url)) == []
    with ThreadServer([answer(BODY), HOLD]) as server:
        page = get(server.url)
        assert page.read(2) == b"on"
        for line in page:
            assert line == b"e\n"
            break
        page.close()


def test_lines_and_pieces_may_take_turns():
    for steps in ([answer(BODY), HOLD], one_by_one(answer(BODY)) + [HOLD], [CHUNKED, HOLD]):
        with ThreadServer(steps) as server:
            page = get(server.url)
            for line in page:
                assert line == b"one\n"
                break
            assert page.read(1) == b"t"
            assert next(page) == b"wo\r\n"
            assert page.read() == b"\nlast"
            assert list(page) == []


def test_a_line_without_end_comes_in_pieces():
    body = b"x" * 200000
    with ThreadServer([answer(body), HOLD]) as server:
        lines = list(get(server.url))
        assert len(lines) > 1 and b"".join(lines) == body


def test_whoever_has_read_enough_closes():
    for steps in ([answer(BODY, length=10**6), HOLD], [answer(BODY), HOLD]):
        with ThreadServer(steps) as server:
            with get(server.url) as page:
                page.read(1)
        with ThreadServer(steps) as server:
            get(server.url).close()


def test_redirects_and_validators():
    sent_on = answer(b"", "Location: /b", status="301 Moved")
    with ThreadServer([sent_on, HOLD], [b"HTTP/1.1 304 Not Modified\r\n\r\n", HOLD]) as server:
        page = get(server.url, validator=("e", None))
        assert page.unchanged and str(page.url) == server.url + "/b" and page.validator == ("e", None)
        page.close()
        assert b"If-None-Match: e\r\n" in server.requests[1]


def test_what_is_wrong_is_told():
    half = answer(BODY, length=20)
    for steps, options, kind, said in (
        ([HOLD], {"first_timeout_s": 0.05}, NoAnswer, "did not answer within 0.05 s"),
        ([half, HOLD], {"pause_timeout_s": 0.05}, NoAnswer, "stopped within its answer"),
        ([half, HOLD], {"timeout_s": 0.1}, NoAnswer, "was not done within 0.1 s"),
        ([half, CLOSE], {}, BadResponse, "after 14 of 20 bytes"),
        ([b"nonsense\r\n", HOLD], {}, BadResponse, "no HTTP/1 response"),
        ([answer(BODY), HOLD], {"max_bytes": 5}, TooLarge, "more than the 5 bytes"),
    ):
        with ThreadServer(steps) as server:
            try:
                get(server.url, **options).read()
                assert False, said
            except kind as error:
                assert said in str(error), error
    try:
        get("http://127.0.0.1:%d/" % free_port())
        assert False
    except NoAnswer as error:
        assert "no web server on port" in str(error)
