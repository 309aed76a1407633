"""`Exchange`: a request and what becomes of its response, without a socket; each response whole, byte by
byte, and otherwise cut."""

from helio.errors import BadResponse, HelioError, TooLarge, UsageError
from helio.http.exchange import Exchange
from helio.runtime_web import GZIP

UNPACKED = b"hello world " * 10
PACKED = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9W(\xcf/\xcaIQ\xc8\xa0#\x1b\x00,\xbc\x94\x01x\x00\x00\x00"
)


def asked(url="http://a.example/", **options):
    """`(exchange, request)`: one that waits for its response, and the bytes that asked for it."""
    exchange = Exchange(url, **options)
    return exchange, exchange._request()


def received(data, size=None, **options):
    """`(exchange, body)` once `data` has come by `size` bytes and the connection has ended."""
    exchange, _ = asked(**options)
    size = size or len(data)
    body = b""
    at = 0
    while not exchange._is_over:
        if exchange._more:
            body += exchange._receive(b"")
        elif at < len(data):
            body += exchange._receive(data[at : at + size])
            at += size
        else:
            exchange._end_of_connection()
    return exchange, body


def refused(kind, data, **options):
    """The sentence that `data` is refused with, the same however it is cut."""
    texts = set()
    for size in (len(data), 1, 7):
        try:
            received(data, size, **options)
        except kind as error:
            texts.add(str(error))
        else:
            assert False, (data, size)
    assert len(texts) == 1, texts
    return texts.pop()


def response(*fields, body=b"", status="200 OK", length=None):
    lines = ["HTTP/1.1 " + status, "Content-Length: %d" % (len(body) if length is None else length)]
    return "\r\n".join(lines + list(fields)).encode() + b"\r\n\r\n" + body


