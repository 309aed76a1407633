"""A message as text, as a name with arguments, as JSON; and what is none."""

from helio.errors import BadArgument, BadMessage
from helio.message import Message, is_name, without_newline

# what is sent: name, rest, args
PARSED = (
    ("blink", "blink", "", []),
    ("blink ", "blink", "", []),
    ("blink 3", "blink", "3", ["3"]),
    ("blink  3 ", "blink", " 3 ", ["3"]),
    ("say hello there", "say", "hello there", ["hello", "there"]),
    ("say \ta\x0bb\x0cc\rd\ne ", "say", "\ta\x0bb\x0cc\rd\ne ", ["a", "b", "c", "d", "e"]),
    ("say árvíztűrő 😀", "say", "árvíztűrő 😀", ["árvíztűrő", "😀"]),
    ("say \x00\x7f", "say", "\x00\x7f", ["\x00\x7f"]),
    ('stock {"id": 12}', "stock", '{"id": 12}', ['{"id":', "12}"]),
    ("Blink-3_x.y Z", "Blink-3_x.y", "Z", ["Z"]),
    ("-", "-", "", []),
    ("n" * 32 + " x", "n" * 32, "x", ["x"]),
)

# what is sent: the sentence
NO_MESSAGE = (
    (b"", "the message is empty: send a name and then its arguments, like 'blink 3'"),
    (b"\n", "the message is empty: send a name and then its arguments, like 'blink 3'"),
    (b"\r\n", "the message is empty: send a name and then its arguments, like 'blink 3'"),
    (b" ", "a message begins with a name, like 'blink 3': got a space first"),
    (b" blink 3", "a message begins with a name, like 'blink 3': got a space first"),
    (b"n" * 33, "a name has at most 32 characters: got 33"),
    (b"blink!", "a name is letters, digits, '-', '_' and '.': got 'blink!'"),
    (b"blink\t3", "a name is letters, digits, '-', '_' and '.': got 'blink\\t3'"),
    (b"blink\n\n", "a name is letters, digits, '-', '_' and '.': got 'blink\\n'"),
    (b"blink\r", "a name is letters, digits, '-', '_' and '.': got 'blink\\r'"),
    (b"\n3", "a name is letters, digits, '-', '_' and '.': got '\\n3'"),
    (b"blink \xff", "a message is UTF-8 text: got bytes that are not"),
    (b"blink \xed\xa0\x80", "a message is UTF-8 text: got bytes that are not"),
    (b"say " + b"x" * 1021, "a message has at most 1024 bytes: got 1025 or more"),
    (b"say " + b"x" * 1021 + b"\n", "a message has at most 1024 bytes: got 1025 or more"),
    (b"say " + "é".encode() * 511, "a message has at most 1024 bytes: got 1026 or more"),
    (b"say " + b"x" * 1020 + b"\n\n", "a message has at most 1024 bytes: got 1025 or more"),
)


def sentence(error, function, *arguments):
    """What `function` says when it raises `error`."""
    try:
        result = function(*arguments)
    except error as raised:
        assert type(raised) is error
        return str(raised)
    raise AssertionError(arguments, result)


def test_parsed():
    for text, name, rest, args in PARSED:
        for data in (text, text.encode(), text.encode() + b"\n", text.encode() + b"\r\n"):
            message = Message.parse(data)
            assert (message.text, message.name, message.rest, message.args) == (text, name, rest, args), data


def test_sender_is_kept():
    assert Message.parse(b"blink 3", ("127.0.0.1", 10001)).sender == ("127.0.0.1", 10001)
    assert Message.parse(b"blink 3").sender is None


def test_one_newline_at_the_end_is_not_part_of_a_message():
    for data, text in ((b"a 1\n\n", "a 1\n"), (b"a 1\n\r\n", "a 1\n"), (b"a 1\r\r\n", "a 1\r"), (b"a 1\r", "a 1\r")):
        assert Message.parse(data).text == text, data
        assert without_newline(data) == text.encode(), data


