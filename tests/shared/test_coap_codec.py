"""CoAP messages as bytes and back: every case both ways, and cut short everywhere."""

from helio.coap import codec
from helio.coap.codec import ACK, CON, NON, RST, decode, encode
from helio.errors import BadMessage, UsageError

LONG = bytes(range(256)) * 2

CASES = (
    ((CON, 0, 0, b"", [], b""), b"\x40\x00\x00\x00"),
    ((RST, 0, 0xFFFF, b"", [], b""), b"\x70\x00\xff\xff"),
    ((ACK, 0x45, 0x1234, b"", [], b"22.3 C"), b"\x60\x45\x12\x34\xff22.3 C"),
    ((CON, 1, 1, b"\x20", [(11, b"temperature")], b""), b"\x41\x01\x00\x01\x20\xbbtemperature"),
    ((NON, 2, 7, b"12345678", [(12, b""), (12, b"\x28")], b"3"), b"\x58\x02\x00\x0712345678\xc0\x01\x28\xff3"),
    ((CON, 1, 2, b"", [(11, b"a"), (11, b""), (11, b"b")], b""), b"\x40\x01\x00\x02\xb1a\x00\x01b"),
    # deltas and lengths on both sides of where they grow a byte
    ((NON, 1, 3, b"", [(12, LONG[:12])], b""), b"\x50\x01\x00\x03\xcc" + LONG[:12]),
    ((NON, 1, 3, b"", [(13, LONG[:13])], b""), b"\x50\x01\x00\x03\xdd\x00\x00" + LONG[:13]),
    ((NON, 1, 3, b"", [(268, LONG[:268])], b""), b"\x50\x01\x00\x03\xdd\xff\xff" + LONG[:268]),
    ((NON, 1, 3, b"", [(269, LONG[:269])], b""), b"\x50\x01\x00\x03\xee\x00\x00\x00\x00" + LONG[:269]),
    ((NON, 1, 3, b"", [(65535, b"x")], b"\xff"), b"\x50\x01\x00\x03\xe1\xfe\xf2x\xff\xff"),
    ((NON, 1, 3, b"", [(11, b"x"), (252, b"12345678")], b""), b"\x50\x01\x00\x03\xb1x\xd8\xe412345678"),
    ((CON, 0xE7, 9, b"t", [], b""), b"\x41\xe7\x00\x09t"),  # a code the layer above has to refuse
)

BAD = (
    b"",
    b"\x40",
    b"\x40\x01\x00",
    b"\x00\x01\x00\x00",  # version 0, 2, 3
    b"\x80\x01\x00\x00",
    b"\xc0\x01\x00\x00",
    b"\x49\x01\x00\x00123456789",  # a token of 9, 15
    b"\x4f\x01\x00\x00123456789012345",
    b"\x44\x01\x00\x00123",
    b"\x40\x01\x00\x00\xff",  # nothing after the marker
    b"\x40\x01\x00\x00\x10\xff",
    b"\x40\x01\x00\x00\xf0",  # reserved delta, length
    b"\x40\x01\x00\x00\xf1x",
    b"\x40\x01\x00\x00\x1f" + LONG,
    b"\x40\x01\x00\x00\x12x",  # cut short
    b"\x40\x01\x00\x00\xd0",
    b"\x40\x01\x00\x00\xe0\x00",
    b"\x40\x01\x00\x00\x0d",
    b"\x40\x01\x00\x00\x0e\x00",
    b"\x40\x01\x00\x00\xdd\x00",
    b"\x40\x01\x00\x00\xe0\xff\xff",  # option 65804
    b"\x40\x01\x00\x00\xe0\xfe\xf2\x10",  # option 65536
    b"\x41\x00\x00\x00t",  # an Empty message with a token, an option, a payload
    b"\x40\x00\x00\x00\x10",
    b"\x60\x00\x00\x00\xffp",
)


def test_cases_both_ways():
    for message, data in CASES:
        assert encode(*message) == data, message
        assert decode(data) == message, data


def test_bad_bytes_are_bad_messages():
    for data in BAD:
        try:
            decode(data)
        except BadMessage:
            continue
        raise AssertionError(data)


def test_cut_short_at_every_length():
    for message, data in CASES:
        for end in range(len(data)):
            try:
                part = decode(data[:end])
            except BadMessage:
                continue
            assert encode(*part) == data[:end], (message, end)


def test_options_out_of_order_are_the_callers_mistake():
    try:
        encode(CON, 1, 1, b"", [(12, b""), (11, b"a")], b"")
    except UsageError:
        return
    raise AssertionError


def test_uints_are_minimal():
    for number, value in ((0, b""), (1, b"\x01"), (255, b"\xff"), (256, b"\x01\x00"), (0xFFFFFF, b"\xff\xff\xff")):
        assert codec.uint_bytes(number) == value
        assert codec.uint(value) == number
    assert codec.uint(b"\x00\x00\x07") == 7


def test_blocks_both_ways():
    for block, value in (
        ((0, False, 16), b""),
        ((0, True, 16), b"\x08"),
        ((1, False, 32), b"\x11"),
        ((15, True, 1024), b"\xfe"),
        ((16, True, 512), b"\x01\x0d"),
        ((0xFFFFF, True, 1024), b"\xff\xff\xfe"),
    ):
        assert codec.block_bytes(*block) == value
        assert codec.block(value) == block
    assert codec.block(None) is None
    try:
        codec.block(b"\x07")
    except BadMessage:
        return
    raise AssertionError


def test_an_option_goes_after_its_equals():
    options = [(4, b"a"), (11, b"b"), (11, b"c"), (12, b"")]
    assert codec.with_option(options, 11, b"d") == [(4, b"a"), (11, b"b"), (11, b"c"), (11, b"d"), (12, b"")]
    assert codec.with_option(options, 1, b"d")[0] == (1, b"d")
    assert codec.with_option((), 60, b"") == [(60, b"")]
    assert len(options) == 4
    assert codec.option(options, 11) == b"b"
    assert codec.option(options, 5) is None


def test_what_is_understood():
    assert codec.understood([]) == []
    # an elective option is passed over: unknown, of a wrong length, or one too many
    assert codec.understood([(4, b""), (4, b"123456789"), (4, b"e"), (12, b"123"), (2048, b"x")]) == [(4, b"e")]
    assert codec.understood([(12, b""), (12, b"\x01")]) == [(12, b"")]
    # a critical one is not
    for bad in ((9, b""), (65001, b"x"), (11, b"x" * 256), (3, b""), (5, b"x"), (17, b"123"), (23, b"1234")):
        assert codec.understood([bad]) is None, bad
    assert codec.understood([(17, b""), (17, b"")]) is None
    assert codec.understood([(11, b""), (11, b"")]) == [(11, b""), (11, b"")]
