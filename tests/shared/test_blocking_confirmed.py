"""Confirmed messages of `helio.blocking` at its sockets. The peer acts at the moment when the call
under test begins to wait, and time passes only while nothing comes: there is one thread only."""

import sys

from peer import BROADCAST, free_port

import helio.blocking as helio
from helio import runtime, runtime_asking
from helio.coap.codec import BAD_REQUEST, CHANGED, CONTENT, GET, NOT_FOUND, POST, PUT, encode
from helio.coap.exchange import Messages
from helio.coap.limits import DESKTOP
from helio.coap.reply import read_value
from helio.coap.request import uri_options
from helio.coap.resource import Resource, Server
from helio.errors import BadMessage, NoAnswer, Refused, UnknownTarget, UsageError

LOOP = "127.0.0.1"
ARRIVES_MS = 20  # for a datagram of ours to come back to us


class Peer:
    """A CoAP server on a socket, that acts while it lasts; `lose(data)` is what gets lost."""

    def __init__(self, port=None):
        self.port = port or free_port()
        self.target = LOOP, self.port
        self.lose = lambda data: False
        self.then = []  # called one by one, each when all that came was answered
        self.heard = 0
        self.now_ms = 0
        self.open()

    def open(self):
        """Start, knowing nobody."""
        self._sock = runtime.open_udp(LOOP, self.port)
        counts = {"rejected": 0, "forgotten": 0, "failed": 0, "answered": 0}
        self.messages = Messages(self._transmit, counts, lambda endpoint: True, DESKTOP)
        self.server = Server(self.messages, counts, runtime.print_exception)

    def close(self):
        self._sock.close()
        self._sock = None

    def serve(self, path, **methods):
        self.server.table[path.encode()] = Resource(**methods)

    def publish(self, name, value):
        self.server.publish(name.encode(), value, 0, self.now_ms, ((14, b"\x0a"),))  # good for 10 s

    def is_silent(self, error):
        return error.startswith("127.0.0.1 port %d: no answer: " % self.port)

    def _transmit(self, data, endpoint):
        if not self.lose(data):
            self._sock.sendto(data, endpoint)

    def _act(self):
        while self._sock and runtime_asking.ready([self._sock], 0):
            data, endpoint = self._sock.recvfrom(2000)
            self.heard += 1
            if not self.lose(data):
                self.messages.receive(data, endpoint, False, self.now_ms)
        if self._sock:
            self.messages.tick(self.now_ms)

    def __enter__(self):
        self._before = runtime_asking.wait_readable, runtime.ticks_ms, runtime.clock
        runtime_asking.ready = runtime_asking.wait_readable

        def wait(socks, timeout_ms):
            self._act()
            found = runtime_asking.ready(socks, min(timeout_ms, ARRIVES_MS))
            if not found and self.then:
                self.then.pop(0)()
                self._act()
                found = runtime_asking.ready(socks, ARRIVES_MS)
            if not found:
                self.now_ms += timeout_ms
            return found

        runtime_asking.wait_readable = wait
        runtime.ticks_ms = lambda: self.now_ms
        runtime.clock = lambda: runtime.ticks_ms
        return self

    def __exit__(self, *error):
        runtime_asking.wait_readable, runtime.ticks_ms, runtime.clock = self._before
        if self._sock:
            self.close()


def raises(error_type, function, *arguments, **options):
    try:
        result = function(*arguments, **options)
    except error_type as error:
        return str(error)
    assert False, result


def text(payload):
    return lambda request: (CHANGED, payload)


def test_send():
    with Peer() as peer:
        peer.serve("blink", post=lambda request: (CHANGED, b"done " + request.payload))
        assert helio.send(peer.target, "blink 3") == "done 3"
        assert helio.send("127.0.0.1:%d" % peer.port, "blink  \u20ac ") == "done  \u20ac "
        peer.serve("bare", post=text(b""))
        assert helio.send(peer.target, "bare") == ""
        peer.serve("bytes", post=lambda request: (CHANGED, b"ok", ((12, b"\x2a"),)))
        assert helio.send(peer.target, "bytes") == b"ok"
        peer.serve("odd", post=text(b"\xff"))
        assert helio.send(peer.target, "odd") == b"\xff"


