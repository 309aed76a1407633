"""The request layer, both sides in virtual time: matching, separate responses, blocks, observing."""

from coap_network import GROUP, Network, Node

from helio.coap.codec import (
    ACK,
    BLOCK1,
    BLOCK2,
    CHANGED,
    CON,
    CONTENT,
    CONTINUE,
    ETAG,
    GET,
    NON,
    NOT_FOUND,
    OBSERVE,
    POST,
    PUT,
    REQUEST_ENTITY_INCOMPLETE,
    REQUEST_ENTITY_TOO_LARGE,
    RST,
    SIZE1,
    SIZE2,
    block,
    block_bytes,
    decode,
    encode,
    option,
    uint,
    uint_bytes,
)
from helio.coap.limits import BOARD, DESKTOP, EXCHANGE_LIFETIME_MS
from helio.coap.observe import Observation, is_newer
from helio.coap.request import Client, uri_options
from helio.coap.resource import Resource
from helio.errors import BadMessage, NoAnswer, Refused

X = uri_options("x")
LARGE = bytes([(i * i >> 8 ^ i) & 0xFF for i in range(20000)])


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


def test_uri_options():
    assert uri_options("") == []
    assert uri_options("a/b c", ["q=1", "é"]) == [(11, b"a"), (11, b"b c"), (15, b"q=1"), (15, "é".encode())]


def test_piggybacked():
    network, client, server = pair()
    server.server.table[b"x"] = Resource(get=lambda request: (CONTENT, b"21.5"))
    response = client.ask("server", GET, X)
    assert (response.code, response.payload, response.endpoint) == (CONTENT, b"21.5", "server")
    assert [message[0] for message in network.sent("server")] == [ACK]
    assert len(network.log) == 2
    network.run()
    assert client.is_empty() and server.is_empty()


def test_every_order_of_ack_and_response():
    for order in ("ack, con", "con, ack", "con", "ack, non", "non, ack", "ack, ack, con, con"):
        wire = Wire()
        outcome = wire.request(GET, X)
        _, _, message_id, token, _, _ = wire.last()
        for word in order.split(", "):
            if word == "ack":
                assert wire.receive(ACK, 0, message_id, b"") == []
            elif word == "con":
                assert wire.receive(CON, CONTENT, 5, token, (), b"1") == [(ACK, 0, 5, b"", [], b"")], order
            else:
                assert wire.receive(NON, CONTENT, 5, token, (), b"1") == []
        assert outcome.payloads() == [b"1"], order
        wire.network.run()
        assert len([m for m in wire.network.sent("client") if m[1] == GET]) == 1, order  # never sent again
        assert not outcome.errors and wire.node.is_empty()


def test_a_separate_response_to_a_slow_handler():
    for confirmable, types in ((True, [ACK, CON]), (False, [NON])):
        network, client, server = pair()
        held = []
        server.server.table[b"x"] = Resource(post=held.append)
        outcome = client.request("server", POST, X, b"3", confirmable=confirmable)
        network.run(3000)
        assert not outcome.responses and held[0].payload == b"3"
        held[0].respond(network.now_ms, CHANGED, b"done")
        held[0].respond(network.now_ms, CHANGED, b"and again")
        network.run()
        assert outcome.payloads() == [b"done"]
        assert [message[0] for message in network.sent("server")] == types
        assert len(held) == 1
        assert client.is_empty() and server.is_empty()


def test_a_quick_late_answer_is_piggybacked():
    network, client, server = pair()
    held = []
    server.server.table[b"x"] = Resource(post=held.append)
    outcome = client.request("server", POST, X)
    network.run(100)
    held[0].respond(network.now_ms, CHANGED, b"done")
    network.run()
    assert outcome.payloads() == [b"done"]
    assert [message[0] for message in network.sent("server")] == [ACK]


def test_responses_go_to_their_tokens_and_endpoints_only():
    wire = Wire()
    first = wire.request(GET, X)
    token = wire.last()[3]
    other = wire.node.request("another", GET, X)
    assert wire.last()[3] != token and len(token) == 4
    assert wire.receive(NON, CONTENT, 1, token, (), b"", "another") == [(RST, 0, 1, b"", [], b"")]
    assert wire.receive(CON, CONTENT, 2, b"none", (), b"") == [(RST, 0, 2, b"", [], b"")]
    assert not first.responses and not other.responses
    wire.receive(NON, CONTENT, 3, wire.last()[3], (), b"", "another")
    wire.receive(NON, CONTENT, 3, token, (), b"mine")
    assert first.payloads() == [b"mine"]


