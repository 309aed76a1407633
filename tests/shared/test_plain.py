"""Plain datagrams: which are answered, and with what line."""

from helio.errors import BadArgument, BadMessage, NoAnswer, Refused
from helio.handlers import BYTES, TEXT, Handlers
from helio.plain import RECEIVE_BYTES, Plain, answer_line, is_answer
from helio.question import encoded, no_answer, read_answer

SENDER = ("127.0.0.9", 4000)
HELLO = b"hello kitchen 127.0.0.2 10001 - virtual"


class Kitchen:
    """The plain side of a node called `kitchen`, and all it knows."""

    def __init__(self):
        self.counts = {"rejected": 0, "failed": 0}
        self.messages = []
        handlers = Handlers(self.counts, lambda error: None)
        for handler in (blink, wait, echo, fail, binary, status):
            handlers.add(handler.__name__, handler)
        self.plain = Plain("kitchen", handlers, self.counts, self.hello, self.messages.append)

    def hello(self, address):
        return "hello kitchen %s 10001 - virtual" % address

    def receive(self, data, alone=True):
        answer = self.plain.receive(data, SENDER, alone, "127.0.0.2")
        return finish(answer) if hasattr(answer, "send") else answer


def blink(message):
    message.integer(0, 1, 100)


async def wait(message):
    return "done"


def echo(message):
    return message.rest


def fail(message):
    raise ValueError("secret")


def binary(message):
    return bytes([int(message.rest[at : at + 2], 16) for at in range(0, len(message.rest), 2)])


def status(message):
    return {"name": "kitchen"}


