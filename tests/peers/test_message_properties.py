"""Messages, answers and searches under whatever hypothesis thinks of."""

import json
import math

from hypothesis import assume, given
from hypothesis import strategies as st

from helio import utf8
from helio.errors import BadArgument, BadMessage, Refused, UsageError
from helio.handlers import ANSWERS, TEXT, Handlers
from helio.limits import MESSAGE_MAX_BYTES
from helio.lookup import Who, parse_target
from helio.message import Message, is_name, without_newline
from helio.plain import RECEIVE_BYTES, Plain, answer_line, is_answer
from helio.question import encoded, read_answer

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(LETTERS, min_size=1, max_size=32)
NEWLINES = st.sampled_from(["", "\n", "\r\n"])
WORDS = TEXT | st.text("0123456789+-.eE_", max_size=30) | st.integers().map(str) | st.floats().map(str)
# bytes that get far: half a message, half noise
DATA = st.binary() | st.builds(
    lambda parts: b"".join(parts),
    st.lists(st.sampled_from([*[name.encode() for name in ANSWERS], b"who", b"do", b" ", b"\n", b"\r"]) | st.binary()),
)


def fits(text):
    return len(text.encode()) <= MESSAGE_MAX_BYTES


def message(name, rest):
    assume(fits(name + " " + rest))
    return Message.parse(name + " " + rest + "\n")


# --- messages


@given(NAMES, st.none() | TEXT, NEWLINES)
def test_the_text_comes_back_as_it_was_sent(name, rest, newline):
    text = name if rest is None else name + " " + rest
    assume(fits(text))
    data = (text + newline).encode()
    assume(newline or text[-1] != "\n")  # else that one is taken off
    assume(newline != "\n" or text[-1] != "\r")  # together they are one newline
    for sent in (data, data.decode()):
        parsed = Message.parse(sent)
        assert parsed.text == text
        assert (parsed.name, parsed.rest) == (name, rest or "")
        assert parsed.args == (rest or "").split()
    assert encoded(text + newline) == text.encode()


@given(DATA | st.text())
def test_anything_is_a_message_or_a_bad_one(data):
    try:
        parsed = Message.parse(data)
    except BadMessage as error:
        assert str(error)
        return
    assert is_name(parsed.name)
    data = data.encode() if isinstance(data, str) else data
    assert parsed.text.encode() == without_newline(data)


@given(st.binary(), NEWLINES)
def test_at_most_one_newline_is_taken_off(data, newline):
    rest = without_newline(data + newline.encode())
    assert data.startswith(rest) if newline else rest in (data, data[:-1], data[:-2])
    assert not newline or len(data) - len(rest) <= (newline == "\n" and data[-1:] == b"\r")


@given(st.binary())
def test_utf8_is_what_cpython_takes_for_it(data):
    try:
        expected = data.decode()
    except UnicodeDecodeError:
        expected = None
    try:
        assert utf8.decode(data) == expected
    except ValueError:
        assert expected is None


@given(st.binary(), st.integers(2, 40))
def test_a_message_cut_short_is_a_message_or_a_bad_one(data, length):
    try:
        Message.parse(("do " + "é€😀" * 20).encode()[:length] + data)
    except BadMessage:
        pass


# --- arguments


@given(NAMES, WORDS, st.integers(0, 3), st.integers(), st.integers())
def test_integer_gives_a_whole_number_in_range_or_says_what_would_be_right(name, rest, i, low, high):
    got = message(name, rest)
    try:
        value = got.integer(i, low, high)
    except BadArgument as error:
        assert str(error).startswith("%s takes a whole number, %d to %d: got " % (name, low, high))
        return
    assert type(value) is int and low <= value <= high
    assert value == int(got.args[i]) and got.args[i].isascii()


@given(st.integers(-(10**18), 10**18))
def test_every_integer_in_range_is_read(value):
    assert message("do", str(value)).integer(0, value, value) == value


@given(NAMES, WORDS, st.integers(0, 3), st.floats(), st.floats())
def test_number_gives_a_float_in_range_or_says_what_would_be_right(name, rest, i, low, high):
    got = message(name, rest)
    try:
        value = got.number(i, low, high)
    except BadArgument as error:
        assert str(error).startswith("%s takes a number, %s to %s: got " % (name, low, high))
        return
    assert type(value) is float and low <= value <= high
    assert value == float(got.args[i]) and got.args[i].isascii()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_as_it_is_printed(value):
    got = message("do", repr(value)).number(0, -math.inf, math.inf)
    assert math.copysign(1, got) == math.copysign(1, value) and got == value


@given(st.sampled_from(["nan", "-nan", "NaN", "inf", "-inf", "+Infinity", "infinity"]))
def test_what_is_no_number_is_none(word):
    try:
        value = message("do", word).number(0, -math.inf, math.inf)
    except BadArgument:
        return
    raise AssertionError(value)


@given(NAMES, TEXT, st.integers(0, 3), st.lists(st.text(LETTERS, min_size=1, max_size=5)))
def test_word_gives_one_of_the_choices_or_says_what_would_be_right(name, rest, i, choices):
    got = message(name, rest)
    try:
        assert got.word(i, choices) in choices
    except BadArgument as error:
        assert str(error).startswith("%s takes one of %s: got " % (name, ", ".join(choices)))
        assert i >= len(got.args) or got.args[i] not in choices