def test_1024_bytes_are_a_message_with_a_newline_or_without():
    text = "say " + "x" * 1020
    for newline in ("", "\n", "\r\n"):
        assert Message.parse(text + newline).text == text
    text = "say " + "é" * 510
    assert Message.parse(text + "\r\n").text == text


def test_no_message():
    for data, why in NO_MESSAGE:
        assert sentence(BadMessage, Message.parse, data) == why, data


def test_a_name_beyond_ascii_is_none():
    for text in ("é", "blink٣", "ﬁ", "１", "\xa0", "\ufeffblink"):
        assert "a name is letters" in sentence(BadMessage, Message.parse, text), text
        assert not is_name(text)


def test_half_a_surrogate_pair_is_not_sent():
    assert sentence(BadMessage, Message.parse, "say \ud800") == "a message is UTF-8 text: got bytes that are not"


def test_names():
    for name in ("a", "Z", "0", "-", "_", ".", "a.b-c_d", "n" * 32):
        assert is_name(name), name
    for name in ("", " ", "a b", "a\n", "a\x00", "a/b", "a:1", "ä", "n" * 33):
        assert not is_name(name), name


def test_whatever_stands_before_the_first_space_is_the_name_of_what_is_only_listened_to():
    for text in ("", " ", "b!ink 3", "\\xff\\x00 2", "blink "):
        message = Message.of(text)
        assert message.text == text and message.name == text.split(" ")[0]


def test_args_are_split_alike_on_both_interpreters():
    spaces = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    for space in spaces + "\u200a\u2028\u2029\u202f\u205f\u3000":
        assert Message.parse("say a" + space + "b" + space).args == ["a", "b"], space
    for other in "\x00\x08\x0e\x1b\x7f\x84\xa1\u180e\u200b\u2060\ufeff":
        assert Message.parse("say a" + other + "b").args == ["a" + other + "b"], other


# --- whole numbers

WHOLE = (("1", 1), ("100", 100), ("+7", 7), ("007", 7), ("0" * 17 + "100", 100))
NOT_WHOLE = (
    "lots",
    "0",
    "101",
    "-1",
    "1.0",
    "1e1",
    "1_0",
    "0x10",
    "+",
    "-",
    "+-1",
    "--1",
    "٣",
    "１",
    "²",
    "1\x00",
    "9" * 20,
)


def test_integer():
    for word, value in WHOLE:
        assert Message.parse("blink " + word).integer(0, 1, 100) == value, word
    assert Message.parse("set -5 -0").integer(0, -5, 5) == -5
    assert Message.parse("set -5 -0").integer(1, -5, 5) == 0


def test_integer_says_what_would_be_right():
    for word in NOT_WHOLE:
        why = sentence(BadArgument, Message.parse("blink " + word).integer, 0, 1, 100)
        assert why.startswith("blink takes a whole number, 1 to 100: got '"), why
    message = Message.parse("blink lots")
    assert sentence(BadArgument, message.integer, 0, 1, 100) == "blink takes a whole number, 1 to 100: got 'lots'"
    assert sentence(BadArgument, message.integer, 1, 1, 100) == "blink takes a whole number, 1 to 100: got nothing"


def test_a_number_that_is_too_long_to_mean_anything_is_not_read():
    for digits in ("0" * 20 + "7", "7" * 5000):  # over 4,300 CPython's int() raises
        why = sentence(BadArgument, Message("blink", digits).integer, 0, 1, 100)
        assert "got '" + digits[:40] in why


def test_a_default_stands_in_for_an_absent_argument_only():
    message = Message.parse("blink 3")
    for argument in (message.integer, message.number):
        assert argument(0, 1, 100, 7) == 3
        assert argument(1, 1, 100, 7) == 7
        assert argument(1, 1, 100, None) is None
    assert message.word(1, ("on", "off"), "off") == "off"
    wrong = Message.parse("blink x")
    assert "got 'x'" in sentence(BadArgument, wrong.integer, 0, 1, 100, 7)
    assert "got 'x'" in sentence(BadArgument, wrong.number, 0, 1, 100, 7)
    assert "got 'x'" in sentence(BadArgument, wrong.word, 0, ("on", "off"), "off")


