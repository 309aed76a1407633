"""The parser of HTTP/1.1 responses against RFC 9112: what is read, what is refused, the limits; each
whole, byte by byte, and cut short at every length."""

from helio.errors import BadResponse
from helio.http.limits import FIELDS_MAX, HEAD_MAX_BYTES, LINE_MAX_BYTES
from helio.http.response import ResponseParser

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def parsed(data, size=None, method="GET", closed=True):
    """`(parser, body)` after all of `data`, by `size` bytes; then the connection ends, unless told."""
    parser = ResponseParser(method)
    body = b""
    size = size or len(data)
    at = 0
    while at < len(data) and not parser.is_done:
        body += parser.feed(data[at : at + size])
        at += size
    parser.rest += data[at:]
    if closed:
        parser.close()
    return parser, body


def refused(data, method="GET", closed=True):
    """The sentence that `data` is refused with, the same whole and byte by byte."""
    texts = []
    for size in (len(data), 1):
        try:
            _, body = parsed(data, size, method, closed)
        except BadResponse as error:
            texts.append(str(error))
        else:
            assert False, (data, body)
    assert texts[0] == texts[1], texts
    return texts[0]


# head, what comes behind it, the body, whether the connection may be used again, what is behind the response
BODIES = (
    # a length
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5", b"hello", b"hello", True, b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5", b"hello\r\nX", b"hello", True, b"\r\nX"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0", b"", b"", True, b""),
    (b"HTTP/1.1 200 OK\r\ncontent-LENGTH:\t005 \t", b"hello", b"hello", True, b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0000000000000000000005", b"hello", b"hello", True, b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5", b"hello", b"hello", True, b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close", b"hello and", b"hello", False, b" and"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Foo, CLOSE", b"hello", b"hello", False, b""),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: foo\r\nConnection:\r\n  close",
        b"hello",
        b"hello",
        False,
        b"",
    ),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nProxy-Connection: close", b"hello", b"hello", True, b""),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 5", b"hello", b"hello", False, b""),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive", b"hello", b"hello", True, b""),
    (b"HTTP/1.1 301 Moved\r\nContent-Length:  2  ", b"hi", b"hi", True, b""),
    (b"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 4", b"body", b"body", True, b""),
    (b"HTTP/1.1 205 Reset\r\nContent-Length: 0", b"", b"", True, b""),
    # to the end of the connection
    (b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n", False, b""),
    (b"HTTP/1.1 200 OK", b"", b"", False, b""),
    (b"HTTP/1.0 200 OK\r\nConnection: keep-alive", b"all of it", b"all of it", False, b""),
    (b"HTTP/1.1 200 OK\r\nContent-Length-X: 0", b"all", b"all", False, b""),
    # chunked is not the last coding: section 6.3, case 4
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip", b"2\r\nab\r\n", b"2\r\nab\r\n", False, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity", b"all", b"all", False, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunkedchunked", b"0\r\n\r\n", b"0\r\n\r\n", False, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, deflate", b"World", b"World", False, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"World", b"World", False, b""),
    # no body whatever is said of it
    (b"HTTP/1.1 204 No Content", b"HTTP/1.1", b"", True, b"HTTP/1.1"),
    (b"HTTP/1.1 204 No Content\r\nContent-Length: 7", b"", b"", True, b""),
    (b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked", b"", b"", True, b""),
    (b'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: "a"', b"", b"", True, b""),
    (b"HTTP/1.1 304 Not Modified\r\nConnection: close", b"", b"", False, b""),
    (b"HTTP/1.0 204 No Content\r\nConnection: keep-alive", b"", b"", True, b""),
    # chunks
    (CHUNKED[:-4], b"0\r\n\r\n", b"", True, b""),
    (CHUNKED[:-4], b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world", True, b""),
    (CHUNKED[:-4], b"A\r\n0123456789\r\na\r\nabcdefghij\r\n00\r\n\r\nH", b"0123456789abcdefghij", True, b"H"),
    (CHUNKED[:-4], b"00000000000000000000002\r\n\r\n\r\n0\r\n\r\n", b"\r\n", True, b""),
    (CHUNKED[:-4], b"2;a\r\nhi\r\n0;b=c\r\n\r\n", b"hi", True, b""),
    (CHUNKED[:-4], b'2;a;b=c;d="e;\\"\\\\f" ; g\r\nhi\r\n0\r\n\r\n', b"hi", True, b""),
    (CHUNKED[:-4], b"2 ; a = b\t;\tc\r\nhi\r\n0\r\n\r\n", b"hi", True, b""),
    (CHUNKED[:-4], b"2\r\nhi\r\n0\r\nX-Sum: 1\r\nY:2\r\n 3\r\n\r\n", b"hi", True, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED ", b"2\r\nhi\r\n0\r\n\r\n", b"hi", True, b""),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: , chunked,", b"2\r\nhi\r\n0\r\n\r\n", b"hi", True, b""),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: foo\r\nTransfer-Encoding: chunked",
        b"2\r\nhi\r\n0\r\n\r\n",
        b"hi",
        True,
        b"",
    ),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close", b"0\r\n\r\n", b"", False, b""),
    # HTTP/1.0 has none: whoever kept the connection would trust it too far (section 6.1)
    (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked",
        b"1\r\na\r\n0\r\n\r\n",
        b"a",
        False,
        b"",
    ),
)


