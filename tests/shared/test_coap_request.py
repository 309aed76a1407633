"""The request layer, both sides in virtual time: matching, separate responses, failures, multicast."""

from coap_network import GROUP, LARGE, Network, Node, Watch, Wire, X, pair

from helio.coap.codec import (
    ACK,
    BLOCK1,
    CHANGED,
    CON,
    CONTENT,
    GET,
    NON,
    NOT_FOUND,
    POST,
    REQUEST_ENTITY_TOO_LARGE,
    RST,
    block,
    encode,
    option,
)
from helio.coap.limits import BOARD
from helio.coap.request import Client, uri_options
from helio.coap.resource import Resource
from helio.errors import NoAnswer, Refused


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


def test_each_endpoint_answers_all_once():
    network = Network()
    client = Node(network, "client")
    for i in range(2):
        node = Node(network, "node %d" % i, BOARD)
        node.server.table[b"x"] = Resource(get=lambda request: (CONTENT, bytes(700)))
    responses = []
    asking = client.client.request_all(GROUP, X, network.now_ms, responses.append)
    token = network.log[-1][3][3]
    for name in ("node 0", "node 1"):  # it comes on a second interface too
        network.nodes[name].messages.receive(encode(NON, GET, 999, token, X, b""), "client", True, 0)
    network.run(2000)
    assert sorted([response.endpoint for response in responses]) == ["node 0", "node 1"]
    asking.cancel(network.now_ms)
    network.run()
    assert client.is_empty()
