"""Answers to those that may not be where they say (RFC 9175 section 2.4), in virtual time."""

from coap_network import Asker, Network, Node, X

from helio.coap.codec import (
    ACK,
    BLOCK2,
    CHANGED,
    CON,
    CONTENT,
    CREATED,
    ECHO,
    GET,
    LOCATION_PATH,
    NON,
    OBSERVE,
    POST,
    PUT,
    UNAUTHORIZED,
    block,
    block_bytes,
    encode,
    option,
)
from helio.coap.limits import BOARD, DESKTOP
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import BadArgument


def test_no_answer_amplifies():
    long = "é".encode() * 5000

    def fail(request):
        raise BadArgument("é" * 5000)

    for memory in (BOARD, DESKTOP):
        asker = Asker(memory, trusted=False)

        for i in range(20):
            asker.table[b"r%d" % i] = Resource(attributes='title="%s"' % ("long " * 20))
        asker.table[b"get"] = Resource(get=lambda request: (CONTENT, long)).observable()
        asker.table[b"options"] = Resource(
            get=lambda request: (CONTENT, long, [(LOCATION_PATH, b"x" * 50)] * 5),
            post=lambda request: (CREATED, long, [(LOCATION_PATH, b"x" * 50)] * 5),
        )
        asker.table[b"fail"] = Resource(get=fail, post=lambda request: (0x80, long, [(LOCATION_PATH, b"x" * 50)] * 5))
        asked = 0
        for path in ("get", "options", "fail", ".well-known/core", "none", "x" * 200):
            for code in (GET, POST, PUT):
                for more in ([], [(BLOCK2, block_bytes(0, False, 1024))], [(BLOCK2, block_bytes(1, False, 64))]):
                    for observe in ([], [(OBSERVE, b"")]):
                        for payload in (b"", bytes(40), bytes(300)):
                            for type in (CON, NON):
                                options = observe + uri_options(path) + more
                                asked += 1
                                asker.network.log.clear()
                                data = encode(type, code, asked, b"12345678", options, payload)
                                answers = asker.again(data, ("raw", asked % 100))
                                assert len(answers) == 1
                                assert len(encode(*answers[0])) <= max(3 * len(data), 128), answers
        assert asker.node.counts["failed"] == 0


def test_an_echo_given_back_opens_the_way():
    asker = Asker(BOARD, trusted=False)
    asker.table[b"x"] = Resource(get=lambda request: (CONTENT, bytes(2000)))
    code, options, payload = asker.ask(GET, X)
    assert code == CONTENT and block(option(options, BLOCK2)) == (0, True, 64) and len(payload) == 64
    echo = option(options, ECHO)
    assert len(echo) == 8
    code, options, payload = asker.ask(GET, X + [(BLOCK2, block_bytes(1, False, 128)), (ECHO, bytes(8))])
    assert option(options, ECHO) == echo and len(payload) == 64  # a wrong one
    code, options, payload = asker.ask(GET, X + [(ECHO, echo)])
    assert option(options, ECHO) is None and len(payload) == 512
    # where not even a block has room
    asker.table[b"y"] = Resource(get=lambda request: (CONTENT, b"1", [(LOCATION_PATH, b"x" * 200)]))
    code, options, payload = asker.ask(GET, uri_options("y"), source="other")
    assert (code, payload) == (UNAUTHORIZED, b"")
    code, options, payload = asker.ask(GET, uri_options("y") + options, source="other")
    assert (code, payload) == (CONTENT, b"1")


def test_a_client_goes_on_by_itself_with_the_echo():
    network = Network()
    client = Node(network, "client")
    server = Node(network, "server", trusted=False)
    server.server.table[b"x"] = Resource(
        get=lambda request: (CONTENT, bytes(5000)),
        post=lambda request: (CHANGED, request.payload),
    )
    assert client.ask("server", GET, X).payload == bytes(5000)
    assert client.ask("server", POST, X, bytes(5000)).payload == bytes(5000)
    other = Node(network, "other")
    assert other.ask("server", POST, X, bytes(5000)).payload == bytes(5000)
    network.run()
    assert client.is_empty() and server.is_empty()


def test_a_repeated_message_id_does_not_amplify():
    asker = Asker(trusted=False)
    asker.table[b"x"] = Resource(post=lambda request: (CHANGED, bytes(900)))
    first = encode(CON, POST, 7, b"t", X, bytes(900))
    assert len(asker.again(first)[0][5]) == 900
    assert asker.again(encode(CON, GET, 7, b"", (), b"")) == []
    assert len(asker.again(first)) == 1


def test_a_separate_answer_to_a_stranger_is_sent_once():
    for trusted, count in ((False, 1), (True, 5)):
        asker = Asker(trusted=trusted)
        held = []
        asker.table[b"x"] = Resource(post=held.append)
        assert asker.send(CON, POST, X) == []
        asker.network.run(1000)
        held[0].respond(asker.network.now_ms, CHANGED, b"done")
        asker.network.run(100000)
        answers = asker.network.sent("server")
        assert [answer[0] for answer in answers] == [ACK] + [CON] * count
        asker.network.run()
        assert asker.node.is_empty() and asker.server.separate == 0


def test_separate_answers_to_a_flood_are_bounded():
    asker = Asker(BOARD, trusted=False)
    held = []
    asker.table[b"x"] = Resource(post=held.append)
    for i in range(1000):
        asker.send(CON, POST, X, source=("flood", i))
        asker.network.run(600)
        held.pop().respond(asker.network.now_ms, CHANGED, b"done")
        assert len(asker.node.messages._peers) <= BOARD["endpoints_max"]
        assert asker.server.separate <= BOARD["endpoints_max"] // 4
    asker.network.run()
    assert asker.node.is_empty() and asker.server.separate == 0