def test_a_response_with_an_unknown_critical_option_is_rejected():
    wire = Wire()
    outcome = wire.request(GET, X)
    _, _, message_id, token, _, _ = wire.last()
    wire.receive(ACK, CONTENT, message_id, token, [(9, b"")], b"1")
    assert wire.receive(CON, CONTENT, 7, token, [(9, b"")], b"1") == [(RST, 0, 7, b"", [], b"")]
    assert not outcome.responses
    wire.receive(CON, CONTENT, 8, token, [(10, b"")], b"2")  # an elective one is passed over
    assert outcome.payloads() == [b"2"]


def test_rst_and_timeouts_go_to_the_right_caller():
    wire = Wire()
    for confirmable in (True, False):
        outcome = wire.request(GET, X, confirmable=confirmable)
        other = wire.node.request("another", GET, X)
        message_id = [m for _, _, to, m in wire.network.log if to == "server"][-1][2]
        wire.receive(RST, 0, message_id, b"")
        assert len(outcome.errors) == 1 and isinstance(outcome.errors[0], Refused)
        assert not other.errors
        wire.network.run()
        assert len(other.errors) == 1 and isinstance(other.errors[0], NoAnswer)
    assert len(outcome.errors) == 1
    assert wire.node.is_empty()


def test_a_timeout_is_kept():
    wire = Wire()
    outcome = wire.request(GET, X, timeout_ms=10000)
    wire.network.run(9999)
    assert not outcome.errors
    wire.network.run(1)
    assert isinstance(outcome.errors[0], NoAnswer)
    acknowledged = wire.request(GET, X, timeout_ms=10000)
    wire.receive(ACK, 0, wire.last()[2], b"")
    wire.network.run(10000)
    assert isinstance(acknowledged.errors[0], NoAnswer)
    assert str(acknowledged.errors[0]).startswith("it has the message, but has not answered within 10 s: ")
    assert str(outcome.errors[0]).startswith("no answer: ")
    tenth = wire.request(GET, X, timeout_ms=1500)
    wire.receive(ACK, 0, wire.last()[2], b"")
    wire.network.run(1500)
    assert "within 1.5 s: " in str(tenth.errors[0])
    cancelled = wire.request(GET, X)
    cancelled.handle.cancel(wire.network.now_ms)
    cancelled.handle.cancel(wire.network.now_ms)
    wire.network.run()
    assert not cancelled.errors and not cancelled.responses
    assert wire.node.is_empty()


def test_an_unreachable_endpoint_ends_what_is_asked_of_it():
    wire = Wire()
    error = NoAnswer("something is at HOST, but no helio on port PORT")
    outcomes = [wire.request(GET, X), wire.request(POST, X, b"1"), wire.request(GET, X, confirmable=False)]
    pings = []
    wire.node.client.ping("server", 0, pings.append, pings.append)
    other = wire.node.request("another", GET, X)
    watch = Watch(wire.node)
    wire.node.messages.unreachable("server", error, 0)
    assert [outcome.errors for outcome in outcomes] == [[error]] * 3
    assert pings == watch.errors == [error] and not other.errors
    wire.network.run()
    assert len(other.errors) == 1 and wire.node.is_empty()


def test_an_oversized_request_is_told_to_come_in_blocks():
    network, client, server = pair(server_memory=BOARD)
    came = []
    server.server.table[b"x"] = Resource(post=lambda request: (came.append(request.payload), (CHANGED, b""))[1])
    payload = LARGE[:1400]
    client.client.block_size = 2048  # more than a datagram holds
    outcome = client.request("server", POST, X, payload)
    network.run()
    told = network.sent("server")[0]
    assert told[1] == REQUEST_ENTITY_TOO_LARGE and block(option(told[4], BLOCK1)) == (0, True, 512)
    assert outcome.responses[0].code == CHANGED and came == [payload]


