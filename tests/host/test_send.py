"""`helio send`: one message, its answer, and what is said when there is none."""

import json
import re
import socket
from contextlib import contextmanager

import pytest
from helio_command import HERE, answering, free_port, helio, udp

from helio.limits import HOST_TIMEOUT_MS, WHO_TIMEOUT_MS
from helio.node import Node

AT = "127.44.2.1"
KEYS = {"target", "address", "message", "ok", "round_trip_ms"}


@contextmanager
def kitchen(name="kitchen", address=AT, port=0, coap_port=0):
    node = Node(name, address=address, port=port, coap_port=coap_port)

    @node.on("blink", "COUNT: flash the LED")
    def blink(message):
        return "blinked %d" % message.integer(0, 1, 100)

    @node.on("repeat", "TEXT: answers with it")
    def repeat(message):
        return message.rest

    @node.on("bytes")
    def some_bytes(message):
        return b"ok \x00\xff"

    with answering(node):
        yield node


@contextmanager
def mute():
    """A socket that hears and never answers."""
    with udp(AT) as sock:
        yield sock, "%s:%d" % sock.getsockname()


def at(node):
    return "%s:%d" % (node.address, node.coap_port)


def plainly(node):
    return "--plain", "%s:%d" % (node.address, node.port)


def test_the_reply_is_printed():
    with kitchen() as node:
        run = helio("send", at(node), "blink", 3)
        assert (run.returncode, run.stdout) == (0, "blinked 3\n")
        assert re.fullmatch(r"round trip \d+\.\d ms\n", run.stderr)
        run = helio("send", at(node), "repeat one\n \x1b two")
        assert run.stdout == "one\n \\x1b two\n"
        run = helio("send", *plainly(node), "blink", 3)
        assert (run.returncode, run.stdout, run.stderr) == (0, "blinked 3\n", "")
        run = helio("send", *plainly(node), "repeat  two  spaces")
        assert run.stdout == " two  spaces\n"


def test_an_answer_without_text_prints_nothing():
    with kitchen() as node:
        run = helio("send", at(node), "repeat")
        assert (run.returncode, run.stdout) == (0, "") and run.stderr.startswith("round trip ")
        run = helio("send", *plainly(node), "repeat")
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_refused_is_status_1_and_the_nodes_own_words():
    with kitchen() as node:
        run = helio("send", at(node), "blink", "lots")
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == "helio: blink takes a whole number, 1 to 100: got 'lots' (4.00)\n"
        run = helio("send", *plainly(node), "blink", "lots")
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == "helio: blink takes a whole number, 1 to 100: got 'lots'\n"


def test_bytes_are_shown_escaped():
    with kitchen() as node:
        assert helio("send", at(node), "bytes").stdout == "ok \\x00\\xff\n"
        result = json.loads(helio("send", "--json", at(node), "bytes").stdout)
        assert result["ok"] and result["reply"] is None and result["hex"] == "6f6b2000ff"


def test_64_kb_are_sent_and_answered():
    with kitchen() as node:
        text = "x" * 65536
        run = helio("send", at(node), "repeat", text)
        assert (run.returncode, run.stdout) == (0, text + "\n")


@pytest.mark.parametrize(
    "words",
    [("-5",), ("--json",), ("--help",), ("--", "-5"), ("--timeout", "x"), ("-5", "--plain", "all")],
    ids=" ".join,
)
def test_after_target_every_word_is_text(words):
    with kitchen() as node:
        run = helio("send", at(node), "repeat", *words)
        assert (run.returncode, run.stdout) == (0, " ".join(words) + "\n")
        run = helio("send", at(node), *words)
        assert run.returncode == 1 and "no %r here" % words[0] in run.stderr  # that is its name now


def test_options_stand_before_target():
    with kitchen() as node:
        run = helio("send", "--json", "--timeout", 5, at(node), "blink", 3)
        assert json.loads(run.stdout)["reply"] == "blinked 3"
    for option in ("--jsn", "-x", "-5"):  # a slip is not taken for a name
        run = helio("send", option, AT, "blink 3")
        assert run.returncode == 2 and option in run.stderr


def test_no_answer_says_what_to_try():
    with mute() as (_, target):
        run = helio("send", "--timeout", 0.2, target, "blink", 3)
        assert (run.returncode, run.stdout) == (1, "")
        assert "no answer" in run.stderr and "is it on" in run.stderr
        run = helio("send", "--plain", "--timeout", 0.2, target, "blink", 3)
        assert (run.returncode, run.stdout) == (1, "")
        assert "no answer from %s" % AT in run.stderr and "is it on" in run.stderr


def test_nothing_listening_is_said_at_once():
    port = free_port()
    for options in ((), ("--plain",)):
        run = helio("send", *options, "%s:%d" % (AT, port), "blink", 3)
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == "helio: something is at %s, but no helio on port %d\n" % (AT, port)