def packed(body, coding="gzip", status="200 OK"):
    """A packed body in each of the three ways to tell its end."""
    for field, data in (
        ("Content-Length: %d" % len(body), body),
        ("Transfer-Encoding: chunked", (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"),
        ("X: y", body),
    ):
        yield ("HTTP/1.1 %s\r\nContent-Encoding: %s\r\n%s\r\n\r\n" % (status, coding, field)).encode() + data


def sent_on(location, status="302 Found", body=b""):
    return response("Location: " + location, status=status, body=body)


def followed(exchange, location, **options):
    """The request for what a redirect leads to."""
    exchange._receive(sent_on(location, **options))
    assert exchange._sent_on()
    return exchange._request()


class Followed(Exchange):
    """One that has no connection to close between a redirect and the next request."""

    def _end(self):
        pass


def following(url, **options):
    exchange = Followed(url, **options)
    exchange._request()
    return exchange


# --- packed bodies


def test_a_packed_body_is_unpacked_however_it_comes():
    if not GZIP:
        return
    for coding in ("gzip", "x-gzip", "GZip"):
        for data in packed(PACKED, coding):
            for size in (len(data), 1, 7, len(data) - 5):
                for max_bytes in (None, len(UNPACKED)):
                    assert received(data, size, max_bytes=max_bytes)[1] == UNPACKED, (data, size)
    for data in packed(PACKED * 3):  # section 2.2 of RFC 1952: members one behind the other
        for size in (len(data), 1, 7):
            assert received(data, size)[1] == UNPACKED * 3


def test_a_packed_body_that_is_none_is_told():
    if not GZIP:
        return
    for data in packed(PACKED[:-1]):
        assert "ends too early" in refused(BadResponse, data)
    for body in (UNPACKED, PACKED + b"more", PACKED[:-8] + b"\0" + PACKED[-7:]):
        for data in packed(body):
            assert "packed as gzip, but not rightly" in refused(BadResponse, data)
    for data in packed(b""):  # servers say so of an empty page, too
        for size in (len(data), 1):
            assert received(data, size)[1] == b""


def test_what_is_unpacked_is_bounded():
    if not GZIP:
        return
    import zlib

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(b"\0" * 10**7) + packer.flush()
    for data in packed(body):
        exchange, _ = asked(max_bytes=10**6)
        pieces = [exchange._receive(data)]
        try:
            while exchange._more:
                pieces.append(exchange._receive(b""))
            assert False
        except TooLarge as error:
            assert "more than the 1000000 bytes" in str(error)
        assert max(map(len, pieces)) <= 65536 and sum(map(len, pieces)) <= 10**6
        assert len(received(data)[1]) == 10**7


def test_codings_that_nobody_asked_for():
    for coding in ("br", "deflate", "gzip, gzip", "zstd") if GZIP else ("br", "deflate", "gzip"):
        for data in packed(PACKED, coding):
            assert ("document as %s, which nobody asked for" % coding) in refused(BadResponse, data)
        for status in ("204 No Content", "304 Not Modified"):
            assert received(response("Content-Encoding: " + coding, status=status))[1] == b""
        data = response("Content-Encoding: " + coding, length=10)
        assert received(data, method="HEAD")[1] == b""
    for coding in ("gzip", "gzip, chunked", "chunked, gzip"):
        data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding.encode() + b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        assert "which nobody asked for" in refused(BadResponse, data)


def test_a_broken_response_is_told_with_whose_it_is():
    for data in (b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"):
        assert refused(BadResponse, data).startswith("a.example: ")


def test_codings_that_are_none():
    for coding in ("identity", "none", "None", ""):
        data = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Encoding: " + coding.encode() + b"\r\n\r\nabc"
        )
        assert received(data)[1] == b"abc"
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Identity, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    assert received(data)[1] == b"abc"


def test_what_follows_a_packed_response_is_not_forgotten():
    if not GZIP:
        return
    body = PACKED * 2  # the second is still packed when the end has come
    data = response("Content-Encoding: gzip", body=body) + b"HTTP/1.1 200 Sly"
    exchange, found = received(data)
    assert found == UNPACKED * 2
    assert exchange._parser.rest == b"HTTP/1.1 200 Sly"  # and so the connection is not kept


def test_gzip_is_asked_for_only_where_it_can_be_unpacked():
    _, request = asked()
    assert (b"\r\nAccept-Encoding: gzip\r\n" in request) == bool(GZIP)


# --- the most that is wanted


def test_max_bytes_is_of_the_document():
    for data in (
        response(body=b"hello world"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello world",
    ):
        for size in (len(data), 1, 7):
            assert received(data, size, max_bytes=11)[1] == b"hello world"
        assert "http://a.example/ has more than the 10 bytes" in refused(TooLarge, data, max_bytes=10)
    assert received(response(), max_bytes=0)[1] == b""
    # before any of it comes, where the length is told
    head = response(length=12)
    assert "more than the 11 bytes" in refused(TooLarge, head, max_bytes=11)
    assert received(head, max_bytes=11, method="HEAD")[1] == b""


def test_max_bytes_is_not_of_the_page_that_sends_on():
    for size in (1, 1000):
        exchange = following("http://a.example/", max_bytes=5)
        data = sent_on("/b", body=b"It is over there now.")
        for at in range(0, len(data), size):
            exchange._receive(data[at : at + size])
        assert exchange._sent_on()
        exchange._request()
        assert exchange._receive(response(body=b"12345")) == b"12345"


# --- what is sent


def test_a_field_is_one_line():
    for options in (
        {"headers": {"X": "1\r\nY: 2"}},
        {"headers": {"X": "1\nY: 2"}},
        {"headers": {"X": "1\rY: 2"}},
        {"headers": {"X: 1\r\nY": "2"}},
        {"headers": {"X\n": "1"}},
        {"validator": ("a\r\nX: y", None)},
        {"validator": (None, "a\nX: y")},
    ):
        try:
            asked(**options)
            assert False, options
        except UsageError as error:
            text = str(error)
            assert "one line" in text and "\n" not in text and "\r" not in text
    for url in ("http://a.example/\r\nX: y", "http://a.example/?\nX: y", "http://a.example\r\nX: y/"):
        try:
            asked(url)
            assert False, url
        except UsageError:
            pass


def test_credentials_are_sent_as_basic():
    for credentials, sent in (
        ("Aladdin:open%20sesame", b"QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),  # RFC 7617 section 2
        ("test:123%C2%A3", b"dGVzdDoxMjPCow=="),  # section 2.1
        ("user", b"dXNlcg=="),
        ("a:b%zz", b"YTpiJXp6"),
        (
            "u:" + "p" * 100,
            b"dTpwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw",
        ),
    ):
        exchange, request = asked("http://%s@a.example/" % credentials)
        assert (b"\r\nAuthorization: Basic " + sent) in request, request
        assert request.count(b"\r\n\r\n") == 1 and request.endswith(b"\r\n\r\n")
        assert credentials not in str(exchange.url)
    _, request = asked("http://u:p@a.example/", headers={"authorization": "Bearer x"})
    assert request.lower().count(b"authorization:") == 1 and b"authorization: Bearer x\r\n" in request


# --- redirects


def test_what_is_for_one_server_goes_to_no_other():
    secrets = {"Authorization": "s", "cookie": "s", "Host": "s", "Proxy-Authorization": "s", "X-Other": "1"}
    for location in ("http://b.example/", "http://a.example:81/", "https://a.example/", "//b.example/"):
        exchange = following("http://a.example/", headers=secrets)
        assert followed(exchange, "/same").count(b": s\r\n") == 4
        request = followed(exchange, location)
        assert b": s\r\n" not in request and b"X-Other: 1\r\n" in request, request
        assert ("\r\nHost: %s\r\n" % exchange.url.authority).encode() in request
        # nor to the first again: who sends it there is another
        assert b": s\r\n" not in followed(exchange, "https://a.example/")
        assert len(secrets) == 5  # the caller's own
    exchange = following("http://u:p@a.example/")
    assert b"Authorization: Basic" in followed(exchange, "http://a.example:80/x")
    assert b"Authorization" not in followed(exchange, "http://b.example/")
    assert b"Authorization" not in followed(exchange, "http://x:y@b.example/")


def test_no_redirect_leads_from_https_to_http():
    exchange = following("https://a.example/")
    assert b"GET /b " in followed(exchange, "https://b.example/b")
    exchange._receive(sent_on("http://b.example/"))
    try:
        exchange._sent_on()
        assert False
    except BadResponse as error:
        assert "which is not secure" in str(error)
    assert b"GET /b " in followed(following("http://a.example/"), "https://b.example/b")


def test_a_redirect_keeps_the_method_and_the_validator():
    for status in ("301 a", "302 b", "303 c", "307 d", "308 e"):
        exchange = following("http://a.example/x", method="HEAD", validator=("e", "m"))
        request = followed(exchange, "y", status=status)
        assert request.startswith(b"HEAD /y HTTP/1.1\r\n")
        assert b"If-None-Match: e\r\n" in request and b"If-Modified-Since: m\r\n" in request
        exchange._receive(response("ETag: f"))
        assert not exchange._sent_on() and exchange.validator == ("f", None)


def test_what_sends_on_to_no_address_is_told():
    for location in ("ftp://b.example/", "http://", "mailto:a@b", "http://a.example:x/", "//", "/" + "x" * 3000):
        text = refused(BadResponse, sent_on(location))
        assert text.startswith("a.example sends us on, but ") and len(text) < 300
    for status in ("200 OK", "201 Created", "300 Choices", "304 Not Modified", "305 Proxy", "404 Not Found"):
        exchange = following("http://a.example/")
        exchange._receive(sent_on("/b", status=status))
        assert not exchange._sent_on()


# --- the version of a document


def test_validators():
    for fields, validator in (
        ((), None),
        (('ETag: W/"a"',), ('W/"a"', None)),
        (("Last-Modified: x",), (None, "x")),
        (("etag: a", "last-modified: b"), ("a", "b")),
    ):
        exchange, _ = received(response(*fields))
        assert exchange.validator == validator and not exchange.unchanged
        exchange, _ = received(response(*fields, status="304 Not Modified"), validator=("old", "older"))
        assert exchange.validator == (validator or ("old", "older")) and exchange.unchanged


# --- whatever is said of it


def test_only_errors_of_helio_come_out():
    for first in (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 301 x\r\nLocation: \xff%//[\r\n", b"HTTP/1.0 200\r\n"):
        for field in (b"Content-Encoding: \xff", b"Transfer-Encoding: \xff", b"Content-Encoding: gzip", b"ETag: \xff"):
            for body in (b"", PACKED, b"\0" * 50):
                data = first + field + b"\r\n\r\n" + body
                for size in (len(data), 1):
                    try:
                        received(data, size, max_bytes=30)
                    except HelioError as error:
                        assert "\n" not in str(error)