def test_one_request_at_a_time_to_one_endpoint():
    network, client, server = pair()
    order = []
    server.server.table[b"x"] = Resource(post=lambda request: (order.append(request.payload), (CHANGED, b""))[1])
    outcomes = [client.request("server", POST, X, bytes([i])) for i in range(10)]
    assert len(network.log) == 1
    network.run()
    assert order == [bytes([i]) for i in range(10)]
    assert all([len(outcome.responses) == 1 for outcome in outcomes])


def test_ping():
    network, client, server = pair()
    pongs, errors = [], []
    client.client.ping("server", 0, pongs.append, errors.append)
    network.run()
    assert pongs == [None] and not errors
    client.client.ping("nobody", network.now_ms, pongs.append, errors.append)
    network.run()
    assert pongs == [None] and isinstance(errors[0], NoAnswer)
    start_ms = network.now_ms
    client.client.ping("nobody", network.now_ms, pongs.append, errors.append, 1000)
    network.run(until=lambda: len(errors) == 2)
    assert network.now_ms - start_ms == 1000
    network.run()
    assert len(errors) == 2
    assert client.is_empty()


def test_a_client_alone_rejects_requests():
    network, client, server = pair()
    server.messages.on_request = None
    Client(server.messages)
    try:
        client.ask("server", GET, X)
    except Refused:
        return
    raise AssertionError


# --- blocks


def test_large_answers_at_every_pair_of_block_sizes():
    for ours, theirs in ((BOARD, BOARD), (BOARD, DESKTOP), (DESKTOP, BOARD), (dict(BOARD, block_size=16), BOARD)):
        network, client, server = pair(ours, theirs)
        calls = []
        payload = LARGE[: 90 * ours["block_size"]][:5000]

        def get(request, calls=calls, payload=payload):
            calls.append(request)
            return CONTENT, payload

        server.server.table[b"x"] = Resource(get=get)
        assert client.ask("server", GET, X).payload == payload
        assert len(calls) == 1  # every block of the same state
        assert max([len(m[5]) for m in network.sent("server")]) == min(ours["block_size"], theirs["block_size"])
        network.run()
        assert client.is_empty() and server.is_empty()


def test_large_requests_at_every_pair_of_block_sizes():
    for ours, theirs in ((BOARD, BOARD), (BOARD, DESKTOP), (DESKTOP, BOARD), (dict(DESKTOP, block_size=16), BOARD)):
        network, client, server = pair(ours, theirs)
        came = []
        server.server.table[b"x"] = Resource(
            put=lambda request, came=came: (came.append(request.payload), (CHANGED, b"ok"))[1]
        )
        payload = LARGE[: 90 * ours["block_size"]][:5000]
        response = client.ask("server", PUT, X, payload)
        assert (response.code, response.payload) == (CHANGED, b"ok")
        assert came == [payload]
        blocks = [block(option(m[4], BLOCK1)) for m in network.sent("client")]
        assert blocks[0] == (0, True, ours["block_size"])
        assert blocks[-1][1:] == (False, min(ours["block_size"], theirs["block_size"]))
        network.run()
        assert client.is_empty() and server.is_empty()


def test_large_both_ways():
    network, client, server = pair(BOARD, BOARD)
    server.server.table[b"x"] = Resource(post=lambda request: (CHANGED, request.payload + b"!"))
    assert client.ask("server", POST, X, LARGE).payload == LARGE + b"!"
    whole = bytes(65535)
    assert len(client.ask("server", POST, X, whole).payload) == 65536
    network.run()
    assert client.is_empty() and server.is_empty()


def test_a_payload_over_64_kb_is_too_large():
    network, client, server = pair()
    server.server.table[b"x"] = Resource(
        post=lambda request: (CHANGED, b""), get=lambda request: (CONTENT, bytes(65537))
    )
    response = client.ask("server", POST, X, bytes(65537))
    assert response.code == REQUEST_ENTITY_TOO_LARGE
    assert uint(response.option(SIZE1)) == 65536
    assert len(network.log) == 2  # Size1 said so
    try:
        client.ask("server", GET, X)
    except BadMessage:
        network.run()
        assert client.is_empty() and server.is_empty()
        return
    raise AssertionError


