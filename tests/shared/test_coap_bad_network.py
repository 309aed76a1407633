"""A thousand confirmed messages over a network that loses, doubles, delays and reorders, by a seed and
in virtual time."""

import random

from coap_network import LARGE, Network, Node

from helio.coap.codec import CHANGED, POST
from helio.coap.limits import BOARD
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import NoAnswer

MESSAGES = 1000
CLIENTS = 10


class Late:
    """An answer that is given some time after its request."""

    def __init__(self, request, payload):
        self.request = request
        self.payload = payload

    def on_due(self, now_ms):
        self.request.respond(now_ms, CHANGED, self.payload)


def bad(seed):
    """30 % is lost, 10 % doubled, 10 % overtaken by what comes later; all of it takes up to 3 s."""
    return Network(seed, loss=0.3, doubled=0.1, swapped=0.1, delay_ms=1500)


def number(payload):
    """Which of the messages it is."""
    return int(payload.split(b"\x00")[0])


def answering(network, name, handled, memory=None):
    """A node that counts what it handles, and answers some of it late."""
    node = Node(network, name, memory) if memory else Node(network, name)

    def handle(request):
        payload = request.payload
        handled[number(payload)] += 1
        if random.random() < 0.7:
            return CHANGED, b"done " + payload
        due_ms = network.now_ms + int(random.random() * 5000)
        node.messages.schedule(Late(request, b"done " + payload), due_ms)
        return None

    node.server.table[b"do"] = Resource(post=handle)
    return node


class Asked:
    """What was asked, and what came of it."""

    def __init__(self, network):
        self.network = network
        self.handled = bytearray(MESSAGES)  # how often; one piece of memory that does not grow
        self.open = []
        self.answered = 0

    def ask(self, client, server, payload):
        self.open.append((payload, client.request(server, POST, uri_options("do"), payload)))

    def check(self):
        """Each that is over was answered with its own answer, or its sender was told."""
        still = []
        for payload, outcome in self.open:
            if not outcome.responses and not outcome.errors:
                still.append((payload, outcome))
                continue
            assert len(outcome.responses) + len(outcome.errors) == 1
            if outcome.responses:
                assert outcome.payloads() == [b"done " + payload]
                assert self.handled[number(payload)] == 1
                self.answered += 1
            else:
                assert isinstance(outcome.errors[0], NoAnswer)
        self.open = still

    def end(self):
        """Nothing was handled twice, and nothing is left; returns how many were answered."""
        self.network.run()
        self.check()
        assert not self.open
        assert max(self.handled) == 1
        for node in self.network.nodes.values():
            assert node.counts == {"rejected": 0, "forgotten": 0, "failed": 0}
            assert node.is_empty() and node.server.separate == 0
        return self.answered


def test_each_message_is_handled_once_or_its_sender_is_told():
    network = bad(seed=7)
    asked = Asked(network)
    answering(network, "server", asked.handled)
    clients = [Node(network, "client %d" % i) for i in range(CLIENTS)]
    for i in range(MESSAGES):
        asked.ask(clients[i % CLIENTS], "server", b"%d" % i)
        network.run(700)
        asked.check()
    assert MESSAGES * 3 // 4 < asked.end() < MESSAGES


def test_each_asks_the_others():
    network = bad(seed=8)
    asked = Asked(network)
    nodes = [answering(network, "node %d" % i, asked.handled) for i in range(4)]
    for i in range(MESSAGES // 5):
        asked.ask(nodes[i % 4], nodes[(i + 1 + i // 4 % 3) % 4].name, b"%d" % i)
        network.run(500)
        asked.check()
    assert asked.end() > MESSAGES // 8


def test_payloads_in_blocks_are_whole_or_their_sender_is_told():
    network = Network(seed=9, loss=0.05, doubled=0.1, swapped=0.1, delay_ms=1500)
    asked = Asked(network)
    memory = dict(BOARD, exchanges_max=256, replies_max_bytes=1 << 20, transfers_max=8)
    answering(network, "server", asked.handled, memory)
    for i in range(8):
        asked.ask(Node(network, "client %d" % i, memory), "server", b"%d" % i + LARGE[:4000])
    assert asked.end() > 4
