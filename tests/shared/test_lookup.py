"""Targets, and the search for a node by its name."""

from helio.errors import UnknownTarget, UsageError
from helio.lookup import Who, parse_target

TARGETS = (
    ("kitchen", ("kitchen", None, True)),
    ("kitchen:10001", ("kitchen", 10001, True)),
    ("Kitchen-2_x.local", ("Kitchen-2_x.local", None, True)),
    ("42", ("42", None, True)),
    ("42:1", ("42", 1, True)),
    ("n" * 32, ("n" * 32, None, True)),
    ("192.168.1.55", ("192.168.1.55", None, False)),
    ("192.168.1.55:65535", ("192.168.1.55", 65535, False)),
    ("192.168.001.055", ("192.168.1.55", None, False)),  # the system would read 055 as octal
    ("0.0.0.0:1", ("0.0.0.0", 1, False)),
    ("localhost", ("127.0.0.1", None, False)),
    ("localhost:80", ("127.0.0.1", 80, False)),
    (("127.0.0.2", 10001), ("127.0.0.2", 10001, False)),
)
NO_PORT = (
    "kitchen:",
    "kitchen:0",
    "kitchen:65536",
    "kitchen:100000",
    "kitchen:010001",
    "kitchen:x",
    "kitchen:-1",
    "kitchen:+1",
    "a:1:2",
)
NO_ADDRESS = ("192.168.1", "192.168.1.256", "192.168.1.1.1", "1..2.3", "1.2.3.", "1.2.3.0004", ".", "...")
NEITHER = ("", ":1", "kit chen", "kitchen ", "küche", "n" * 33, "a/b", "a\n", "http//a")


def why(target):
    try:
        return "parsed: %r" % (parse_target(target),)
    except UsageError as error:
        return str(error)


def test_targets():
    for target, parsed in TARGETS:
        assert parse_target(target) == parsed, target


def test_no_targets():
    for target in NO_PORT + ("kitchen:٣", "kitchen:²"):
        assert "has no port after its colon: write it like kitchen:10001" in why(target), target
    for target in NO_ADDRESS:
        assert "is not an address: four numbers up to 255, like 192.168.1.55" in why(target), target
    for target in NEITHER:
        assert "is neither a name nor an address: write kitchen, or 192.168.1.55" in why(target), target


def test_a_search_asks_for_the_name_and_every_second_time_for_all():
    who = Who("kitchen")
    asked = [(elapsed_ms, who.due(elapsed_ms)) for elapsed_ms in range(0, 1200, 20)]
    assert [one for one in asked if one[1]] == [(0, b"who kitchen"), (400, b"who"), (800, b"who kitchen")]


def test_the_node_of_the_name_is_found():
    who = Who("kitchen")
    who.receive(b"hello kitchen 192.168.1.55 10001 5683 esp32\n")
    assert who.endpoint == ("192.168.1.55", 10001, 5683)
    assert (who.place(False), who.place(True)) == (("192.168.1.55", 10001), ("192.168.1.55", 5683))
    assert who.names == []


def test_the_others_that_answered_are_listed_once_and_in_order():
    who = Who("kitchen")
    assert str(who.unknown()) == "nobody called 'kitchen' answered; nor did any other node"
    for data in (
        b"hello hall 192.168.1.57 10001 - esp32",
        b"hello attic 192.168.1.56 10001 5683 esp32",
        b"hello hall 192.168.1.57 10001 - esp32",
        b"hello Kitchen 192.168.1.58 10001 5683 linux",
    ):
        who.receive(data)
    assert who.endpoint is None
    assert isinstance(who.unknown(), UnknownTarget)
    assert str(who.unknown()) == "nobody called 'kitchen' answered; these did: Kitchen, attic, hall"


def test_what_is_no_hello_is_passed_over():
    who = Who("kitchen")
    for text in (
        "",
        "ok",
        "ok kitchen 192.168.1.55 10001",
        "who kitchen",
        "hello",
        "hello kitchen",
        "hello kitchen 192.168.1.55",
        "hello kitchen 192.168.1.55 ²",
        "hello kitchen 192.168.1.55 x",
        "hello kitchen 192.168.1.55 0",
        "hello kitchen 192.168.1.55 65536",
        "hello kitchen 192.168.1.55:1 10001",
        "hello kitchen elsewhere.example 10001",
        "hello kitchen 192.168.1.256 10001",
        "hello k!tchen 192.168.1.55 10001",
        "hello \x1b[2J 192.168.1.55 10001",
        "hello kitchen 192.168.1.55 10001" + " x" * 1000,
    ):
        who.receive(text.encode())
        assert who.endpoint is None and who.names == [], text
    who.receive(b"hello kitchen \xff\xfe 10001")
    assert who.endpoint is None


def test_the_system_is_asked_for_the_name_in_local():
    assert Who("kitchen").host == "kitchen.local"
    assert Who("kitchen.local").host == "kitchen.local"
    assert Who("board.example").host == "board.example"