def test_no_block_before_the_last_reaches_the_handler():
    network, client, server = pair()
    came = []
    server.server.table[b"x"] = Resource(put=lambda request: (came.append(request.payload), (CHANGED, b""))[1])

    def put(number, more, payload, size=16):
        return client.ask("server", PUT, X + [(BLOCK1, block_bytes(number, more, size))], payload)

    assert put(0, True, b"a" * 16).code == CONTINUE
    assert put(2, True, b"c" * 16).code == REQUEST_ENTITY_INCOMPLETE  # one is missing
    assert put(1, True, b"b" * 16).code == REQUEST_ENTITY_INCOMPLETE  # and now all are
    assert put(3, False, b"d").code == REQUEST_ENTITY_INCOMPLETE
    assert put(0, True, b"a" * 15).code == 0x80
    assert client.ask("server", PUT, X + [(BLOCK1, b"\x0f")], b"a").code == 0x80  # the reserved size
    assert not came
    assert put(0, True, b"x" * 16).code == CONTINUE
    assert put(0, True, b"a" * 16).code == CONTINUE  # begun again
    response = put(1, False, b"b")
    assert response.code == CHANGED and block(response.option(BLOCK1)) == (1, False, 16)
    assert came == [b"a" * 16 + b"b"]
    assert put(0, False, b"z").code == CHANGED
    assert came[1:] == [b"z"]


def test_transfers_of_several_clients_are_kept_apart():
    network = Network(seed=3, delay_ms=20)
    server = Node(network, "server")
    came = []
    server.server.table[b"x"] = Resource(
        post=lambda request: (came.append(request.payload), (CHANGED, request.payload + b"!"))[1]
    )
    clients = [Node(network, "client %d" % i) for i in range(12)]
    payloads = [bytes([i]) * 3000 + LARGE[: i * 100] for i in range(12)]
    outcomes = [clients[i].request("server", POST, X, payloads[i]) for i in range(12)]
    network.run()
    for i in range(12):
        assert outcomes[i].payloads() == [payloads[i] + b"!"]
    assert sorted(came) == sorted(payloads)
    assert all([node.is_empty() for node in network.nodes.values()])


def test_memory_of_transfers_is_bounded():
    network = Network()
    server = Node(network, "server", dict(BOARD, transfers_max=4, transfers_max_bytes=4096))
    server.server.table[b"x"] = Resource(put=lambda request: (CHANGED, b""), get=lambda request: (CONTENT, bytes(3000)))
    table = server.server.transfers._table
    for i in range(20):
        client = Node(network, "client %d" % i)
        assert client.ask("server", PUT, X + [(BLOCK1, block_bytes(0, True, 512))], bytes(512)).code == CONTINUE
        assert len(table) <= 4
        server.messages.receive(encode(CON, GET, i, b"", X, b""), "client %d" % i, False, network.now_ms)
        assert len(table) <= 4
        assert sum([transfer.bytes() for transfer in table.values()]) <= 4096
        assert len(table) == len(server.server.transfers._keys)
    # the latest were kept
    assert client.ask("server", PUT, X + [(BLOCK1, block_bytes(1, False, 512))], b"").code == CHANGED
    network.run()
    assert server.is_empty()


def test_an_answer_that_changes_on_the_way_is_fetched_again():
    wire = Wire()
    outcome = wire.request(GET, X)
    for number, more, etag, wanted in (
        (0, True, b"1", 1),
        (1, True, b"2", 0),
        (0, True, b"2", 1),
        (1, False, b"2", None),
    ):
        _, _, message_id, token, _, _ = wire.last()
        options = [(ETAG, etag), (BLOCK2, block_bytes(number, more, 16))]
        asked = wire.receive(ACK, CONTENT, message_id, token, options, etag * (16 if more else 3))
        if wanted is not None:
            assert block(option(asked[0][4], BLOCK2)) == (wanted, False, 16)
    assert outcome.payloads() == [b"2" * 19]

    endless = wire.request(GET, X)
    count = 0
    while not endless.errors:
        _, _, message_id, token, options, _ = wire.last()
        number = (block(option(options, BLOCK2)) or (0, 0, 0))[0]
        count += 1
        options = [(ETAG, bytes([count])), (BLOCK2, block_bytes(number, True, 16))]
        wire.receive(ACK, CONTENT, message_id, token, options, b"x" * 16)
    assert count < 20 and isinstance(endless.errors[0], BadMessage)


