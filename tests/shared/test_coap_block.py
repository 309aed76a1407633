"""Payloads longer than a block (RFC 7959), both sides in virtual time."""

from coap_network import LARGE, Network, Node, Wire, X, pair

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
    POST,
    PUT,
    REQUEST_ENTITY_INCOMPLETE,
    REQUEST_ENTITY_TOO_LARGE,
    SIZE1,
    SIZE2,
    block,
    block_bytes,
    encode,
    option,
    uint,
)
from helio.coap.limits import BOARD, DESKTOP, EXCHANGE_LIFETIME_MS
from helio.coap.resource import Resource
from helio.errors import BadMessage


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


class Uploads:
    """A server that takes requests in blocks, and what reached its handler."""

    def __init__(self, memory=DESKTOP):
        self.network, self.client, self.server = pair(server_memory=memory)
        self.came = []
        self.server.server.table[b"x"] = Resource(put=self.take, post=self.take)

    def take(self, request):
        self.came.append(request.payload)
        return CHANGED, b""

    def put(self, number, more, payload, size=16):
        return self.client.ask("server", PUT, X + [(BLOCK1, block_bytes(number, more, size))], payload)


def test_a_block_that_comes_again_as_another_message():
    uploads = Uploads()
    for number, letter in ((0, b"a"), (0, b"a"), (1, b"b"), (1, b"b"), (0, b"x"), (1, b"y"), (2, b"z"), (1, b"b")):
        assert uploads.put(number, True, letter * 16).code == CONTINUE
    assert uploads.put(2, False, b"c").code == CHANGED
    assert uploads.came == [b"x" * 16 + b"b" * 16 + b"c"]
    uploads.network.run()
    assert uploads.server.is_empty()


def test_the_size_may_change_on_the_way():
    uploads = Uploads()
    assert uploads.put(0, True, bytes(64), 64).code == CONTINUE
    assert uploads.put(4, True, b"a" * 16, 16).code == CONTINUE
    assert uploads.put(5, True, b"b" * 16, 16).code == CONTINUE
    assert uploads.put(3, False, b"c" * 5, 32).code == CHANGED
    assert uploads.came == [bytes(64) + b"a" * 16 + b"b" * 16 + b"c" * 5]


def test_blocks_of_another_kind_do_not_belong_together():
    for first, second in (
        ([(12, b"")], [(12, b"\x32")]),  # Content-Format
        ([(12, b"")], []),
        ([(15, b"a=1")], [(15, b"a=2")]),
        ([(292, b"1")], [(292, b"2")]),  # Request-Tag
        ([(292, b"1")], []),
    ):
        uploads = Uploads()

        def put(number, more, payload, options, uploads=uploads):
            options = X + options + [(BLOCK1, block_bytes(number, more, 16))]
            options.sort()
            return uploads.client.ask("server", PUT, options, payload).code

        assert put(0, True, b"1" * 16, first) == CONTINUE
        assert put(1, False, b"1", second) == REQUEST_ENTITY_INCOMPLETE
        assert put(1, False, b"1", first) == CHANGED
        assert uploads.came == [b"1" * 17]


def test_a_block_is_as_long_as_it_says():
    uploads = Uploads()
    for number, more, length in ((0, True, 15), (0, True, 17), (0, False, 17)):
        assert uploads.put(number, more, bytes(length)).code == 0x80
    assert not uploads.came


def test_too_large_says_how_large_it_may_be():
    uploads = Uploads(dict(BOARD, transfers_max_bytes=4096))
    response = uploads.client.ask("server", PUT, X, bytes(5000))
    assert response.code == REQUEST_ENTITY_TOO_LARGE and uint(response.option(SIZE1)) == 4096
    assert uploads.client.ask("server", PUT, X, bytes(4096)).code == CHANGED
    # one that does not say so beforehand
    for number in range(9):
        code = uploads.put(number, True, bytes(512), 512).code
    assert code == REQUEST_ENTITY_TOO_LARGE
    uploads.network.run()
    assert uploads.server.is_empty()


def test_a_transfer_may_take_long_as_long_as_it_goes_on():
    network, client, server = pair(BOARD, BOARD)
    server.server.table[b"x"] = Resource(post=lambda request: (CHANGED, request.payload * 2))
    delays = [0]

    def lose(data, source, target):  # each answer comes after three retransmissions
        delays[0] += 1
        return source == "server" and delays[0] % 8 < 6

    network.lose = lose
    assert client.ask("server", POST, X, LARGE[:8000]).payload == LARGE[:8000] * 2
    assert network.now_ms > 2 * EXCHANGE_LIFETIME_MS


def test_an_answer_of_an_other_size_than_was_asked_for():
    # smaller from the second block on; its number counts the new size
    wire = Wire()
    outcome = wire.request(GET, X)
    for number, more, size, wanted in (
        (0, True, 64, (1, False, 64)),
        (2, True, 32, (3, False, 32)),
        (6, True, 16, (7, False, 16)),
        (7, False, 16, None),
    ):
        _, _, message_id, token, _, _ = wire.last()
        start = number * size
        options = [(ETAG, b"e"), (BLOCK2, block_bytes(number, more, size))]
        asked = wire.receive(ACK, CONTENT, message_id, token, options, LARGE[start : start + size])
        if wanted:
            assert block(option(asked[0][4], BLOCK2)) == wanted
    assert outcome.payloads() == [LARGE[:128]]
    # over what the block says
    outcome = wire.request(GET, X)
    _, _, message_id, token, _, _ = wire.last()
    wire.receive(ACK, CONTENT, message_id, token, [(BLOCK2, block_bytes(0, True, 16))], bytes(16))
    _, _, message_id, token, _, _ = wire.last()
    wire.receive(ACK, CONTENT, message_id, token, [(BLOCK2, block_bytes(1, False, 16))], bytes(17))
    assert isinstance(outcome.errors[0], BadMessage)


def test_no_block2_on_what_has_no_payload():
    network, client, server = pair()
    server.server.table[b"x"] = Resource(put=lambda request: (CHANGED, b""))
    both = X + [(BLOCK2, block_bytes(0, False, 64)), (BLOCK1, block_bytes(0, True, 16))]
    response = client.ask("server", PUT, both, bytes(16))
    assert response.code == CONTINUE and response.option(BLOCK2) is None
    response = client.ask("server", PUT, both[:-1], b"")
    assert response.code == CHANGED and response.option(BLOCK2) is None