def test_send_refused():
    with Peer() as peer:
        peer.serve("door", post=lambda request: (BAD_REQUEST, b"door takes open or shut"))
        assert raises(Refused, helio.send, peer.target, "door ajar") == "door takes open or shut (4.00)"
        assert raises(Refused, helio.send, peer.target, "window") == "not found (4.04)"


def test_what_is_lost_is_sent_again_and_done_once():
    done = []
    with Peer() as peer:

        def blink(request):
            done.append(request.payload)
            return CHANGED, b"done"

        peer.serve("blink", post=blink)
        for lost in (1, 2, 3):  # the question, the answer, both in turn
            peer.heard = 0
            left = [lost & 1, lost >> 1]

            def lose(data, left=left):
                way = data[1] != POST
                left[way] -= 1
                return left[way] >= 0

            peer.lose = lose
            assert helio.send(peer.target, "blink 3", 30) == "done"
            assert peer.heard == (lost & 1) + (lost >> 1) + 1
        assert done == [b"3"] * 3


def test_silence():
    with Peer() as peer:
        peer.lose = lambda data: True
        assert raises(NoAnswer, helio.send, peer.target, "blink 3", 5).startswith(
            "127.0.0.1 port %d: no answer: " % peer.port
        )
        assert (peer.now_ms, peer.heard) == (5000, 2)
        assert peer.is_silent(raises(NoAnswer, helio.ping, peer.target, 1))
        assert (peer.now_ms, peer.heard) == (6000, 3)
        peer.lose = lambda data: False
        peer.serve("slow", post=lambda request: None)
        assert "it has the message" in raises(NoAnswer, helio.send, peer.target, "slow", 5)


def test_nothing_listens_there():
    port = free_port()
    for call in (helio.send, helio.observe):
        result = raises(NoAnswer, lambda call=call: list(call((LOOP, port), "blink")))
        assert result == "something is at 127.0.0.1, but no helio on port %d" % port
    assert "no helio on port" in raises(NoAnswer, helio.ping, (LOOP, port))
    assert "no helio on port" in raises(NoAnswer, helio.request, (LOOP, port), GET)


def test_request():
    large = bytes([i * i >> 8 & 0xFF for i in range(20000)])
    with Peer() as peer:
        peer.serve("a/b", get=lambda request: (CONTENT, b"21.5"), put=lambda request: (CHANGED, request.payload))
        response = helio.request(peer.target, GET, uri_options("a/b"))
        assert (response.code, response.payload) == (CONTENT, b"21.5")
        assert helio.request(peer.target, GET, uri_options("a")).code == NOT_FOUND
        assert helio.request(peer.target, PUT, uri_options("a/b"), large).payload == large


def test_ping():
    with Peer() as peer:
        round_trip_ms = helio.ping(peer.target)
        assert 0 < round_trip_ms < 10000
        assert peer.heard == 1


def test_observe():
    with Peer() as peer:
        peer.publish("temperature", b"21")
        values = helio.observe(peer.target, "temperature")
        assert next(values) == "21"
        peer.then = [lambda: peer.publish("temperature", b"22")]
        assert next(values) == "22"
        peer.publish("temperature", b"23")
        peer.publish("temperature", b"24")
        assert next(values) == "24"
        resource = peer.server.table[b"temperature"]
        assert len(resource.observers) == 1
        values.close()
        runtime_asking.wait_readable([], 0)
        assert not resource.observers


def test_observe_what_cannot_be():
    with Peer() as peer:
        peer.serve("once", get=lambda request: (CONTENT, b"[1]", ((12, b"\x32"),)))
        assert list(helio.observe(peer.target, "once")) == [[1]]
        values = helio.observe(peer.target, "nothing")
        assert raises(Refused, next, values) == "not found (4.04)"
        peer.lose = lambda data: True
        assert raises(NoAnswer, next, helio.observe(peer.target, "once")).startswith(
            "127.0.0.1 port %d: no answer: " % peer.port
        )


