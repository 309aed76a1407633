"""Names, their handlers, and what becomes of a message that meets one, or none."""

import json

from helio.coap.codec import CONTENT_FORMAT, option
from helio.errors import BadArgument, UsageError
from helio.handlers import (
    BAD_REQUEST,
    BYTES,
    CHANGED,
    INTERNAL_SERVER_ERROR,
    JSON,
    NOT_FOUND,
    SERVICE_UNAVAILABLE,
    TEXT,
    Handlers,
    encode,
)
from helio.message import Message
from helio.utf8 import decode

FAILED = (INTERNAL_SERVER_ERROR, b"do failed", ())


class Table:
    """Handlers with their counts and what they reported."""

    def __init__(self):
        self.counts = {"rejected": 0, "failed": 0}
        self.failures = []
        self.handlers = Handlers(self.counts, self.failures.append)

    def answer(self, text):
        return self.handlers.answer(Message.parse(text))


def table(do=None):
    made = Table()
    if do:
        made.handlers.add("do", do, "WHAT: does it")
    return made


class Wait:
    """Something to await that yields once, for want of an event loop."""

    def __await__(self):
        yield

    __iter__ = __await__


def finish(coroutine, yields=0):
    """What a coroutine returns, having yielded just so often."""
    for _ in range(yields):
        coroutine.send(None)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it goes on")


def test_codes_are_those_of_rfc_7252():
    assert CHANGED == 2 << 5 | 4
    assert (BAD_REQUEST, NOT_FOUND) == (4 << 5, 4 << 5 | 4)
    assert (INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE) == (5 << 5, 5 << 5 | 3)


def test_ping():
    assert table().answer("ping") == (CHANGED, b"pong", TEXT)
    assert table().answer("ping 1 2") == (CHANGED, b"pong", TEXT)


def test_help():
    with_do = table(lambda message: None)
    with_do.handlers.add("bare", lambda message: None)
    assert with_do.answer("help") == (CHANGED, b"bare do help ping", TEXT)
    assert with_do.answer("help do") == (CHANGED, b"do WHAT: does it", TEXT)
    assert with_do.answer("help bare") == (CHANGED, b"bare", TEXT)
    assert with_do.answer("help x") == (BAD_REQUEST, b"help takes one of bare, do, help, ping: got 'x'", ())
    assert with_do.counts == {"rejected": 1, "failed": 0}


def test_an_unknown_name_is_answered_with_those_there_are():
    with_do = table(lambda message: None)
    assert with_do.answer("Do it") == (NOT_FOUND, b"no 'Do' here: there are do, help, ping", ())
    assert with_do.answer("ok") == (NOT_FOUND, b"no 'ok' here: there are do, help, ping", ())
    assert with_do.counts == {"rejected": 2, "failed": 0}


def test_what_handlers_return():
    for result, payload, options in (
        (None, b"", ()),
        ("", b"", TEXT),
        ("done", b"done", TEXT),
        ("kész 😀\n", "kész 😀\n".encode(), TEXT),
        ("\ud55c", "\ud55c".encode(), TEXT),
        ("é".encode(), "é".encode(), BYTES),
        (b"\x00\xff\n", b"\x00\xff\n", BYTES),
        (b"\xed\xa0\x80", b"\xed\xa0\x80", BYTES),
        ({}, b"{}", JSON),
        ({"on": True}, b'{"on":true}', JSON),
        ([1, "a", None, [2.5, False]], b'[1,"a",null,[2.5,false]]', JSON),
        ((1, 2), b"[1,2]", JSON),
        (0, b"0", JSON),
        (False, b"false", JSON),
        (2.5, b"2.5", JSON),
        (10**30, b"1" + b"0" * 30, JSON),
    ):
        assert encode(result) == (payload, options), result
        assert table(lambda message, result=result: result).answer("do") == (CHANGED, payload, options), result
    payload, options = encode(["é"])
    assert json.loads(payload.decode()) == ["é"] and options == JSON  # with escapes, or without


def test_content_formats_are_those_of_rfc_7252():
    assert [option(options, CONTENT_FORMAT) for options in (TEXT, BYTES, JSON)] == [b"", bytes([42]), bytes([50])]


def test_what_handlers_cannot_return():
    for result in (bytearray(b"abc"), memoryview(b"abc"), {1, 2}, object(), Table, range(3), lambda: 1):
        made = table(lambda message, result=result: result)
        assert made.answer("do") == FAILED, result
        assert made.counts == {"rejected": 0, "failed": 1}
        assert "a handler returns str, bytes, dict, list or None: got " in str(made.failures[0])


def test_half_a_surrogate_pair_lets_nothing_escape():
    code, payload, _ = table(lambda message: message.json()).answer('do "\\ud800"')
    assert code == CHANGED and decode(payload)

    def refuse(message):
        raise BadArgument("not " + message.json())

    code, payload, _ = table(refuse).answer('do "\\ud800"')
    assert code == BAD_REQUEST and decode(payload).startswith("not ")


def test_a_list_that_contains_itself_fails():
    endless = []
    endless.append(endless)
    assert table(lambda message: endless).answer("do") == FAILED


