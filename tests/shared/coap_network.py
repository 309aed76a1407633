"""CoAP nodes on a network in virtual time, which loses, doubles and delays by a seed."""

import heapq
import random

from helio.coap.codec import ACK, CON, decode, encode
from helio.coap.exchange import Messages
from helio.coap.limits import DESKTOP
from helio.coap.observe import Observation
from helio.coap.request import Client, uri_options
from helio.coap.resource import Server

GROUP = "all"
X = uri_options("x")
LARGE = bytes([(i * i >> 8 ^ i) & 0xFF for i in range(20000)])


class Network:
    """What carries datagrams between nodes; nothing is lost unless `bad` says so."""

    def __init__(self, seed=1, loss=0, doubled=0, swapped=0, delay_ms=1):
        random.seed(seed)
        self.now_ms = 0
        self.nodes = {}
        self.lose = lambda data, source, target: False  # a test's own loss
        self.log = []  # (now_ms, source, target, message), the latest 200
        self._bad = loss, doubled, swapped, delay_ms
        self._on_the_way = []
        self._count = 0

    def send(self, data, source, target):
        self.log.append((self.now_ms, source, target, decode(data)))
        if len(self.log) > 200:
            self.log.pop(0)
        loss, doubled, swapped, delay_ms = self._bad
        if self.lose(data, source, target):
            return
        for _ in range(2 if random.random() < doubled else 1):
            if random.random() < loss:
                continue
            delay = 1 + int(random.random() * delay_ms)
            if random.random() < swapped:
                delay += 1 + int(random.random() * delay_ms)
            self._count += 1
            heapq.heappush(self._on_the_way, (self.now_ms + delay, self._count, data, source, target))

    def run(self, for_ms=0, until=None):
        """Let time pass: until a condition holds, at most `for_ms` (0: until nothing is to happen)."""
        end_ms = self.now_ms + for_ms if for_ms else 1 << 40
        while not (until and until()):
            times = [node.messages.next_ms for node in self.nodes.values() if node.messages.next_ms is not None]
            times += [entry[0] for entry in self._on_the_way[:1]]
            if not times or min(times) > end_ms:
                if for_ms:
                    self.now_ms = end_ms
                return
            self.now_ms = max(self.now_ms, min(times))
            while self._on_the_way and self._on_the_way[0][0] <= self.now_ms:
                _, _, data, source, target = heapq.heappop(self._on_the_way)
                for name in list(self.nodes):
                    if name == target or target == GROUP and name != source:
                        self.nodes[name].messages.receive(data, source, target == GROUP, self.now_ms)
            for node in list(self.nodes.values()):
                if node.messages.next_ms is not None and node.messages.next_ms <= self.now_ms:
                    node.messages.tick(self.now_ms)

    def sent(self, source):
        """What one node sent, as messages."""
        return [message for _, from_, _, message in self.log if from_ == source]


class Node:
    """A node with both sides, and what came of its requests."""

    def __init__(self, network, name, memory=DESKTOP, trusted=True, **options):
        self.network = network
        self.name = name
        self.counts = {"rejected": 0, "forgotten": 0, "failed": 0}
        self.failures = []
        options["random"] = options.get("random", _random_bytes)
        self.messages = Messages(
            lambda data, endpoint: network.send(data, name, endpoint),
            self.counts,
            lambda endpoint: trusted,
            memory,
            **options,
        )
        self.client = Client(self.messages)
        self.server = Server(self.messages, self.counts, self.failures.append)
        network.nodes[name] = self

    def request(self, endpoint, code, options=(), payload=b"", **rest):
        """Send a request; gives what it ends in."""
        outcome = Outcome()
        outcome.handle = self.client.request(
            endpoint,
            code,
            options,
            payload,
            self.network.now_ms,
            outcome.responses.append,
            outcome.errors.append,
            **rest,
        )
        return outcome

    def ask(self, endpoint, code, options=(), payload=b"", **rest):
        """The response to a request. Raises what it failed with."""
        outcome = self.request(endpoint, code, options, payload, **rest)
        self.network.run(until=lambda: outcome.responses or outcome.errors)
        if outcome.errors:
            raise outcome.errors[0]
        assert len(outcome.responses) == 1
        return outcome.responses[0]

    def is_empty(self):
        """Whether nothing is remembered of anybody."""
        messages = self.messages
        return (
            not (messages._peers or messages._timers or messages._strangers or messages._known)
            and not (self.client.waiting or self.server.transfers._table or self.server.transfers._keys)
            and messages.next_ms is None
            and not any([resource.observers for resource in self.server.table.values()])
        )


class Outcome:
    def __init__(self):
        self.responses = []
        self.errors = []
        self.handle = None

    def payloads(self):
        return [response.payload for response in self.responses]


def pair(client_memory=DESKTOP, server_memory=DESKTOP, **options):
    network = Network(**options)
    return network, Node(network, "client", client_memory), Node(network, "server", server_memory)


class Wire:
    """One client whose datagrams the test answers itself."""

    def __init__(self):
        self.network = Network()
        self.node = Node(self.network, "client")
        self.outcome = None

    def request(self, *arguments, **rest):
        self.outcome = self.node.request("server", *arguments, **rest)
        return self.outcome

    def last(self):
        """The last datagram sent."""
        return self.network.log[-1][3]

    def receive(self, type, code, message_id, token, options=(), payload=b"", source="server"):
        before = len(self.network.log)
        data = encode(type, code, message_id, token, options, payload)
        self.node.messages.receive(data, source, False, self.network.now_ms)
        return [entry[3] for entry in self.network.log[before:]]


class Watch:
    def __init__(self, node, endpoint="server", options=X, **rest):
        self.responses = []
        self.errors = []
        self.node = node
        self.observation = Observation(
            node.client, endpoint, options, node.network.now_ms, self.responses.append, self.errors.append, **rest
        )

    def payloads(self):
        return [response.payload for response in self.responses]


class Asker:
    """Sends datagrams to one server."""

    def __init__(self, memory=DESKTOP, trusted=True):
        self.network = Network()
        self.node = Node(self.network, "server", memory, trusted)
        self.server = self.node.server
        self.table = self.server.table
        self._message_id = 0

    def send(self, type, code, options=(), payload=b"", token=b"t", source="raw", multicast=False):
        """The datagrams that one is answered with at once."""
        self._message_id += 1
        return self.again(encode(type, code, self._message_id, token, options, payload), source, multicast)

    def again(self, data, source="raw", multicast=False):
        before = len(self.network.log)
        self.node.messages.receive(data, source, multicast, self.network.now_ms)
        return [entry[3] for entry in self.network.log[before:]]

    def ask(self, code, options=(), payload=b"", **rest):
        """The piggybacked answer to a confirmable request: `(code, options, payload)`."""
        answers = self.send(CON, code, options, payload, **rest)
        assert len(answers) == 1, answers
        type, code, message_id, token, options, payload = answers[0]
        assert type == ACK and message_id == self._message_id and token == rest.get("token", b"t")
        return code, options, payload


def _random_bytes(n):
    return bytes([random.getrandbits(8) for _ in range(n)])
