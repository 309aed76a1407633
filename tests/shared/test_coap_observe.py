"""Observing (RFC 7641), both sides in virtual time."""

from coap_network import LARGE, Network, Node, Watch, Wire, X, pair

from helio.coap.codec import (
    ACK,
    BLOCK2,
    CON,
    CONTENT,
    GET,
    NON,
    NOT_FOUND,
    OBSERVE,
    POST,
    RST,
    block_bytes,
    decode,
    encode,
    option,
    uint,
    uint_bytes,
)
from helio.coap.limits import BOARD, EXCHANGE_LIFETIME_MS
from helio.coap.observe import is_newer
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import NoAnswer


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


def test_what_was_not_acknowledged_gives_way_to_the_newest():
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
    assert watch.payloads() == [b"0", b"5"]


def test_each_attempt_to_notify_says_the_newest():
    network, client, server = pair()
    state = [0]
    resource = Resource(get=lambda request: (CONTENT, b"%d" % state[0])).observable(confirmable=True)
    server.server.table[b"x"] = resource
    Watch(client)
    network.run(1000)
    start = len(network.log)
    del network.nodes["client"]
    for state[0] in range(1, 100):
        server.server.notify(resource, network.now_ms)
        network.run(1000)
    attempts = [(now_ms, message) for now_ms, source, _, message in network.log[start:] if source == "server"]
    assert len(attempts) == 5 and not resource.observers  # the attempts go on being counted
    for i in range(1, 5):
        (before_ms, before), (after_ms, after) = attempts[i - 1 : i + 1]
        assert after[0] == CON and after[2] != before[2] and after[3] == before[3]
        assert uint(option(after[4], OBSERVE)) > uint(option(before[4], OBSERVE))
        assert int(after[5]) == after_ms // 1000, after  # what it is at that time
        assert after_ms - before_ms >= 2000 << i - 1
    network.run()
    assert server.is_empty()


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
    sent = len(wire.network.log)
    wire.network.run(until=lambda: len(wire.network.log) > sent)  # it registers again
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


def test_a_registration_answered_separately_is_not_sent_again():
    for type in (CON, NON):
        wire = Wire()
        watch = Watch(wire.node)
        token = wire.last()[3]
        wire.receive(type, CONTENT, 5, token, [(OBSERVE, b"\x01")], b"1")  # its ACK was lost
        wire.network.run(50000)
        assert len([m for m in wire.network.sent("client") if m[1] == GET]) == 1
        assert watch.payloads() == [b"1"]


def test_an_error_is_the_last_notification():
    network, client, server = pair()
    state = [b"1"]
    resource = Resource(get=lambda request: (CONTENT, state[0]) if state[0] else (NOT_FOUND, b"gone")).observable()
    server.server.table[b"x"] = resource
    watch = Watch(client)
    network.run(1000)
    state[0] = None
    network.lose = lambda data, source, target: source == "server"
    server.server.notify(resource, network.now_ms)
    assert not resource.observers
    network.run(1000)
    network.lose = lambda data, source, target: False
    network.run()
    assert [response.code for response in watch.responses] == [CONTENT, NOT_FOUND]  # it is confirmable
    assert watch.responses[-1].option(OBSERVE) is None
    assert client.is_empty() and server.is_empty()


def test_what_does_not_register():
    network, client, server = pair()
    server.server.publish(b"x", bytes(100), 0, 0)
    observers = server.server.table[b"x"].observers
    for code, observe, block2 in ((GET, 1, 0), (GET, 2, 0), (GET, 0xFFFFFF, 0), (GET, 0, 1), (POST, 0, 0)):
        options = [(OBSERVE, uint_bytes(observe))] + X + [(BLOCK2, block_bytes(block2, False, 16))]
        data = encode(CON, code, len(network.log), b"t", options, b"")
        server.messages.receive(data, "client", False, network.now_ms)
        assert option(network.log[-1][3][4], OBSERVE) is None
        assert not observers, (code, observe, block2)
    # one that is registered stays so after a value that means nothing
    watch = Watch(client)
    network.run(1000)
    client.client.waiting[b"again"] = watch
    token = observers[0].message[3]
    for observe, count in ((2, 1), (0, 1), (1, 0)):
        data = encode(CON, GET, 900 + observe, token, [(OBSERVE, uint_bytes(observe))] + X, b"")
        server.messages.receive(data, "client", False, network.now_ms)
        assert len(observers) == count
    data = encode(CON, GET, 903, token, [(OBSERVE, b"")] + X, b"")
    server.messages.receive(data, "another", False, network.now_ms)  # the token is each endpoint's own
    data = encode(CON, GET, 904, token, [(OBSERVE, b"\x01")] + X, b"")
    server.messages.receive(data, "client", False, network.now_ms)
    assert len(observers) == 1


def test_observing_what_answers_late():
    network, client, server = pair()
    held = []
    resource = Resource(get=held.append).observable()
    server.server.table[b"x"] = resource
    watch = Watch(client)
    network.run(1000)
    network.lose = lambda data, source, target: source == "client"
    held.pop().respond(network.now_ms, CONTENT, b"1")
    assert len(resource.observers) == 1
    server.server.notify(resource, network.now_ms)  # while the first answer is not acknowledged
    assert not held
    network.run(1000)
    network.lose = lambda data, source, target: False
    network.run(5000)
    held.pop().respond(network.now_ms, CONTENT, b"2")
    network.run(1000)
    assert watch.payloads() == [b"1", b"2"]
    assert server.server.separate == 0


def test_sequence_numbers_wrap():
    network, client, server = pair()
    server.server._sequence = 0xFFFFFD
    server.server.publish(b"x", b"0", 0, 0)
    watch = Watch(client)
    network.run(1000)
    for i in range(1, 6):
        server.server.publish(b"x", b"%d" % i, 0, network.now_ms)
        network.run(1000)
    assert watch.payloads() == [b"%d" % i for i in range(6)]
    assert [uint(r.option(OBSERVE)) for r in watch.responses] == [0xFFFFFE, 0xFFFFFF, 0, 1, 2, 3]


def test_a_state_that_changes_while_a_notification_is_made_is_sent_after_it():
    for confirmable in (False, True):
        network, client, server = pair()
        held = []
        resource = Resource(get=held.append).observable(confirmable)
        server.server.table[b"x"] = resource
        watch = Watch(client)
        network.run(10)
        held.pop().respond(network.now_ms, CONTENT, b"1")
        network.run(1000)
        for _ in range(3):
            server.server.notify(resource, network.now_ms)
        assert len(held) == 1
        held.pop().respond(network.now_ms, CONTENT, b"2")
        network.run(1000)
        assert len(held) == 1
        held.pop().respond(network.now_ms, CONTENT, b"3")
        network.run(1000)
        assert not held and watch.payloads() == [b"1", b"2", b"3"]
