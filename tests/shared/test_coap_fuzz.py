"""Random and mutated datagrams at the codec and at a whole node, and a flood, in virtual time."""

import random
import sys

from coap_network import LARGE, Network, Node, Watch, pair

from helio.coap.codec import BLOCK2, CHANGED, CON, CONTENT, GET, NON, POST, PUT, block_bytes, decode, encode
from helio.coap.limits import BOARD, CONFIRM_AFTER_MS, DESKTOP
from helio.coap.observe import Observation
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import HelioError

X = uri_options("x")
bits = random.getrandbits

LARGER = DESKTOP
if sys.implementation.name == "micropython":  # whose heap does not hold what a desktop may remember
    LARGER = dict(DESKTOP, endpoints_max=256, exchanges_max=32, observers_max=32, transfers_max=16)


def mutated(data):
    """It with some bytes changed, cut, repeated or added."""
    data = bytearray(data)
    for _ in range(1 + bits(2)):
        data[bits(12) % len(data)] = bits(8)
    how = bits(3)
    at = bits(12) % len(data)
    if how == 0:
        return bytes(data[:at])
    if how == 1:
        return bytes(data[:at] + data[at // 2 :])
    if how == 2:
        return bytes(data[:at] + bytes([bits(8)]) + data[at:])
    return bytes(data)


def noise():
    return bytes([0x40 | bits(6)] + [bits(8) for _ in range(bits(5))])


def traffic():
    """The datagrams of a client and a server that do all they can."""
    network, client, server = pair(BOARD, BOARD, seed=5)
    datagrams = []
    network.lose = lambda data, source, target: datagrams.append(data)  # None: it is not lost
    serve(server)
    watch = Watch(client)
    client.ask("server", GET, uri_options(".well-known/core", ["rt=*"]))
    client.ask("server", POST, uri_options("echo"), LARGE[:1200])
    client.ask("server", PUT, [(5, b"")] + uri_options("none") + [(12, b"\x32")], b"{}")
    client.ask("server", GET, [(4, b"etag")] + uri_options("long", ["a=b"]) + [(17, b"")])
    server.server.publish(b"x", LARGE[:700], 0, network.now_ms)
    network.run(1000)
    server.server.publish(b"x", b"2", 50, network.now_ms)
    network.run(1000)
    client.client.ping("server", network.now_ms, lambda _: None, lambda _: None)
    watch.observation.cancel(network.now_ms)
    network.run()
    return datagrams


def serve(node):
    node.server.publish(b"x", b"1", 0, node.network.now_ms)
    node.server.table[b"echo"] = Resource(post=lambda request: (CHANGED, request.payload))
    node.server.table[b"long"] = Resource(get=lambda request: (CONTENT, LARGE[:2000]), attributes='rt="long"')
    node.server.table[b"held"] = Resource(put=lambda request: None)


def test_the_codec_lets_nothing_but_its_own_error_out():
    random.seed(1)
    known = traffic()
    good = 0
    for i in range(100000):
        data = mutated(known[i % len(known)]) if i % 4 else noise()
        try:
            message = decode(data)
        except HelioError:
            continue
        good += 1
        # there is one way to write a message: deltas and lengths have one form each, and options an order
        assert encode(*message) == data, data
    assert good > 10000


def ask_something(node, i, ended):
    """Let the node ask something, now and then."""
    now_ms = node.network.now_ms
    endpoint = "peer %d" % (i % 5)
    if not i % 20:
        Observation(node.client, endpoint, X, now_ms, ended.append, ended.append)
    elif i % 2:
        node.request(endpoint, GET, X, timeout_ms=60000)
    else:
        node.request(endpoint, POST, X, LARGE[:1200], timeout_ms=60000)


def answer_to(sent, known):
    """A datagram of those known, as an answer to one that was sent."""
    type, code, message_id, token = sent[:4]
    answer = known[bits(12) % len(known)]
    answer = bytearray(encode(*(decode(answer)[:3] + (token,) + decode(answer)[4:])))
    if answer[1]:
        answer[2] = message_id >> 8
        answer[3] = message_id & 0xFF
    return bytes(answer)


def test_a_node_goes_on_and_forgets():
    random.seed(2)
    known = traffic()
    for memory, trusted in ((BOARD, False), (LARGER, True)):
        network = Network(seed=3)
        node = Node(network, "node", memory, trusted)
        serve(node)
        ended = []
        network.lose = lambda data, source, target: True  # what is sent need not arrive
        for i in range(50000):
            if not i % 50:
                ask_something(node, i // 50, ended)
                network.run(1 + bits(10))
            elif not i % 333:
                node.server.publish(b"x", LARGE[: bits(10)], 0, network.now_ms)
            kind = bits(3)
            if kind == 0:
                data = noise()
            elif kind < 4:
                data = answer_to(network.log[-1 - bits(12) % len(network.log)][3], known)
            else:
                data = known[bits(12) % len(known)]
            data = mutated(data) if bits(2) else data
            node.messages.receive(data, "peer %d" % (bits(3)), not bits(4), network.now_ms)
            assert len(node.messages._peers) <= memory["endpoints_max"] + 1
            if trusted is False and network.log:
                assert len(encode(*network.log[-1][3])) <= 1280
        assert not node.failures and node.counts["failed"] == 0
        forget(node)


def forget(node):
    """Let time pass until nothing is left."""
    network = node.network
    for _ in range(3):  # observers are found to have gone by a confirmable notification
        network.run(2 * CONFIRM_AFTER_MS)
        node.server.publish(b"x", b"%d" % network.now_ms, 0, network.now_ms)
        network.run(100000)
    for owner in list(node.client.waiting.values()):
        owner.cancel(network.now_ms)
    network.run(2000000)
    for owner in list(node.client.waiting.values()):  # what deregistered, when that was answered by nobody
        owner.cancel(network.now_ms)
    network.run()
    assert node.is_empty() and node.server.leisurely == 0 and node.server.separate == 0


def test_a_flood_stays_in_its_caps_and_a_known_peer_is_answered():
    for memory in (BOARD, LARGER):
        network = Network(seed=4)
        node = Node(network, "node", memory, trusted=False)
        serve(node)
        handled = {}

        def count(request, handled=handled):
            payload = request.payload
            handled[payload] = handled.get(payload, 0) + 1
            return CHANGED, payload

        node.server.table[b"count"] = Resource(post=count)
        client = Node(network, "client")
        assert client.ask("node", POST, uri_options("count"), b"first").payload == b"first"
        paths = ("x", "long", "echo", "held", ".well-known/core", "none")
        network.lose = lambda data, source, target: "client" not in (source, target)
        for i in range(5000):
            options = uri_options(paths[i % 6])
            if i % 7 == 0:
                options = [(6, b"")] + options
            if i % 5 == 0:
                options.append((BLOCK2, block_bytes(0, False, 16)))
            code = (GET, POST, PUT)[i % 3]
            data = encode(NON if i % 11 == 0 else CON, code, i & 0xFFFF, b"%d" % i, options, b"x" * (i % 60))
            node.messages.receive(data, ("flood", i), False, network.now_ms)
            network.run(1)
            assert len(node.messages._peers) <= memory["endpoints_max"] + 1
            assert node.server.observer_count() <= memory["observers_max"]
            assert len(node.server.transfers._table) <= memory["transfers_max"]
            if i % 100 == 50:  # the known peer, whose requests all come twice
                payload = b"%d" % i
                network._bad = 0, 1, 0, 20
                assert client.ask("node", POST, uri_options("count"), payload).payload == payload
                network._bad = 0, 0, 0, 1
        network.run(100)
        assert handled == {payload: 1 for payload in [b"first"] + [b"%d" % i for i in range(50, 5000, 100)]}
        assert client.counts["forgotten"] == 0
        forget(node)
        assert client.is_empty()
