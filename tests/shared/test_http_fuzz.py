"""Mutated responses: a result or a BadResponse, the same whole and in pieces.

`FUZZ` responses a run; more by hand: `FUZZ=100000 uv run pytest tests/shared/test_http_fuzz.py`.
"""

import os
import random
import sys

from helio.errors import BadResponse
from helio.http.limits import HEAD_MAX_BYTES
from helio.http.response import ResponseParser

COUNT = int(os.getenv("FUZZ") or (400 if sys.implementation.name == "micropython" else 5000))
SEEDS = (
    b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\nETag: "x"\r\n\r\nhello world',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b;c"\r\nhello\r\n006\r\n world\r\n0\r\nX: 1\r\n\r\n',
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404\r\nConnection: keep-alive\r\nA: b\r\n c\r\n\r\nbody until the end",
)
PARTS = (b"\r\n", b"\n", b"\r", b"\r\n\r\n", b":", b" ", b"\t", b";", b"=", b'"', b"\\", b"0", b"ff", b"\x00", b"\xff")
PARTS += (b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 ", b"100 ", b"gzip, ", b"A" * 9000)
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


def read(data, size, method):
    """All that the parser makes of `data`, given `size` bytes at a time."""
    parser = ResponseParser(method)
    body = b""
    problem = None
    try:
        for at in range(0, len(data), size):
            body += parser.feed(data[at : at + size])
            if parser.is_done:
                break
        parser.close()
    except BadResponse as error:
        assert "\n" not in str(error)
        problem = True
    assert len(body) <= len(data)
    head = None
    if parser.headers is not None:
        head = parser.status, parser.reason, sorted(parser.headers.items()), parser.length
        assert 200 <= parser.status <= 999
        assert sum([len(name) + len(value) for name, value in head[2]]) < HEAD_MAX_BYTES
    if problem:
        body = None  # how much of it came before is not promised
    return head, body, parser.is_done, parser.is_kept and parser.is_done, problem


def test_mutated_responses():
    random.seed(5)
    for i in range(COUNT):
        data = mutated(SEEDS[i % 3])
        method = "HEAD" if bits(3) == 0 else "GET"
        whole = read(data, len(data), method)
        for size in (1, 1 + bits(4)):
            assert read(data, size, method) == whole, (data, size, method)