def test_blocks_that_do_not_fit_fail():
    for number, more, length in ((1, True, 16), (0, True, 15), (0, True, 17)):
        wire = Wire()
        outcome = wire.request(GET, X)
        _, _, message_id, token, _, _ = wire.last()
        wire.receive(ACK, CONTENT, message_id, token, [(BLOCK2, block_bytes(number, more, 16))], b"x" * length)
        assert isinstance(outcome.errors[0], BadMessage), (number, more, length)
        assert not wire.node.client.waiting


def test_the_server_may_ask_for_smaller_blocks():
    wire = Wire()
    outcome = wire.request(PUT, X, LARGE[:3000])
    _, _, message_id, token, options, payload = wire.last()
    assert len(payload) == 1024 and uint(option(options, SIZE1)) == 3000
    # 4.13 with a size: from the start, RFC 7959 section 2.9.3
    wire.receive(ACK, REQUEST_ENTITY_TOO_LARGE, message_id, token, [(BLOCK1, block_bytes(0, True, 256))])
    _, _, message_id, token, options, payload = wire.last()
    assert block(option(options, BLOCK1)) == (0, True, 256) and payload == LARGE[:256]
    # and smaller still from the second on: its number counts the new size
    wire.receive(ACK, CONTINUE, message_id, token, [(BLOCK1, block_bytes(0, True, 64))])
    _, _, message_id, token, options, payload = wire.last()
    assert block(option(options, BLOCK1)) == (4, True, 64) and payload == LARGE[256:320]
    assert option(options, SIZE1) is None
    wire.receive(ACK, REQUEST_ENTITY_INCOMPLETE, message_id, token)
    assert outcome.responses[0].code == REQUEST_ENTITY_INCOMPLETE


def test_block2_without_what_came_before():
    wire_network, _, server = pair(server_memory=BOARD)
    server.server.table[b"x"] = Resource(
        get=lambda request: (CONTENT, LARGE[:1500]), post=lambda request: (CHANGED, LARGE)
    )
    sent = wire_network.log

    def ask(code, number, size):
        data = encode(CON, code, len(sent), b"t", X + [(BLOCK2, block_bytes(number, False, size))], b"")
        server.messages.receive(data, "raw", False, 0)
        return sent[-1][3]

    answer = ask(GET, 1, 1024)  # a GET is run again; the number counts the size that is answered
    assert block(option(answer[4], BLOCK2)) == (2, False, 512) and answer[5] == LARGE[1024:1500]
    answer = ask(GET, 0, 1024)
    assert block(option(answer[4], BLOCK2)) == (0, True, 512) and uint(option(answer[4], SIZE2)) == 1500
    etag = option(answer[4], ETAG)
    answer = ask(GET, 2, 64)
    assert block(option(answer[4], BLOCK2)) == (2, True, 64) and option(answer[4], ETAG) == etag
    assert ask(GET, 3, 512)[1] == 0x80  # past its end
    assert ask(POST, 1, 512)[1] == REQUEST_ENTITY_INCOMPLETE
    assert ask(POST, 0, 512)[5] == LARGE[:512]
    assert ask(POST, 1, 512)[5] == LARGE[512:1024]


# --- multicast


def test_one_request_to_all():
    network = Network()
    client = Node(network, "client")
    for i in range(5):
        node = Node(network, "node %d" % i, BOARD)
        node.server.table[b"x"] = Resource(
            get=lambda request, i=i: (CONTENT, bytes([i]) * 700) if i else (NOT_FOUND, b"")
        )
    responses = []
    asking = client.client.request_all(GROUP, X, network.now_ms, responses.append)
    network.run(2000)
    assert sorted([(r.endpoint, r.payload) for r in responses]) == [
        ("node %d" % i, bytes([i]) * 700) for i in range(1, 5)
    ]
    asking.cancel(network.now_ms)
    network.run()
    assert all([node.is_empty() for node in network.nodes.values()])


# --- observing


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


