"""Parses HTTP responses over and over, for `web.py`: MB a second for each line on its stdin.

web_parser.py CORE WHO CASE    (WHO: helio, http.client or h11)
"""

import sys
import time

sys.path.insert(0, sys.argv[1])

from helio.http.response import ResponseParser  # noqa: E402

ON_BOARD = sys.implementation.name == "micropython"
PIECE_BYTES = 1024 if ON_BOARD else 16384
SAMPLE_MS = 300
BODY_BYTES = 100000 if ON_BOARD else 2000000
HEAD = b"HTTP/1.1 200 OK\r\n" + b"".join(
    [b"X-Field-%d: a value of some thirty characters\r\n" % number for number in range(18)]
)


def _response(case):
    if case == "whole":
        return HEAD + b"Content-Length: %d\r\n\r\n" % BODY_BYTES + b"x" * BODY_BYTES
    if case == "chunks":
        chunk = b"400\r\n" + b"x" * 1024 + b"\r\n"
        return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (BODY_BYTES // 1024) + b"0\r\n\r\n"
    return HEAD + b"Content-Length: 100\r\n\r\n" + b"x" * 100


def helio(pieces):
    parser = ResponseParser()
    size = 0
    for piece in pieces:
        size += len(parser.feed(piece))
    assert parser.is_done
    return size


def http_client(pieces):
    import io
    from http.client import HTTPResponse

    class Socket:
        def makefile(self, mode):
            return io.BytesIO(b"".join(pieces))

    response = HTTPResponse(Socket())
    response.begin()
    size = 0
    while True:
        piece = response.read(PIECE_BYTES)
        if not piece:
            return size
        size += len(piece)


def h11(pieces):
    from h11 import CLIENT, NEED_DATA, Connection, Data, EndOfMessage, Request

    connection = Connection(CLIENT)
    connection.send(Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.send(EndOfMessage())
    size = 0
    for piece in pieces:
        connection.receive_data(piece)
        while True:
            event = connection.next_event()
            if event is NEED_DATA:
                break
            if isinstance(event, Data):
                size += len(event.data)
            elif isinstance(event, EndOfMessage):
                return size
    raise AssertionError


def main(who, case):
    parse = {"helio": helio, "http.client": http_client, "h11": h11}[who]
    response = _response(case)
    pieces = [response[at : at + PIECE_BYTES] for at in range(0, len(response), PIECE_BYTES)]
    assert parse(pieces) >= len(response) * 0.9 or case == "small"
    ticks, per_ms = (time.ticks_ms, 1) if ON_BOARD else (time.perf_counter_ns, 1000000)
    while sys.stdin.readline():
        count = 0
        started = ticks()
        while ticks() - started < SAMPLE_MS * per_ms:
            for _ in range(10):
                parse(pieces)
            count += 10
        print(count * len(response) / 1000 / ((ticks() - started) / per_ms))


main(*sys.argv[2:])