@given(TEXT, st.integers(0, 5))
def test_a_default_is_for_what_is_absent(rest, i):
    got = message("do", rest)
    default = object()
    absent = i >= len(got.args)
    for argument in (got.integer, got.number):
        try:
            assert (argument(i, -math.inf, math.inf, default) is default) == absent
        except BadArgument:
            assert not absent
    assert got.word(i, got.args, default) is default if absent else got.word(i, got.args, default) == got.args[i]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=8,
)


@given(JSON, st.booleans())
def test_json_comes_back(value, ascii):
    assert message("do", json.dumps(value, ensure_ascii=ascii)).json() == value


@given(TEXT | st.text('{}[]:,"\\u0d8 1-e.', max_size=50) | st.integers(1, 1000).map(lambda n: "[" * n))
def test_json_raises_bad_argument_only(rest):
    try:
        message("do", rest).json()
    except BadArgument as error:
        assert str(error).startswith("do takes JSON: got ")


# --- answers


@given(st.integers(0, 255), TEXT | TEXT.map(lambda text: text * 300))
def test_an_answer_is_one_line_of_text_that_fits(code, text):
    line = answer_line((code, text.encode(), TEXT))
    shown = line.decode()
    assert len(line) <= MESSAGE_MAX_BYTES and "\n" not in shown and "\r" not in shown
    assert shown.split(" ")[0] == ("ok" if code < 0x80 else "error") and is_answer(line)
    whole = ("ok" if code < 0x80 else "error") + (" " if text or code >= 0x80 else "") + text
    whole = whole.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    if shown != whole:
        assert shown[-1] == "…" and whole.startswith(shown[:-1])
        assert len(whole.encode()) > MESSAGE_MAX_BYTES
        assert len(line) + 4 > MESSAGE_MAX_BYTES  # not cut by more than a character


class Kitchen:
    """The plain side of a node whose handler `do` does as it is told."""

    def __init__(self, do):
        self.counts = {"rejected": 0, "failed": 0}
        self.heard = []
        handlers = Handlers(self.counts, lambda error: None)
        handlers.add("do", do)
        self.plain = Plain("kitchen", handlers, self.counts, lambda address: "hello kitchen", self.heard.append)

    def receive(self, data, alone=True):
        answer = self.plain.receive(data, ("127.0.0.1", 4000), alone, "127.0.0.2")
        if hasattr(answer, "send"):
            try:
                answer.send(None)
            except StopIteration as stop:
                return stop.value
        return answer


ANYTHING = (
    JSON | st.binary(max_size=2000) | st.text() | st.sets(st.integers()) | st.builds(bytearray) | st.builds(object)
)


@given(ANYTHING, st.booleans(), st.booleans())
def test_whatever_a_handler_returns_or_refuses_is_answered(result, refuse, later):
    def act():
        if refuse:
            raise BadArgument(result)
        return result

    async def do_later(message):
        return act()

    kitchen = Kitchen(do_later if later else lambda message: act())
    line = kitchen.receive(b"do it")
    assert len(line) <= MESSAGE_MAX_BYTES and b"\n" not in line and b"\r" not in line
    try:
        read_answer(line)
        assert not refuse
    except Refused as error:
        assert refuse or str(error) == "do failed"
    assert sum(kitchen.counts.values()) == (line[:2] != b"ok")


@given(DATA.map(lambda data: data[:RECEIVE_BYTES]), st.booleans())
def test_whatever_comes_is_answered_or_counted_and_no_answer_is_answered(data, alone):
    kitchen = Kitchen(lambda message: message.rest)
    answer = kitchen.receive(data, alone)
    if is_answer(data):
        assert answer is None
    elif alone:
        assert is_answer(answer) and Message.parse(answer).text.encode() == answer
        assert kitchen.receive(answer) is None
        assert kitchen.receive(answer, False) is None
    else:
        assert answer in (None, b"hello kitchen")
        assert answer is None or data[:3] == b"who"
    assert kitchen.counts["failed"] == 0


# --- targets and searches


@given(st.text() | st.text(LETTERS + ":") | st.text("0123456789.:"))
def test_a_target_is_an_endpoint_or_a_name_or_the_callers_mistake(target):
    try:
        host, port, named = parse_target(target)
    except UsageError:
        return
    assert port is None or 0 < port < 65536
    if named:
        assert is_name(host)
    else:
        assert [0 <= int(part) < 256 for part in host.split(".")] == [True] * 4
    assert target.split(":")[0] == host or not named


@given(st.tuples(*[st.integers(0, 255)] * 4), st.integers(1, 65535))
def test_every_endpoint_is_a_target(address, port):
    host = "%d.%d.%d.%d" % address
    assert parse_target((host, port)) == parse_target("%s:%d" % (host, port)) == (host, port, False)
    assert parse_target(host) == (host, None, False)


@given(st.lists(DATA | st.lists(WORDS | st.just("kitchen")).map(lambda w: " ".join(["hello", *w]).encode())))
def test_a_search_takes_whatever_comes_back(datagrams):
    who = Who("kitchen")
    for data in datagrams:
        who.receive(data)
    assert all(is_name(name) for name in who.names)
    if who.endpoint:
        assert parse_target(who.endpoint) == (*who.endpoint, False)
    else:
        assert "kitchen" in str(who.unknown())