def test_newer_notifications():
    for last, number, newer in (
        (1, 2, True),
        (2, 1, False),
        (1, 1, False),
        (0, 0x7FFFFF, True),
        (0, 0x800000, False),
        (0x800000, 0, False),
        (0x800001, 0, True),
        (0xFFFFFF, 0, True),
        (0, 0xFFFFFF, False),
    ):
        assert is_newer(number, 128000, last, 0) == newer, (last, number)
        assert is_newer(number, 128001, last, 0)


def test_a_published_value_is_followed():
    network, client, server = pair()
    server.server.publish(b"x", b"1", 0, network.now_ms)
    watch = Watch(client)
    network.run(1000)
    for i in range(2, 6):
        server.server.publish(b"x", b"%d" % i, 0, network.now_ms)
        network.run(1000)
    assert watch.payloads() == [b"1", b"2", b"3", b"4", b"5"]
    types = [message[0] for message in network.sent("server")]
    assert types == [ACK, NON, NON, NON, NON]
    numbers = [uint(response.option(OBSERVE)) for response in watch.responses]
    assert numbers == sorted(numbers) and len(set(numbers)) == 5
    network.run(30000)
    server.server.publish(b"x", b"6", 0, network.now_ms)  # so long after, one is confirmable
    assert network.log[-1][3][0] == CON
    network.run(1000)
    assert network.log[-1][3][0] == ACK
    watch.observation.cancel(network.now_ms)
    network.run(1000)
    assert option(network.sent("client")[-1][4], OBSERVE) == b"\x01"
    assert not server.server.table[b"x"].observers
    server.server.publish(b"x", b"7", 0, network.now_ms)
    network.run()
    assert watch.payloads()[5:] == [b"6"] and not watch.errors
    assert client.is_empty() and server.is_empty()


def test_a_client_that_is_gone_resets():
    for after_ms in (1000, 40000):  # a NON and a CON
        network, client, server = pair()
        server.server.publish(b"x", b"1", 0, network.now_ms)
        watch = Watch(client)
        network.run(1000)
        watch.observation.cancel(network.now_ms, deregister=False)
        network.run(after_ms)
        assert len(server.server.table[b"x"].observers) == 1
        server.server.publish(b"x", b"2", 0, network.now_ms)
        network.run(10)
        assert network.sent("client")[-1][0] == RST
        assert not server.server.table[b"x"].observers
        network.run()
        assert client.is_empty() and server.is_empty()


def test_a_silent_observer_is_dropped():
    network, client, server = pair()
    server.server.table[b"x"] = resource = Resource(get=lambda request: (CONTENT, b"1")).observable(confirmable=True)
    Watch(client)
    network.run(1000)
    del network.nodes["client"]
    server.server.notify(resource, network.now_ms)
    network.run(100000)
    assert not resource.observers
    network.run()
    assert server.is_empty()


def test_while_one_is_unacknowledged_only_the_newest_waits():
    network, client, server = pair()
    state = [0]
    resource = Resource(get=lambda request: (CONTENT, b"%d" % state[0])).observable(confirmable=True)
    server.server.table[b"x"] = resource
    watch = Watch(client)
    network.run(1000)
    network.lose = lambda data, source, target: source == "server"
    for _ in range(5):
        state[0] += 1
        server.server.notify(resource, network.now_ms)
        network.run(100)
    network.lose = lambda data, source, target: False
    network.run(10000)
    assert watch.payloads() == [b"0", b"1", b"5"]


def test_an_older_notification_is_not_delivered():
    wire = Wire()
    watch = Watch(wire.node)
    _, _, message_id, token, options, _ = wire.last()
    assert option(options, OBSERVE) == b""
    wire.receive(ACK, CONTENT, message_id, token, [(OBSERVE, uint_bytes(10))], b"10")
    for i, number in enumerate((12, 11, 12, 13, 5)):
        wire.receive(NON, CONTENT, i, token, [(OBSERVE, uint_bytes(number))], b"%d" % number)
    assert watch.payloads() == [b"10", b"12", b"13"]
    # an error, or an answer that does not observe, is the last
    wire.receive(CON, NOT_FOUND, 20, token, (), b"gone")
    assert watch.responses[-1].code == NOT_FOUND
    assert wire.receive(NON, CONTENT, 21, token, [(OBSERVE, uint_bytes(30))], b"") == [(RST, 0, 21, b"", [], b"")]
    wire.network.run()
    assert wire.node.is_empty()