def test_bodies():
    for head, behind, body, is_kept, rest in BODIES:
        data = head + b"\r\n\r\n" + behind
        for size in (len(data), 1, 2, 3, 7):
            parser, found = parsed(data, size)
            assert (found, parser.is_kept, parser.rest, parser.is_done) == (body, is_kept, rest, True), (data, size)


def test_what_a_response_has():
    parser, body = parsed(
        b"HTTP/1.1 200 All is well\r\nServer: x\r\nX-Empty:\r\nX-Blank: \t\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n"
        b'X-$a.b_c: v:w, "x"\r\nContent-Length: 3\r\n\r\nabc'
    )
    assert (parser.status, parser.reason, parser.length, body) == (200, "All is well", 3, b"abc")
    headers = parser.headers
    assert headers["SERVER"] == headers.get("server") == "x" and "Server" in headers and "Date" not in headers
    assert headers["x-empty"] == headers["x-blank"] == "" and headers["Set-Cookie"] == "a=1, b=2"
    assert headers["x-$A.b_c"] == 'v:w, "x"' and headers.get("Date") is None and headers.get("Date", 1) == 1
    assert len(headers) == 6 and sorted(headers) == sorted(dict(headers.items()))


def test_the_head_is_there_before_the_body():
    parser = ResponseParser()
    assert parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r") == b"" and parser.headers is None
    assert parser.feed(b"\na") == b"a" and parser.status == 200 and parser.length == 4 and not parser.is_done
    assert parser.feed(b"bc") == b"bc" and parser.feed(b"") == b"" and not parser.is_done
    assert parser.feed(b"d!") == b"d" and parser.is_done and parser.rest == b"!"
    parser.close()


def test_status_lines():
    for line, status, reason in (
        (b"HTTP/1.1 200 OK", 200, "OK"),
        (b"HTTP/1.1 301", 301, ""),
        (b"HTTP/1.1 200 ", 200, ""),
        (b"HTTP/1.1 200  OK", 200, " OK"),
        (b"HTTP/1.0 404 Not Found", 404, "Not Found"),
        (b"HTTP/1.2 599 x", 599, "x"),
        (b"\r\nHTTP/1.1 200 OK", 200, "OK"),  # section 2.2: a server's empty line too many
        (b"HTTP/1.1 500 Ori\xc3\xabntatie", 500, "Ori\u00ebntatie"),
        (b"HTTP/1.1 500 Ori\xebntatie", 500, "Ori\u00ebntatie"),
        (b"HTTP/1.1 500 \xed\xa0\x80", 500, "\u00ed\u00a0\u0080"),  # a surrogate is no UTF-8
    ):
        for size in (None, 1):
            parser, _ = parsed(line + b"\r\n\r\n", size)
            assert (parser.status, parser.reason) == (status, reason), line


def test_no_status_line():
    for line in (
        b"HTTP/2 200 OK",
        b"HTTP/0.9 200 OK",
        b"HTTP/5.6 200 OK",
        b"HTTP/11.1 200 OK",
        b"HTTP/01.1 200 OK",
        b"HTTP/1.01 200 OK",
        b"HTTP/1. 200 OK",
        b"HTTP/1.x 200 OK",
        b"HTP/1.1 200 OK",
        b"HTTPER/1.1 200 OK",
        b"http/1.1 200 OK",
        b"RTSP/1.0 200 OK",
        b"ICY 200 OK",
        b" HTTP/1.1 200 OK",
        b"SSH-2.0-x",
        b"<html>",
        b"\xff",
        b"HTTP/1.1\t200 OK",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1 200\tOK",
        b"HTTP/1.1 2 OK",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 1234 OK",
        b"HTTP/1.1 -12 OK",
        b"HTTP/1.1 +20 OK",
        b"HTTP/1.1 0x1 OK",
        b"HTTP/1.1 099 OK",
        b"HTTP/1.1",
        b"HTTP/1.1 ",
        b"HTTP/1.1 OK",
        b"\rHTTP/1.1 200 OK",
        b"\r\n\r\nHTTP/1.1 200 OK",
        b"HTTP/1.1 200 \xc2\xb2\0",
    ):
        refused(line + b"\r\nContent-Length: 0\r\n\r\n")
    assert refused(b"SSH-2.0-x\r\n") == "this is no HTTP/1 response, for it begins with SSH-2.0-x"