@pytest.mark.parametrize(
    "target",
    ["", "a b", "300.1.1.1", "1.2.3", "kitchen:", "kitchen:0", "kitchen:65536", "kitchen:x", ":1", "k\u00fcche"],
)
def test_a_bad_target_is_status_2(target):
    run = helio("send", target, "blink", 3)
    assert run.returncode == 2 and run.stdout == "" and len(run.stderr.splitlines()) == 1
    run = helio("send", "--json", target, "blink", 3)
    assert run.returncode == 2 and set(json.loads(run.stderr)) == {"error"}


@pytest.mark.parametrize(
    "options",
    [("--timeout", 0), ("--timeout", -1), ("--timeout", "nan"), ("--timeout", "inf"), ("--timeout", "1e300"),
     ("--interface", "192.0.2.1"), ("--interface", "lo"), ("--interface", HERE + ":1")],
    ids=str,
)  # fmt: skip
def test_a_wrong_option_is_status_2(options):
    run = helio("send", *options, "nobody", "blink 3")
    assert run.returncode == 2 and run.stdout == "" and len(run.stderr.splitlines()) == 1


def test_no_message_is_status_2():
    assert helio("send", AT).returncode == helio("send").returncode == 2


@pytest.mark.parametrize(
    "text, problem",
    [
        ("blink " + "x" * 65537, "what follows the name has at most 65536 bytes: got 65537"),
        ("", "the message is empty"),
        (" blink", "a message begins with a name"),
        ("bl\u00efnk", "a name is letters, digits"),
        ("say \udcff", "a message is UTF-8 text"),  # the byte 0xFF, as a shell passes it on
    ],
    ids=["long", "empty", "space", "name", "bytes"],
)
def test_what_is_no_message_is_not_sent(text, problem):
    with mute() as (sock, target):
        run = helio("send", target, text)
        assert run.returncode == 1 and problem in run.stderr and run.stdout == ""
        run = helio("send", "--json", target, text)
        assert run.returncode == 1 and json.loads(run.stdout)["message"] == text
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            sock.recv(4096)


def test_a_plain_message_has_at_most_1024_bytes():
    with mute() as (sock, target):
        text = "say " + "x" * 1020
        assert helio("send", "--plain", "--no-wait", target, text).returncode == 0
        assert sock.recv(4096).decode() == text
        run = helio("send", "--plain", "--no-wait", target, text + "x")
        assert run.returncode == 1 and "a message has at most 1024 bytes: got 1025" in run.stderr


def test_no_wait_returns_at_once():
    with mute() as (sock, target):
        run = helio("send", "--plain", "--no-wait", target, "blink", 3)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        assert sock.recv(4096) == b"blink 3"
        run = helio("send", "--no-wait", target, "blink", 3)
        assert run.returncode == 2 and "--no-wait goes with --plain" in run.stderr


def test_a_reply_cannot_command_the_terminal():
    with kitchen() as node:
        for text in ("\x1b[2J\x07", "\u202eevil"):
            assert helio("send", at(node), "repeat", text).stdout.strip("\n").isprintable()
        assert "\x1b" not in helio("send", at(node), "blink", "\x1b[2J").stderr


# --- names


def test_a_name_is_found():
    port = free_port()
    with kitchen(port=port) as node:
        for target in ("kitchen", "kitchen:%d" % node.coap_port):
            run = helio("send", "--interface", HERE, "--json", target, "blink 3", port=port)
            result = json.loads(run.stdout)
            assert (result["target"], result["address"], result["reply"]) == (target, AT, "blinked 3")
        run = helio("send", "--plain", "--interface", HERE, "kitchen", "blink 3", port=port)
        assert (run.returncode, run.stdout) == (0, "blinked 3\n")


def test_a_name_on_another_plain_port_is_found():
    with kitchen() as node:
        target = "kitchen:%d" % node.port
        run = helio("send", "--plain", "--interface", HERE, "--json", target, "blink 3")
        result = json.loads(run.stdout)
        assert (result["target"], result["address"], result["reply"]) == (target, AT, "blinked 3")


def test_a_node_that_takes_plain_messages_only():
    port = free_port()
    with kitchen(port=port, coap_port=None):
        run = helio("send", "--interface", HERE, "kitchen", "blink 3", port=port)
        assert (run.returncode, run.stdout) == (1, "")
        assert "kitchen takes plain messages only" in run.stderr


def test_an_unknown_name_lists_those_that_answered():
    assert WHO_TIMEOUT_MS + HOST_TIMEOUT_MS < 2000
    port = free_port()
    with kitchen(port=port), kitchen("attic", "127.44.2.2", port):
        run = helio("send", "--interface", HERE, "nobody", "blink 3", port=port)
        assert (run.returncode, run.stdout) == (1, "")
        assert "nobody called 'nobody' answered" in run.stderr
        assert "attic" in run.stderr and "kitchen" in run.stderr


def test_a_name_that_no_host_can_have_is_unknown_too():
    run = helio("send", "--interface", HERE, "a..b:%d" % free_port(), "blink 3")
    assert run.returncode == 1 and len(run.stderr.splitlines()) == 1
    assert "nobody called 'a..b' answered" in run.stderr


# --- all