def test_not_observable():
    network, client, server = pair()
    server.server.table[b"x"] = Resource(get=lambda request: (CONTENT, b"1"))
    watch = Watch(client)
    gone = Watch(client, options=uri_options("nothing"))
    nobody = Watch(client, endpoint="nobody", timeout_ms=10000)
    network.run()
    assert watch.payloads() == [b"1"] and not watch.errors
    assert [response.code for response in gone.responses] == [NOT_FOUND]
    assert isinstance(nobody.errors[0], NoAnswer) and not nobody.responses
    assert client.is_empty() and server.is_empty()


def test_it_registers_again_when_the_board_was_restarted():
    network, client, server = pair()
    server.server.publish(b"x", b"1", 0, network.now_ms)
    watch = Watch(client)
    network.run(1000)
    for _ in range(20):  # numbers that the restarted one has not reached yet
        server.server.publish(b"x", b"2", 0, network.now_ms)
    network.run(10000)
    del network.nodes["server"]
    network.run(300000)  # off for five minutes: registering is tried and tried
    assert not watch.errors
    restarted = Node(network, "server")
    restarted.server.publish(b"x", b"3", 0, network.now_ms)
    network.run(300000)
    assert watch.payloads()[-1] == b"3"
    restarted.server.publish(b"x", b"4", 0, network.now_ms)
    network.run(1000)
    assert watch.payloads()[-1] == b"4"
    assert len(restarted.server.table[b"x"].observers) == 1
    assert len(watch.payloads()) <= 2 + 20 + 300000 // 65000 + 2


def test_registering_again_where_nothing_listens_takes_its_time():
    wire = Wire()
    watch = Watch(wire.node)
    _, _, message_id, token, _, _ = wire.last()
    wire.receive(ACK, CONTENT, message_id, token, [(OBSERVE, b"\x01")], b"1")
    wire.network.run(100000)
    for _ in range(5):  # the system says so each time
        before = wire.network.now_ms
        sent = len(wire.network.log)
        wire.node.messages.unreachable("server", NoAnswer("nothing there"), before)
        wire.network.run(until=lambda n=sent: len(wire.network.log) > n)
        assert 5000 <= wire.network.now_ms - before <= 15000
    assert not watch.errors
    _, _, message_id, token, _, _ = wire.last()
    wire.receive(ACK, CONTENT, message_id, token, [(OBSERVE, b"")], b"2")
    assert watch.payloads() == [b"1", b"2"]


def test_lost_notifications_are_made_up_for():
    network, client, server = pair()
    server.server.publish(b"x", b"1", 0, network.now_ms)
    watch = Watch(client)
    network.run(1000)
    network.lose = lambda data, source, target: decode(data)[0] == NON
    server.server.publish(b"x", b"2", 0, network.now_ms)
    network.run(80000)
    assert watch.payloads()[-1] == b"2"


def test_large_notifications_are_whole():
    network, client, server = pair(BOARD, BOARD)
    server.server.publish(b"x", LARGE[:3000], 42, network.now_ms)
    watch = Watch(client)
    network.run(1000)
    server.server.publish(b"x", LARGE[3000:7000], 42, network.now_ms)
    network.run(2)
    server.server.publish(b"x", LARGE[7000:9000], 42, network.now_ms)  # while the last is being fetched
    network.run(1000)
    assert watch.payloads() == [LARGE[:3000], LARGE[7000:9000]]
    assert len(server.server.table[b"x"].observers) == 1
    watch.observation.cancel(network.now_ms)
    network.run()
    assert client.is_empty() and server.is_empty()


def test_observers_are_bounded_and_registering_twice_is_once():
    network = Network()
    server = Node(network, "server", dict(BOARD, observers_max=3))
    server.server.publish(b"x", b"1", 0, 0)
    clients = [Node(network, "client %d" % i) for i in range(5)]
    watches = [Watch(client) for client in clients]
    network.run(1000)
    observers = server.server.table[b"x"].observers
    assert len(observers) == 3
    assert [len(watch.responses) for watch in watches] == [1] * 5  # the others got an answer all the same
    network.run(200000)  # all register again
    assert len(observers) == 3
    assert EXCHANGE_LIFETIME_MS > 200000