def test_lines_may_end_without_cr():
    for data in (
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nhi",
        b"\nHTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\r\nhi\r\n0\r\nX: y\n\n",
    ):
        parser, body = parsed(data, 1)
        assert body == b"hi" and parser.is_done and not parser.rest


def test_malformed_heads():
    for fields in (
        b"NoColon",
        b": x",
        b" X: y",
        b"\tX: y",
        b"X : y",
        b"X\t: y",
        b"X Y: z",
        b"X\xc3\xa9: y",
        b"X(: y",
        b"X@: y",
        b"X: 1\rY: 2",
        b"X: a\0b",
        b"X: y\r\r",
        b"\0: x",
        b"X: y\r\nZ",
        b"X: y\r\n\r Z",
        b'"X": y',
        b"X,Y: z",
    ):
        refused(b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n")


def test_lengths_that_are_none():
    for value in (
        b"",
        b"x",
        b"-1",
        b"+5",
        b"5.0",
        b"0x5",
        b"5 5",
        b"5,5",
        b"5, 5",
        b"5;",
        b"1e1",
        b"5\x0b",
        b"1_0",
        b"5\r\n 5",
        b"\xd9\xa5",
        b"\xb2",
        b"9" * 16,
        b"36893488147419103232",
        b"9" * 5000,
    ):
        refused(b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nhello")
    for again in (b"5", b"6"):  # of two, another reader takes the other
        refused(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\ncontent-length: " + again + b"\r\n\r\nhello!")
    for coding in (b"chunked", b"identity", b""):
        refused(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\nContent-Length: 5\r\n\r\nhello")
        refused(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: " + coding + b"\r\n\r\nhello")


def test_codings_that_are_none():
    for coding in (
        b"",
        b",",
        b"chunked, chunked",
        b"chunked, gzip, chunked",
        b"chunked\r\nTransfer-Encoding: chunked",
        b"chunked;a=b",
        b"chunked abc",
        b"chunked\r\n  abc",
        b'"chunked"',
        b"chunked\x0b",
        b"chunke\xc4\x91",
    ):
        refused(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\n1\r\na\r\n0\r\n\r\n")


def test_malformed_chunks():
    for body in (
        # sizes
        b"\r\n",
        b"x\r\n",
        b"0x2\r\nhi",
        b"-1\r\n",
        b"+1\r\na",
        b" 2\r\nhi",
        b"2 \r\nhi",
        b"2\t\r\nhi",
        b"2 2\r\nhi",
        b"2_0\r\nhi",
        b"2.\r\nhi",
        b"\xd9\xa2\r\nhi",
        b"F" * 16 + b"\r\nhi",
        b"1" + b"0" * 16 + b"\r\nhi",
        b";a\r\nhi",
        # line ends
        b"2\nhi\r\n0\r\n\r\n",
        b"2\r\nhi\n0\r\n\r\n",
        b"2\r\nhi\r\n0\n\r\n",
        b"2\r\rhi\r\n0\r\n\r\n",
        b"2\r\nhi\r\n0\r\r\n",
        # data longer or shorter than said
        b"2\r\nhi!\r\n0\r\n\r\n",
        b"2\r\nh\r\n0\r\n\r\n",
        b"2\r\nhi0\r\n\r\n",
        b"2\r\nhi\r\r\n0\r\n\r\n",
        b"2\r\nhi\r\n\r\n",
        # extensions
        b"2;\r\nhi",
        b"2 a\r\nhi",
        b"2;;a\r\nhi",
        b"2;a;\r\nhi",
        b"2;a=\r\nhi",
        b"2;=b\r\nhi",
        b'2;a="b\r\nhi',
        b'2;a="b\\\r\nhi',
        b'2;a="b"c\r\nhi',
        b"2;a=b c\r\nhi",
        b"2;a\n\r\nhi",
        b"2;a\r;b\r\nhi",
        b"2;a\0\r\nhi",
        b'2;a="\0"\r\nhi',
        b'2;a="b\rc"\r\nhi',
        b"2;\xff\r\nhi",
        # trailers
        b"0\r\nX\r\n\r\n",
        b"0\r\n X: y\r\n\r\n",
        b"0\r\nX : y\r\n\r\n",
        b"0\r\nX: y\rz\r\n\r\n",
        b"0\r\nX: \0\r\n\r\n",
    ):
        refused(CHUNKED + body + (b"" if body.endswith(b"\r\n\r\n") else b"\r\n0\r\n\r\n"), closed=False)


def test_head_has_no_body():
    for fields in (b"Content-Length: 123\r\n", b"Transfer-Encoding: chunked\r\n", b""):
        data = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\nHTTP/1.1 200 OK"
        for size in (None, 1):
            parser, body = parsed(data, size, "HEAD")
            assert (body, parser.is_done, parser.is_kept, parser.rest) == (b"", True, True, b"HTTP/1.1 200 OK")


def test_interim_responses():
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nContent-Length: 9\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
    for before in (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 102\r\n\r\n" * 3, interim):
        for size in (None, 1):
            parser, body = parsed(before + final, size)
            assert (parser.status, body, len(parser.headers)) == (200, b"hi", 1)
    refused(interim + b"Data\r\n")
    refused(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    assert "bytes beside" in refused(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000)


def test_folded_fields():
    parser, _ = parsed(b"HTTP/1.1 200 OK\r\nX: a\r\n  b\r\n\t\r\n\tc \r\nY:\r\n z\r\nContent-Length: 0\r\n\r\n", 1)
    assert parser.headers["x"] in ("a b c", "a b  c") and parser.headers["y"] == "z"


def test_cut_short_at_every_length():
    chunked = CHUNKED + b"5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n"
    for data in (b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello", chunked):
        head = data.find(b"\r\n\r\n") + 4
        for size in range(len(data)):
            text = refused(data[:size])
            assert ("not complete" in text) == (size >= head), (size, text)
        assert parsed(data)[1] == b"hello"
    assert refused(b"") == "the server closed the connection without an answer"
    assert "after 3 of 5 bytes" in refused(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")


def test_limit_of_a_line():
    for start, end in (
        (b"HTTP/1.1 200 ", b"\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"\r\n\r\n"),
        (CHUNKED + b"2;a=", b"\r\nhi\r\n0\r\n\r\n"),
        (CHUNKED + b"0\r\nX: ", b"\r\n\r\n"),
    ):
        before = len(start) - start.rfind(b"\n") - 1
        parsed(start + b"x" * (LINE_MAX_BYTES - before - 1) + end)
        refused(start + b"x" * (LINE_MAX_BYTES - before) + end)
        text = refused(start + b"x" * (LINE_MAX_BYTES - before + 1), closed=False)  # and waits for no end
        assert text == "the server sent a line of more than %d bytes" % LINE_MAX_BYTES


def test_limit_of_fields():
    for start in (b"HTTP/1.1 204 x\r\n", CHUNKED + b"0\r\n"):
        parsed(start + b"X: y\r\n" * FIELDS_MAX + b"\r\n")
        assert "fields" in refused(start + b"X: y\r\n" * (FIELDS_MAX + 1))


def test_limit_of_a_head():
    field = b"X: " + b"y" * 1019 + b"\r\n"
    for start in (b"HTTP/1.1 204 x\r\n", CHUNKED + b"0\r\n"):
        parsed(start + field * (HEAD_MAX_BYTES // 1024 - 1) + b"\r\n")
        assert "beside its body" in refused(start + field * (HEAD_MAX_BYTES // 1024) + b"\r\n")
    folded = b"HTTP/1.1 200 x\r\nX: y\r\n" + b" z\r\n" * (HEAD_MAX_BYTES // 4)
    assert "beside its body" in refused(folded)
    extended = CHUNKED + (b"1;a=" + b"x" * 1000 + b"\r\na\r\n") * (HEAD_MAX_BYTES // 1000 + 1)
    assert "beside its body" in refused(extended)
    parser, body = parsed(CHUNKED + b"1\r\na\r\n" * 20000 + b"0\r\n\r\n", 1000)
    assert body == b"a" * 20000 and parser.is_done


def test_what_is_kept_of_a_body_is_bounded():
    for head in (
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        CHUNKED + b"FFFFFF\r\n",
    ):
        parser = ResponseParser()
        assert parser.feed(head) == b""
        for _ in range(20):
            piece = b"x" * 4096
            assert parser.feed(piece) is piece  # not so much as a copy