def test_a_plain_message_to_all_says_on_how_many_networks_and_that_nobody_answers():
    port = free_port()
    with kitchen(port=port) as node:
        run = helio("send", "--plain", "--interface", HERE, "all", "blink 3", port=port)
        assert run.returncode == 0
        assert run.stdout == "sent on 1 network; nobody answers a broadcast\n"
        assert run.stderr == ""
        # a broadcast and a question after it arrive in that order
        assert json.loads(helio("send", *plainly(node), "status").stdout)["received"] >= 2


def test_a_plain_message_reaches_all():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(40)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.255.255.255", 0))
        port = sock.getsockname()[1]
        run = helio("send", "--plain", "--json", "--interface", HERE, "all", "blink", 3, port=port)
        assert sock.recv(4096) == b"blink 3"
        result = json.loads(run.stdout)
        assert result == {
            "target": "all", "address": None, "message": "blink 3", "ok": True, "round_trip_ms": None,
            "reply": "sent on 1 network; nobody answers a broadcast",
        }  # fmt: skip


def to_all(port, *words):
    return helio("send", "--interface", HERE, *words, port=port)


def test_a_confirmed_message_to_all_is_answered_by_each():
    port = free_port()
    with kitchen(port=port) as node, kitchen("attic", "127.44.2.2", port) as other:
        run = to_all(port, "all", "blink 3")
        assert (run.returncode, run.stderr) == (0, "")
        heading, *rows = [line.split() for line in run.stdout.splitlines()]
        assert heading == ["name", "address", "round", "trip", "answer"]
        assert [row[:2] + row[3:] for row in rows] == [
            ["attic", other.address, "ms", "blinked", "3"],
            ["kitchen", node.address, "ms", "blinked", "3"],
        ]
        results = [json.loads(line) for line in to_all(port, "--json", "all", "blink 3").stdout.splitlines()]
        assert [set(result) for result in results] == [KEYS | {"reply"}] * 2
        assert [result["target"] for result in results] == ["attic", "kitchen"]
        run = to_all(port, "all", "blink lots")
        assert run.returncode == 1 and "2 of 2 refused: attic, kitchen" in run.stderr
        assert run.stdout.count("blink takes a whole number") == 2


def test_a_node_that_does_not_answer_a_message_to_all_is_named():
    port = free_port()
    with kitchen(port=port), kitchen("attic", "127.44.2.2", port, coap_port=None):
        run = to_all(port, "all", "blink 3")
        assert run.returncode == 1 and "1 of 2 did not answer: attic" in run.stderr
        assert "blinked 3" in run.stdout and "takes plain messages only" in run.stdout
        run = to_all(port, "--json", "all", "blink 3")
        assert [json.loads(line)["ok"] for line in run.stdout.splitlines()] == [False, True]
        assert run.returncode == 1 and set(json.loads(run.stderr)) == {"error"}


def test_nobody_there_to_send_to():
    port = free_port()
    run = to_all(port, "all", "blink 3")
    assert (run.returncode, run.stdout) == (1, "") and "no node answered in 2 s" in run.stderr
    run = to_all(port, "all", " blink")
    assert (run.returncode, run.stdout) == (1, "") and "a message begins with a name" in run.stderr


# --- --json


def test_json_has_the_same_keys_whatever_comes_of_it():
    with kitchen() as node, mute() as (_, silent):
        answered = helio("send", "--json", at(node), "blink", 3)
        refused = helio("send", "--json", at(node), "blink", "lots")
        unanswered = helio("send", "--json", "--timeout", 0.2, silent, "blink 3")
        not_waited = helio("send", "--plain", "--json", "--no-wait", silent, "blink 3")
        not_sent = helio("send", "--json", silent, "x" * 1025)
    results = [json.loads(run.stdout) for run in (answered, refused, unanswered, not_waited, not_sent)]
    assert [run.returncode for run in (answered, refused, unanswered, not_waited, not_sent)] == [0, 1, 1, 0, 1]
    assert [result["ok"] for result in results] == [True, False, False, True, False]
    for result in results:
        assert set(result) == KEYS | {"reply" if result["ok"] else "error"}
    assert results[0]["reply"] == "blinked 3" and results[3]["reply"] is None
    assert results[0]["message"] == "blink 3" and results[0]["address"] == AT
    assert results[0]["round_trip_ms"] > 0 and results[1]["round_trip_ms"] > 0
    assert [result["round_trip_ms"] for result in results[2:]] == [None, None, None]
    for run in (refused, unanswered, not_sent):
        assert json.loads(run.stderr) == {"error": json.loads(run.stdout)["error"]}
    assert results[1]["error"] == "blink takes a whole number, 1 to 100: got 'lots' (4.00)"


def test_json_of_an_unknown_name_and_of_a_closed_port():
    port = free_port()
    closed = json.loads(helio("send", "--json", "%s:%d" % (AT, port), "blink 3").stdout)
    assert set(closed) == KEYS | {"error"} and closed["address"] == AT
    unknown = json.loads(helio("send", "--json", "--interface", HERE, "nobody:%d" % port, "blink 3").stdout)
    assert set(unknown) == KEYS | {"error"} and unknown["address"] is None and unknown["round_trip_ms"] is None
