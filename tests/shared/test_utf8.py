"""UTF-8 as RFC 3629 has it, whatever the interpreter's own decoder lets through."""

from helio import utf8

GOOD = (
    (b"", ""),
    (b"blink 3", "blink 3"),
    (b"\x00\x7f", "\x00\x7f"),
    (b"\xc2\x80 \xdf\xbf", "\x80 \u07ff"),
    (b"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf", "\u0800 \ud7ff \ue000 \uffff"),
    (b"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf", "\U00010000 \U0010ffff"),
    (b"\xe2\x82\xac\xf0\x9f\x98\x80", "€😀"),
)

BAD = (
    b"\x80",  # a continuation byte first
    b"\xbf abc",
    b"abc \xc3",  # cut short
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xe2\x28\xa1",  # no continuation byte where one must be
    b"\xc3\x28",
    b"\xf0\x28\x8c\xbc",
    b"\xc0\xaf",  # overlong
    b"\xc1\x81",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",  # surrogates
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",  # past U+10FFFF
    b"\xf5\x80\x80\x80",
    b"\xfe",
    b"\xff",
    "good, then €".encode() + b"\xed\xa0\x80",
)


def test_good_bytes_decode():
    for data, text in GOOD:
        assert utf8.decode(data) == text, data


def test_bad_bytes_raise_value_error():
    for data in BAD:
        try:
            utf8.decode(data)
        except ValueError:
            continue
        assert False, data


def test_escape_is_printable_ascii():
    assert utf8.escape(b"a b\xff\x00\n") == "a b\\xff\\x00\\x0a"