def test_a_long_argument_is_not_repeated_whole():
    message = Message.parse("blink " + "x" * 1000)
    why = "blink takes a whole number, 1 to 100: got '" + "x" * 40 + "'…"
    assert sentence(BadArgument, message.integer, 0, 1, 100) == why
    assert sentence(BadArgument, Message.parse("blink " + "x" * 40).integer, 0, 1, 100) == why[:-1]


# --- numbers

NUMBERS = (
    ("1", 1.0),
    ("-2.5", -2.5),
    ("+.5", 0.5),
    ("5.", 5.0),
    ("1e2", 100.0),
    ("1.5E-1", 0.15),
    ("-0.012345678901234568", -0.012345678901234568),
    ("0." + "0" * 30 + "1", 1e-31),
)
NO_NUMBERS = (
    ("lots", "nan", "inf", "-Infinity", "1_0", "0x1", "1,5", "1e", "1e+", "1.2.3", "1-1", "--1", "٣", "1\x00")
    + (".", "-", "+.", "-.", "e5", ".e5", "-e5", "+.e-5", "e", "E1")  # no digit before the e: some are 0 to MicroPython
    + ("1e999", "-1e999", "1e9999999999", "101", "-101")
)


def test_number():
    for word, value in NUMBERS:
        got = Message.parse("dim " + word).number(0, -100, 100)
        assert isinstance(got, float) and abs(got - value) <= abs(value) * 1e-6, word


def test_number_says_what_would_be_right():
    for word in NO_NUMBERS:
        why = sentence(BadArgument, Message.parse("dim " + word).number, 0, -100, 100)
        assert why.startswith("dim takes a number, -100 to 100: got '"), why
    message = Message.parse("dim lots")
    assert sentence(BadArgument, message.number, 0, 0, 1.5) == "dim takes a number, 0 to 1.5: got 'lots'"
    assert sentence(BadArgument, message.number, 1, 0, 1.5) == "dim takes a number, 0 to 1.5: got nothing"


# --- words and JSON


def test_word():
    message = Message.parse("led on")
    assert message.word(0, ("on", "off")) == "on"
    assert sentence(BadArgument, message.word, 0, ["red", "green"]) == "led takes one of red, green: got 'on'"
    assert sentence(BadArgument, message.word, 1, ("on", "off")) == "led takes one of on, off: got nothing"
    assert sentence(BadArgument, Message.parse("led On").word, 0, ("on", "off")) == "led takes one of on, off: got 'On'"


def test_json():
    for text, value in (
        ('{"id": 12, "price": 9.5}', {"id": 12, "price": 9.5}),
        (' [1, null, true, "é\\n\\u00e9"] ', [1, None, True, "é\né"]),
        ("1" + "0" * 30, 10**30),
        ('""', ""),
        ("[" * 50 + "]" * 50, None),
    ):
        got = Message.parse("stock " + text).json()
        assert got == value or value is None and got, text


def test_json_says_what_would_be_right():
    assert sentence(BadArgument, Message.parse("stock").json) == "stock takes JSON: got nothing"
    assert sentence(BadArgument, Message.parse("stock ").json) == "stock takes JSON: got nothing"
    assert sentence(BadArgument, Message.parse("stock twelve").json) == "stock takes JSON: got 'twelve'"
    for text in ("nan", "{", "[1", "tru", "{} {}", "'a'", '"a', '{"a":', "+1", "-", "1.2.3", "[]]"):
        assert "stock takes JSON: got" in sentence(BadArgument, Message.parse("stock " + text).json), text


def test_json_nested_too_deep_is_the_senders_mistake():
    text = '{"":' * 250
    for nested in ("[" * 1018, text + "1" + "}" * 200):
        assert "stock takes JSON: got" in sentence(BadArgument, Message.parse("stock " + nested[:1018]).json)
    confirmed = Message("stock", "[" * 20000 + "]" * 20000)  # 64 KB may follow a name there
    try:
        assert confirmed.json()
    except BadArgument:
        pass