def finish(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it goes on")


# a datagram sent to the node alone: its answer
ALONE = (
    (b"blink 3", b"ok"),
    (b"blink 3\n", b"ok"),
    (b"blink 3\r\n", b"ok"),
    (b"wait", b"ok done"),
    (b"ping", b"ok pong"),
    (b"status", b'ok {"name":"kitchen"}'),
    (b"help", b"ok binary blink echo fail help ping status wait"),
    (b"echo", b"ok"),
    (b"echo  a ", b"ok  a "),
    (b"echo a\nb\r\nc\rd\n\n", b"ok a b c d "),
    ("echo kész 😀".encode(), "ok kész 😀".encode()),
    (b"who", HELLO),
    (b"who kitchen", HELLO),
    (b"who hall", HELLO),
    (b"blink lots", b"error blink takes a whole number, 1 to 100: got 'lots'"),
    (b"blink", b"error blink takes a whole number, 1 to 100: got nothing"),
    (b"fail", b"error fail failed"),
    (b"binary ff00", b"ok \\xff\\x00"),
    (b"binary 0d0aff", b"ok \\x0d\\x0a\\xff"),
    (b"binary c3a90a", "ok é ".encode()),
    (b"Blink 3", b"error no 'Blink' here: there are binary, blink, echo, fail, help, ping, status, wait"),
    (b"okay", b"error no 'okay' here: there are binary, blink, echo, fail, help, ping, status, wait"),
    (b"", b"error the message is empty: send a name and then its arguments, like 'blink 3'"),
    (b"\xff\xff", b"error a message is UTF-8 text: got bytes that are not"),
    (b"echo " + b"x" * 1020, b"error a message has at most 1024 bytes: got 1025 or more"),
    (b"ok\tdone", b"error a name is letters, digits, '-', '_' and '.': got 'ok\\tdone'"),
)

# what is itself an answer, well-formed or not
ANSWERS = (
    (b"ok", b"ok\n", b"ok\r\n", b"ok ", b"ok pong", b"ok \xff", b"ok " + b"x" * 2000)
    + (b"error", b"error blink failed", b"error \xff\xff", b"error " + b"x" * 2000)
    + (b"hello", HELLO, b"hello \xc0\x80", b"welcome", b"welcome TIME=1 FEEDS=http://127.0.0.1/", b"welcome \xff")
)


def test_what_came_to_this_node_alone_is_answered():
    for data, answer in ALONE:
        assert Kitchen().receive(data) == answer, data


def test_of_what_came_to_all_only_who_is_answered():
    for data, _ in ALONE:
        expected = HELLO if data in (b"who", b"who kitchen") else None
        assert Kitchen().receive(data, alone=False) == expected, data


def test_who_is_answered_by_the_node_of_that_name():
    for data in (b"who\n", b"who ", b"who  ", b"who kitchen\r\n", b"who  kitchen ", "who kitchen\xa0".encode()):
        assert Kitchen().receive(data, alone=False) == HELLO, data
    for data in (b"who hall", b"who Kitchen", b"who kitchen hall", b"who kitche", b"WHO"):
        assert Kitchen().receive(data, alone=False) is None, data


def test_hello_says_the_address_that_was_asked():
    answer = Kitchen().plain.receive(b"who", SENDER, True, "127.0.0.7")
    assert answer == b"hello kitchen 127.0.0.7 10001 - virtual"


def test_an_answer_is_never_answered():
    for data in ANSWERS:
        for alone in (True, False):
            assert Kitchen().receive(data, alone) is None, data


def test_what_answers_is_never_answered_by_the_one_who_asked():
    for data, answer in ALONE:
        assert Kitchen().receive(answer) is None, (data, answer)


def test_what_came_to_all_is_acted_on():
    for alone in (True, False):
        kitchen = Kitchen()
        for data in (b"blink 3", b"blink lots", b"fail", b"unknown", b"wait", b"\xff", b"", b"ok \xff"):
            kitchen.receive(data, alone)
        assert kitchen.counts == {"rejected": 5, "failed": 1}
        assert [message.text for message in kitchen.messages] == ["blink 3", "blink lots", "fail", "unknown", "wait"]


def test_every_message_but_who_is_passed_on_with_its_sender():
    kitchen = Kitchen()
    for data in (b"who", b"who kitchen", b"ping", b"ok pong", b"hello hall 127.0.0.3 10001 - virtual"):
        kitchen.receive(data)
    texts = ["ping", "ok pong", "hello hall 127.0.0.3 10001 - virtual"]
    assert [message.text for message in kitchen.messages] == texts
    assert {message.sender for message in kitchen.messages} == {SENDER}


def test_what_is_received_is_enough_to_know_that_it_was_too_long():
    for newline in (b"", b"\n", b"\r\n"):
        data = b"echo " + b"x" * 1019 + newline
        assert len(data) <= RECEIVE_BYTES and Kitchen().receive(data)[:2] == b"ok"
    for data in (b"echo " + b"x" * 3000, b"echo " + b"x" * 1019 + b"\r\n" * 1000, b"echo " + b"x" * 1021 + b"\n"):
        assert b"error a message has at most 1024 bytes" in Kitchen().receive(data[:RECEIVE_BYTES])


# --- lines


def test_answer_lines():
    for reply, line in (
        ((0x44, b""), b"ok"),
        ((0x44, b"done"), b"ok done"),
        ((0x45, b"done"), b"ok done"),
        ((0x5F, b"done"), b"ok done"),
        ((0x80, b"what"), b"error what"),
        ((0xA0, b"do failed"), b"error do failed"),
        ((0x44, b"\n"), b"ok  "),
        ((0x44, b"a\r\n\r\nb\rc\n"), b"ok a  b c "),
        ((0x44, b"a\rb"), b"ok a b"),
        ((0x80, b"a\nb"), b"error a b"),
    ):
        assert answer_line(reply + (TEXT,)) == line, reply
    assert answer_line((0x44, b"\x00\xff\n", BYTES)) == b"ok \\x00\\xff\\x0a"
    assert answer_line((0x44, "é".encode(), BYTES)) == "ok é".encode()


def test_a_long_line_is_cut_at_a_character_and_says_so():
    ellipsis = "…".encode()
    assert answer_line((0x44, b"x" * 1021, TEXT)) == b"ok " + b"x" * 1021
    assert answer_line((0x44, b"x" * 1022, TEXT)) == b"ok " + b"x" * 1018 + ellipsis
    assert answer_line((0x80, b"x" * 5000, ())) == b"error " + b"x" * 1015 + ellipsis
    for character in ("é", "€", "😀"):
        for shift in range(4):
            text = "x" * shift + character * 600
            line = answer_line((0x44, text.encode(), TEXT))
            assert len(line) <= 1024 and line[-3:] == ellipsis
            kept = line[3:-3].decode()
            assert text[: len(kept)] == kept
            assert len(line) + len(character.encode()) > 1024


def test_a_text_to_send_is_a_message():
    assert encoded("blink 3") == b"blink 3"
    assert encoded("blink 3\n") == b"blink 3"
    assert encoded("say kész") == "say kész".encode()
    for text in ("", "\n", " 3", "b!ink", "say " + "x" * 1021, "say \ud800"):
        try:
            encoded(text)
        except BadMessage:
            continue
        raise AssertionError(text)


def test_answers_are_read():
    for data, text in (
        (b"ok", ""),
        (b"ok\r\n", ""),
        (b"ok ", ""),
        (b"ok done\n", "done"),
        (b"ok  a b ", " a b "),
        (b"blink 3", None),
        (HELLO, None),
        (b"okay", None),
    ):
        assert read_answer(data) == text, data
    for data, error, text in (
        (b"error do failed", Refused, "do failed"),
        (b"error", Refused, ""),
        (b"ok \xff", BadMessage, "what came back is no answer: a message is UTF-8 text: got bytes that are not"),
    ):
        try:
            read_answer(data)
        except error as raised:
            assert str(raised) == text, data
            continue
        raise AssertionError(data)


def test_is_answer():
    for data in ANSWERS:
        assert is_answer(data), data
    for data in (b"", b" ok", b"okay", b"OK", b"o", b"okk x", b"errors 1", b"hello! x", b"welcomes you", b"ping ok"):
        assert not is_answer(data), data


def test_no_answer_says_where_and_how_long():
    error = no_answer("127.0.0.2", 10001, 0.5)
    assert isinstance(error, NoAnswer)
    assert str(error).startswith("no answer from 127.0.0.2 port 10001 in 0.5 s:")


def test_a_handlers_own_sentence_stays_one_line():
    def refuse(message):
        raise BadArgument("one\ntwo" + message.json())

    handlers = Handlers({"rejected": 0, "failed": 0}, lambda error: None)
    handlers.add("do", refuse)
    plain = Plain("kitchen", handlers, {"rejected": 0}, None, lambda message: None)
    assert plain.receive(b'do "\\n!"', SENDER, True, "127.0.0.2") == b"error one two !"
    assert plain.receive(b'do "\\ud800"', SENDER, True, "127.0.0.2").decode().startswith("error one")