def test_a_wrong_argument_is_the_senders_mistake():
    made = table(lambda message: str(message.integer(0, 1, 100)))
    assert made.answer("do 3") == (CHANGED, b"3", TEXT)
    assert made.answer("do lots") == (BAD_REQUEST, b"do takes a whole number, 1 to 100: got 'lots'", ())
    assert made.answer("do") == (BAD_REQUEST, b"do takes a whole number, 1 to 100: got nothing", ())
    assert made.counts == {"rejected": 2, "failed": 0}
    assert made.failures == []


def test_whatever_else_a_handler_raises_stays_here():
    def endless(message):
        return endless(message)

    async def stop(message):
        raise StopAsyncIteration

    errors = [
        ValueError("secret"),
        KeyError("secret"),
        OSError(5),
        MemoryError(),
        AssertionError(),
        UsageError("secret"),
    ]
    for error in errors:

        def fail(message, error=error):
            raise error

        async def fail_later(message, error=error):
            raise error

        for made in (table(fail), table(fail_later)):
            reply = made.answer("do it")
            reply = finish(reply) if hasattr(reply, "send") else reply
            assert reply == FAILED, error
            assert made.counts == {"rejected": 0, "failed": 1}
            assert made.failures == [error]
    assert table(endless).answer("do") == FAILED
    assert finish(table(stop).answer("do")) == FAILED


def test_a_handler_may_end_the_program():
    for error in (SystemExit, KeyboardInterrupt):

        def end(message, error=error):
            raise error

        try:
            table(end).answer("do")
        except error:
            continue
        raise AssertionError(error)


def test_coroutines():
    async def do(message):
        await Wait()
        return str(message.integer(0, 1, 100))

    made = table(do)
    assert finish(made.answer("do 3"), 1) == (CHANGED, b"3", TEXT)
    assert finish(made.answer("do lots"), 1) == (BAD_REQUEST, b"do takes a whole number, 1 to 100: got 'lots'", ())
    assert made.counts == {"rejected": 1, "failed": 0}


def test_a_coroutine_that_returns_no_reply_fails():
    async def do(message):
        return object()

    made = table(do)
    assert finish(made.answer("do")) == FAILED
    assert made.counts["failed"] == 1


def test_sixteen_coroutines_run_at_once():
    async def do(message):
        await Wait()

    made = table(do)
    running = [made.answer("do") for _ in range(16)]
    for _ in range(2):
        assert made.answer("do") == (SERVICE_UNAVAILABLE, b"busy with 16 messages: try again later", ())
    assert made.counts == {"rejected": 2, "failed": 0}
    assert made.answer("ping") == (CHANGED, b"pong", TEXT)  # what takes no time is answered still
    assert finish(running.pop(), 1) == (CHANGED, b"", ())
    running.append(made.answer("do"))
    assert made.answer("do")[0] == SERVICE_UNAVAILABLE
    for coroutine in running:
        assert finish(coroutine, 1) == (CHANGED, b"", ())


def test_a_coroutine_that_there_is_no_room_for_is_closed():
    class Coroutine:
        closed = False

        def send(self, value):
            raise AssertionError("it was started")

        def close(self):
            self.closed = True

    one = Coroutine()
    made = table(lambda message: one)
    for _ in range(16):
        made.answer("do").close()
        assert not one.closed
    assert made.answer("do")[0] == SERVICE_UNAVAILABLE
    assert one.closed


def test_a_coroutine_that_fails_or_is_cancelled_makes_room():
    async def do(message):
        await Wait()
        raise ValueError

    made = table(do)
    for _ in range(40):
        assert finish(made.answer("do"), 1) == FAILED
        coroutine = made.answer("do")
        coroutine.send(None)
        coroutine.close()
    assert made.counts["rejected"] == 0


def test_names_that_cannot_be_handled():
    made = table(lambda message: None)
    for name, why in (
        ("", "'' cannot name a message: letters, digits, '-', '_', '.', at most 32"),
        ("two words", "'two words' cannot name a message: letters, digits, '-', '_', '.', at most 32"),
        ("n" * 33, "'" + "n" * 33 + "' cannot name a message: letters, digits, '-', '_', '.', at most 32"),
        ("ok", "'ok' cannot be handled: nodes use it among themselves"),
        ("error", "'error' cannot be handled: nodes use it among themselves"),
        ("hello", "'hello' cannot be handled: nodes use it among themselves"),
        ("welcome", "'welcome' cannot be handled: nodes use it among themselves"),
        ("who", "'who' cannot be handled: nodes use it among themselves"),
        ("do", "'do' has a handler already: give this one another name"),
        ("ping", "'ping' has a handler already: give this one another name"),
    ):
        try:
            made.handlers.add(name, lambda message: None)
        except UsageError as error:
            assert str(error) == why
            continue
        raise AssertionError(name)
    for name in ("OK", "okay", "hello-there", "who.else", "n" * 32):
        made.handlers.add(name, lambda message: None)
    assert made.handlers.names() == ["OK", "do", "hello-there", "help", "n" * 32, "okay", "ping", "who.else"]