def test_observe_goes_on_when_the_peer_restarts():
    with Peer() as peer:
        peer.publish("temperature", b"21")
        values = helio.observe(peer.target, "temperature")
        assert next(values) == "21"

        def restart():
            peer.open()
            peer.publish("temperature", b"22")

        peer.close()
        peer.then = [lambda: None, lambda: None, restart]  # it finds nobody there at first
        assert next(values) == "22"
        assert 10000 < peer.now_ms < 60000
        values.close()


def test_several_requests_over_one_connection():
    with Peer() as peer:
        peer.publish("x", b"1")
        connection = helio.connect(peer.target)
        assert connection.ping(10) > 0
        assert connection.request(GET, uri_options("x"), b"", 10).payload == b"1"
        states = connection.observe(uri_options("x"))
        assert read_value(next(states)) == "1"
        states.close()
        peer.lose = lambda data: True
        raises(NoAnswer, connection.ping, 1)
        peer.lose = lambda data: False
        assert connection.ping(10) > 0
        connection.close()


def test_a_name_is_found_with_its_port_for_confirmed_messages():
    helio.PORT, usual_port = free_port(), helio.PORT  # other nodes on this machine are not meant
    who = runtime.open_udp(BROADCAST, helio.PORT, group=True)
    reply_from = runtime.open_udp(LOOP, 0)
    with Peer() as peer:
        peer.serve("blink", post=text(b"done"))
        act = peer._act

        def answer():
            act()
            while runtime_asking.ready([who], 0):
                data, sender = who.recvfrom(100)
                hello = "hello kitchen 127.0.0.1 9 %d -" % peer.port
                if data == b"who attic":
                    hello = "hello attic 127.0.0.1 9 - -"
                reply_from.sendto(hello.encode(), sender)

        peer._act = answer
        assert helio.send("kitchen", "blink", interface=LOOP) == "done"
        assert helio.send("kitchen:%d" % peer.port, "blink", interface=LOOP) == "done"
        assert helio.resolve("kitchen", interface=LOOP) == (LOOP, 9)
        assert "takes plain messages only" in raises(NoAnswer, helio.send, "attic", "blink", interface=LOOP)
        assert "these did: kitchen" in raises(UnknownTarget, helio.send, "nobody", "blink", interface=LOOP)
    who.close()
    reply_from.close()
    helio.PORT = usual_port


def test_what_cannot_be_sent_or_is_no_target():
    for wrong in ("", " x", "b\u00e4d 3", "x " + "x" * 65537):
        raises(BadMessage, helio.send, (LOOP, 9), wrong)
    if not runtime.MICROPYTHON:  # which has no such strings
        assert "UTF-8" in raises(BadMessage, helio.send, (LOOP, 9), "say \udcff")
    for target in ("", "1.2.3", "kitchen:0", "two words"):
        raises(UsageError, helio.send, target, "ping")
        raises(UsageError, helio.ping, target)
        raises(UsageError, next, helio.observe(target, "x"))


def test_neither_asyncio_nor_the_node_is_loaded():
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] in ("helio", "asyncio")}
    try:
        fresh = __import__("helio.blocking").blocking
        raises(Exception, fresh.send, (LOOP, free_port()), "ping")
        raises(Exception, fresh.ask, (LOOP, free_port()), "ping")
        raises(Exception, list, fresh.observe((LOOP, free_port()), "ping"))
        loaded = [name for name in sys.modules if name.split(".")[0] in ("helio", "asyncio")]
        assert "helio.coap.observe" in loaded
        assert not {"asyncio", "helio.node", "helio.coap.resource"} & set(loaded), loaded
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] in ("helio", "asyncio")]:
            del sys.modules[name]
        sys.modules.update(before)
        if "helio" in before:
            before["helio"].blocking = before["helio.blocking"]


def test_a_reset_is_a_refusal():
    with Peer() as peer:
        peer.messages.receive = lambda data, endpoint, multicast, now_ms: peer._sock.sendto(
            encode(3, 0, data[2] << 8 | data[3], b"", (), b""), endpoint
        )
        assert "Reset" in raises(Refused, helio.send, peer.target, "blink")
        assert helio.ping(peer.target) > 0
