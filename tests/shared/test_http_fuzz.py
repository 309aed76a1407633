"""Mutated and random responses: a result or an error of helio, the same whole and in pieces.

`FUZZ` responses a run; more by hand: `FUZZ=100000 uv run pytest tests/shared/test_http_fuzz.py`.
"""

import os
import random
import sys

from helio.errors import BadResponse, TooLarge, UsageError
from helio.http.exchange import Exchange
from helio.http.limits import GUNZIPPED_MAX_BYTES, HEAD_MAX_BYTES, LINE_MAX_BYTES
from helio.http.response import ResponseParser
from helio.http.url import Url

COUNT = int(os.getenv("FUZZ") or (400 if sys.implementation.name == "micropython" else 5000))
PACKED = (  # ten times "hello world "
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9W(\xcf/\xcaIQ\xc8\xa0#\x1b\x00,\xbc\x94\x01x\x00\x00\x00"
)
SEEDS = (
    b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\nETag: "x"\r\n\r\nhello world',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b;c"\r\nhello\r\n006\r\n world\r\n0\r\nX: 1\r\n\r\n',
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404\r\nConnection: keep-alive\r\nA: b\r\n c\r\n\r\nbody until the end",
)
OF_EXCHANGES = SEEDS + (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 35\r\n\r\n" + PACKED,
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n46\r\n%s\r\n0\r\n\r\n"
    % (PACKED * 2),
    b"HTTP/1.1 302 Found\r\nLocation: ../a/./b?c#d\r\nETag: x\r\nContent-Length: 5\r\n\r\nthere",
    b"HTTP/1.1 304 Not Modified\r\nLast-Modified: y\r\nContent-Encoding: gzip\r\n\r\n",
)
PARTS = (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b":", b" ", b"\t", b";", b"=", b'"', b"\\", b"0", b"ff", b"\x00", b"\xff")
PARTS += (b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 ", b"100 ", b"gzip, ", b"A" * 9000)
PARTS += (
    b"//",
    b"/../",
    b"[::1]",
    b"@",
    b"?",
    b"#",
    b"http://",
    b"identity",
    b"Location: b\r\n",
    b"Connection: close\r\n",
)
MAX_BYTES = 100
bits = random.getrandbits


def mutated(data):
    data = bytearray(data)
    for _ in range(1 + bits(2)):
        at = bits(12) % len(data)
        how = bits(2)
        if how == 0:
            data[at] = bits(8)
        elif how == 1:
            data = data[:at] + data[at + bits(4) :] + b"x"
        elif how == 2:
            data = data[:at] + PARTS[bits(8) % len(PARTS)] + data[at:]
        else:
            data = data[:at] + data[at // 2 :]
    return bytes(data)


def made_up():
    """What was never a response, or only begins as one."""
    data = b"HTTP/1.1 200 OK\r\n" if bits(1) else b""
    for _ in range(bits(5)):
        data += PARTS[bits(8) % len(PARTS)] if bits(1) else bytes([bits(8)])
    return data


def cut(data, size=None):
    """The pieces of `data`, each of `size` bytes, or as it comes."""
    at = 0
    while at < len(data):
        step = size or 1 + bits(bits(3) + 1)
        yield data[at : at + step]
        at += step


def parsed(pieces, method):
    """All that the parser makes of the pieces, and of the end behind them."""
    parser = ResponseParser(method)
    body = b""
    count = 0
    problem = None
    try:
        for piece in pieces:
            count += len(piece)
            body += parser.feed(piece)
            assert len(parser._pending) <= LINE_MAX_BYTES
            if parser.is_done:
                break
        parser.close()
    except BadResponse as error:
        assert "\n" not in str(error)
        problem = True
    assert len(body) + len(parser.rest) <= count
    head = None
    if parser.headers is not None:
        head = parser.status, parser.reason, sorted(parser.headers.items()), parser.length, parser.has_body
        assert 200 <= parser.status <= 999
        assert sum([len(name) + len(value) for name, value in head[2]]) < HEAD_MAX_BYTES
    if problem:
        body = None  # how much of it came before is not promised
    return head, body, parser.is_done, parser.is_kept and parser.is_done, problem


def exchanged(pieces, count, method):
    """All that an exchange makes of pieces of `count` bytes, as a shell would give them to it."""
    exchange = Exchange("http://a.example/b/c", method=method, max_bytes=MAX_BYTES, validator=("e", None))
    exchange._request()
    pieces = iter(pieces)
    body = b""
    try:
        for _ in range(2 * count + 10):  # it never wants more of what has no end
            if exchange._is_over:
                break
            piece = b"" if exchange._more else next(pieces, None)
            if piece is None:
                exchange._end_of_connection()
                continue
            found = exchange._receive(piece)
            assert len(found) <= max(len(piece), GUNZIPPED_MAX_BYTES)
            body += found
        assert exchange._is_over
        where = exchange._next_url()
    except (BadResponse, TooLarge) as error:
        assert "\n" not in str(error) and len(str(error)) < 400
        return None
    assert where or len(body) <= MAX_BYTES
    return exchange.status, exchange.validator, str(where), None if where else body


def test_mutated_responses():
    random.seed(5)
    for i in range(COUNT):
        data = mutated(SEEDS[i % 3]) if i % 8 else made_up()
        method = "HEAD" if bits(3) == 0 else "GET"
        whole = parsed([data], method)
        for pieces in (cut(data, 1), cut(data)):
            assert parsed(pieces, method) == whole, (data, method)


def test_mutated_exchanges():
    random.seed(6)
    for i in range(COUNT):
        data = mutated(OF_EXCHANGES[i % len(OF_EXCHANGES)])
        method = "HEAD" if bits(3) == 0 else "GET"
        whole = exchanged([data], len(data), method)
        for pieces in (cut(data, 1), cut(data)):
            assert exchanged(pieces, len(data), method) == whole, (data, method)


def test_mutated_addresses():
    random.seed(7)
    base = Url("http://a.example/b/c;d?e")
    for i in range(COUNT):
        text = mutated((b"http://u:p@a.example:80/b/../c?d=e#f", b"../g;x=1/./y?z", b"//[::1]:8080/%41")[i % 3])
        text = "".join([chr(byte) for byte in text])
        for read in (Url, base.join):
            try:
                url = read(text)
            except UsageError as error:
                assert "\n" not in str(error) and "\r" not in str(error)
                continue
            shown = str(url)
            for byte in shown.encode():
                assert 32 < byte < 127, (text, shown)  # nothing that could end a line of the request
            again = Url(shown)
            assert (again.origin, again.target) == (url.origin, url.target), (text, shown)
