"""`helio listen`: it shows what comes, as it is, and answers nothing."""

import json
import signal
import socket
from contextlib import ExitStack

import pytest
from helio_command import HERE, TIMEOUT_S, Running, helio, udp

AT = "127.44.1.1"


class Listening(Running):
    """A `helio listen` that says on which port it listens, and a socket to send to it."""

    def __init__(self, *words, address=AT):
        super().__init__("listen", "--port", 0, "--bind", address, *words)
        first = (self.err if "--json" in words else self.out).next()
        assert first.startswith("listening on %s port " % address), first
        self.endpoint = address, int(first.split()[-1])
        self.sock = udp()

    def __exit__(self, *error):
        self.sock.close()
        super().__exit__(*error)

    def send(self, data):
        self.sock.sendto(data, self.endpoint)


def test_first_the_address_and_port_then_a_line_a_message():
    with Listening() as listen:
        listen.send(b"hello from me")
        clock, sender, text = listen.out.next().split(None, 2)
        assert (sender, text) == ("%s:%d" % listen.sock.getsockname(), "hello from me")
        assert [len(part) for part in clock.split(":")] == [2, 2, 2]
        listen.send("Grüße 🐝\r\n".encode())
        assert listen.out.next().endswith("  Grüße 🐝")
        assert listen.end() == 0


def test_json_is_one_object_a_line_at_once():
    with Listening("--json") as listen:
        listen.send(b"blink 3\n")
        shown = json.loads(listen.out.next())
        assert set(shown) == {"time", "host", "port", "text"}
        assert (shown["host"], shown["port"]) == listen.sock.getsockname()
        assert shown["text"] == "blink 3"
        assert isinstance(shown["time"], float) and shown["time"] > 1.6e9
        listen.send(b"\xff\x00\n")
        shown = json.loads(listen.out.next())
        assert set(shown) == {"time", "host", "port", "hex"} and shown["hex"] == "ff000a"
        assert listen.end() == 0


def test_json_stays_on_its_line_whatever_the_text():
    with Listening("--json") as listen:
        text = "a\nb\u2028c\x85d \x1b[2J"
        listen.send(text.encode())
        line = listen.out.next()
        assert line.splitlines() == [line] and line.isprintable()
        assert json.loads(line)["text"] == text


def test_nothing_in_a_datagram_reaches_the_terminal_as_a_command():
    with Listening() as listen:
        for data in (b"\x1b[2J\x07\r\x9b\xff", b"one\n12:00:00  1.2.3.4:5  two\x00", "\u202eevil\u2028".encode()):
            listen.send(data)
            line = listen.out.next()
            assert line.isprintable(), line
        assert listen.end() == 0


def test_an_empty_datagram_and_the_longest_one():
    with Listening("--json", "--count", 2) as listen:
        listen.send(b"")
        assert json.loads(listen.out.next())["text"] == ""
        listen.send(b"x" * 65507)
        assert json.loads(listen.out.next())["text"] == "x" * 65507
        assert listen.wait() == 0


def test_it_answers_nothing():
    with Listening("--count", 7) as listen:
        for data in (b"ping", b"who", b"help", b"status", b"hello", b"", b"\xff"):
            listen.send(data)
        assert listen.wait() == 0
        listen.sock.setblocking(False)
        with pytest.raises(BlockingIOError):  # loopback delivers at once: an answer would be here
            listen.sock.recvfrom(4096)


def test_it_hears_what_is_sent_to_all():
    with Listening("--json", "--count", 2) as listen:
        listen.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        listen.sock.sendto(b"to all", ("127.255.255.255", listen.endpoint[1]))
        assert json.loads(listen.out.next())["text"] == "to all"
        listen.send(b"to one")
        assert json.loads(listen.out.next())["text"] == "to one"
        assert listen.wait() == 0


@pytest.mark.parametrize("words", [[], ["--json"]], ids=["text", "json"])
def test_status_1_only_if_the_count_was_not_reached(words):
    with Listening("--count", 2, "--timeout", 1, *words) as listen:
        listen.send(b"one")
        assert "one" in listen.out.next()
        error = listen.err.next()
        assert "1 of 2 messages" in error
        assert not words or set(json.loads(error)) == {"error"}
        assert listen.wait() == 1
    with Listening("--count", 1, "--timeout", TIMEOUT_S, *words) as listen:
        listen.send(b"one")
        assert listen.wait() == 0


def test_without_a_count_the_timeout_is_no_failure():
    with Listening("--timeout", 0.2) as listen:
        assert listen.wait() == 0
        assert listen.out.rest() == ""


def test_a_port_in_use_is_named_with_the_process_that_holds_it():
    with ExitStack() as stack:
        # of two on one port the one in the way is meant, not the one on another address
        other = stack.enter_context(Listening(address="127.44.1.7"))
        port = other.endpoint[1]
        first = stack.enter_context(Running("listen", "--bind", AT, "--port", port))
        first.out.next()
        for words in ([], ["--json"]):
            second = helio("listen", "--bind", AT, "--port", port, *words)
            assert second.returncode == 1 and second.stdout == ""
            said = json.loads(second.stderr)["error"] if words else second.stderr
            assert "port %d on %s is in use" % (port, AT) in said
            assert "helio listen" in said and "(process %d)" % first.process.pid in said
            assert len(second.stderr.splitlines()) == 1
        assert other.end() == first.end() == 0


def test_two_addresses_are_two_listeners():
    with Listening() as one, Running("listen", "--bind", "127.44.1.2", "--port", one.endpoint[1]) as two:
        two.out.next()
        one.sock.sendto(b"second", ("127.44.1.2", one.endpoint[1]))
        assert two.out.next().endswith("  second")
        one.send(b"first")
        assert one.out.next().endswith("  first")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(signum):
    with Listening() as listen:
        assert listen.end(signum) == 0
        assert listen.err.rest() == "" and listen.out.rest() == ""


def test_a_closed_stdout_ends_it_even_when_nothing_comes():
    with Listening() as listen:
        listen.out.close()
        assert listen.wait() == 0


def test_a_closed_stdout_ends_it_while_messages_come():
    with Listening("--json") as listen:
        listen.out.close()
        for _ in range(20):
            listen.send(b"too late")
        assert listen.wait() == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--bind", "192.0.2.1"),
        ("--bind", "a..b"),
        ("--bind", "%s:10001" % HERE),
        ("--bind", "::1"),
        ("--bind", HERE, "--port", 65536),
        ("--bind", HERE, "--count", 0),
        ("--bind", HERE, "--timeout", 0),
        ("--bind", HERE, "--timeout", "nan"),
        ("--bind", HERE, "--timeout", "inf"),
        ("--bind", HERE, "more"),
    ],
)
def test_a_wrong_command_line_is_status_2(words):
    run = helio("listen", *words)
    assert run.returncode == 2 and run.stderr and not run.stdout
    assert "no port after its colon" not in run.stderr
