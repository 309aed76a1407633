"""`helio.blocking` at its sockets. What stands on the other side answers at the moment when
the call under test begins to wait: there is one thread only."""

from peer import BROADCAST, Peer, free_port

import helio.blocking as helio
from helio import runtime, runtime_asking
from helio.errors import BadMessage, NoAnswer, PortInUse, Refused, UnknownTarget, UsageError

LOOP = "127.0.0.1"


class Answering:
    """While it lasts, `answer(data)` gives what each datagram that comes to a socket is
    answered with: a list of bytes."""

    def __init__(self, answer, address=LOOP, port=None, group=False):
        self._answer = answer
        self.heard = []
        self.port = port or free_port()
        self._sock = runtime.open_udp(address, self.port, group=group)
        self._reply_from = runtime.open_udp(LOOP, 0) if group else self._sock

    def __enter__(self):
        self._wait = runtime_asking.wait_readable

        def wait(socks, timeout_ms):
            while self._wait([self._sock], 0):
                data, sender = self._sock.recvfrom(2000)
                self.heard.append(data)
                for answer in self._answer(data):
                    self._reply_from.sendto(answer, sender)
            return self._wait(socks, timeout_ms)

        runtime_asking.wait_readable = wait
        return self

    def __exit__(self, *error):
        runtime_asking.wait_readable = self._wait
        self._sock.close()
        self._reply_from.close()


def raises(error_type, function, *arguments, **options):
    try:
        result = function(*arguments, **options)
    except error_type as error:
        return str(error)
    assert False, result


def test_ask():
    with Answering(lambda data: [b"ok " + data]) as other:
        target = "127.0.0.1:%d" % other.port
        assert helio.ask(target, "blink 3") == "blink 3"
        assert helio.ask((LOOP, other.port), "say \u20ac  x ") == "say \u20ac  x "
        assert other.heard == [b"blink 3", "say \u20ac  x ".encode()]
    with Answering(lambda data: [b"ok\n"]) as other:
        assert helio.ask((LOOP, other.port), "blink 3") == ""


def test_ask_waits_past_what_is_no_answer():
    noise = [b"blink 3", b"hello x 1.2.3.4 1 - y", b"ok", b"ok late"]
    with Answering(lambda data: noise) as other:
        assert helio.ask((LOOP, other.port), "ping") == ""


def test_ask_refused():
    with Answering(lambda data: [b"error door takes open or shut: got 'ajar'"]) as other:
        assert raises(Refused, helio.ask, (LOOP, other.port), "door ajar") == "door takes open or shut: got 'ajar'"


def test_ask_says_what_is_wrong_with_a_malformed_answer():
    with Answering(lambda data: [b"ok \xff"]) as other:
        text = raises(BadMessage, helio.ask, (LOOP, other.port), "ping")
        assert text == "what came back is no answer: a message is UTF-8 text: got bytes that are not"


def test_ask_without_an_answer():
    with Answering(lambda data: []) as other:
        text = raises(NoAnswer, helio.ask, (LOOP, other.port), "ping", 0.05)
        assert text.startswith("no answer from 127.0.0.1 port %d in 0.05 s" % other.port)
    text = raises(NoAnswer, helio.ask, (LOOP, other.port), "ping")
    assert text == "something is at 127.0.0.1, but no helio on port %d" % other.port


def test_tell():
    with Answering(lambda data: []) as other:
        assert helio.tell((LOOP, other.port), "blink 3") == 1
        runtime_asking.wait_readable([], 0)
        assert other.heard == [b"blink 3"]


def test_tell_all():
    with Answering(lambda data: [], BROADCAST, helio.PORT, group=True) as other:
        assert helio.tell("all", "blink 3", interface=LOOP) == 1
        runtime_asking.wait_readable([], 0)
        assert other.heard == [b"blink 3"]


def test_a_name_is_found_by_broadcast():
    port = free_port()

    def answer(data):
        if data == b"who kitchen":
            return [b"\xff", b"ok", b"hello attic 127.0.0.8 1 - x", b"hello kitchen 127.0.0.9 4711 - x"]
        return []

    with Answering(answer, BROADCAST, port, group=True):
        target = "kitchen:%d" % port
        # a port that was asked for counts more than the one that is said
        assert helio.resolve(target, interface=LOOP) == ("127.0.0.9", port)


def test_an_unknown_name_lists_those_that_answered():
    helio.PORT, usual_port = free_port(), helio.PORT  # other nodes on this machine are not meant
    port = helio.PORT
    with Answering(lambda data: [b"hello attic 127.0.0.8 1 - x"], BROADCAST, port, group=True):
        started_ms = runtime.ticks_ms()
        text = raises(UnknownTarget, helio.ask, "kitchen:%d" % port, "ping", interface=LOOP)
        assert text == "nobody called 'kitchen' answered; these did: attic"
        assert runtime.ticks_diff(runtime.ticks_ms(), started_ms) < 3000
    helio.PORT = usual_port


def test_what_cannot_be_sent_or_is_no_target():
    for text in ("", " x", "x" * 1025, "b\u00e4d 3"):
        raises(BadMessage, helio.ask, (LOOP, 9), text)
        raises(BadMessage, helio.tell, (LOOP, 9), text)
    for target in ("", "1.2.3", "1.2.3.256", "kitchen:", "kitchen:0", "kitchen:65536", "two words", "x" * 33):
        raises(UsageError, helio.ask, target, "ping")
        raises(UsageError, helio.tell, target, "ping")


def test_listen():
    port = free_port("127.0.0.7")
    messages = helio.listen(port, "127.0.0.7")
    with Peer() as peer:
        heard = []
        # the socket is there from the call on, not from the first message
        for data in (b"hello from me", b"two words\r\n", b"", b"caf\xe9 x", b"-5"):
            peer.send(data, "127.0.0.7", port)
            heard.append(next(messages))
        assert [message.text for message in heard] == ["hello from me", "two words", "", "caf\\xe9 x", "-5"]
        assert heard[0].sender == (LOOP, peer.port)
        assert heard[0].args == ["from", "me"]
        peer.send("to all", BROADCAST, port)
        assert next(messages).text == "to all"
    raises(PortInUse, helio.listen, port, "127.0.0.7")
    messages.close()
    helio.listen(port, "127.0.0.7").close()


def test_datagrams_end_after_their_time():
    links, port = helio.open_listening(0, LOOP)
    try:
        assert list(helio.datagrams(links, 20)) == []
    finally:
        runtime_asking.close(links)
