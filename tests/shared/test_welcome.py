"""What `helio serve` answers a node that has said hello, and what the node makes of it."""

from peer import Peer

from helio.message import Message
from helio.node import Node
from helio.welcome import FEEDS_MAX, read_welcome, welcome_text

LOOP = "127.0.0.1"
URL = "http://192.168.1.9:8080/feeds/"
NOTHING = (None, None)


def read(text):
    return read_welcome(Message.parse(text))


def test_what_is_written_is_read():
    text = welcome_text(1795600800.9, URL)
    assert text == "welcome TIME=1795600800 FEEDS=http://192.168.1.9:8080/feeds/"
    assert read(text) == (1795600800, URL)


def test_the_order_and_words_that_are_not_known_do_not_matter():
    assert read("welcome  FEEDS=%s NEW=1 more TIME=1795600800 " % URL) == (1795600800, URL)


def test_what_is_malformed_is_nothing():
    for text in (
        "welcome",
        "welcome ",
        "welcome TIME=1795600800",
        "welcome FEEDS=" + URL,
        "welcome TIME= FEEDS=" + URL,
        "welcome TIME=soon FEEDS=" + URL,
        "welcome TIME=-5 FEEDS=" + URL,
        "welcome TIME=1795600800.5 FEEDS=" + URL,
        "welcome TIME=0x6B06B8A0 FEEDS=" + URL,
        "welcome TIME=17956008000 FEEDS=" + URL,
        "welcome TIME=%s FEEDS=%s" % ("9" * 900, URL),
        "welcome TIME=0 FEEDS=" + URL,  # a clock that was never set itself
        "welcome TIME=86400 FEEDS=" + URL,
        "welcome TIME=1795600800 FEEDS=",
        "welcome TIME=1795600800 FEEDS=http://",
        "welcome TIME=1795600800 FEEDS=http:///",
        "welcome TIME=1795600800 FEEDS=https://192.168.1.9/feeds/",
        "welcome TIME=1795600800 FEEDS=192.168.1.9:8080/feeds/",
        "welcome TIME=1795600800 FEEDS=http://192.168.1.9:8080/feeds",
        "welcome TIME=1795600800 FEEDS=http://%s/" % ("a" * FEEDS_MAX),
        "welcome time=1795600800 feeds=" + URL,
    ):
        assert read(text) == NOTHING, text


async def test_a_node_takes_it_once_it_comes():
    node = Node("kitchen", address=LOOP, port=0, coap_port=None)
    times = []
    node.on_welcome = times.append
    async with node:
        assert node.feeds is None
        with Peer() as peer:
            for text in ("welcome", "welcome TIME=soon FEEDS=" + URL, "welcome \xff"):
                peer.send(text, LOOP, node.port)
            assert await peer.sent_by(LOOP, node.port) == []
            assert node.feeds is None and times == []
            peer.send(welcome_text(1795600800, URL), LOOP, node.port)
            assert await peer.sent_by(LOOP, node.port) == []  # it is an answer: it has none itself
            assert node.feeds == URL and times == [1795600800]
            peer.send("welcome TIME=1 FEEDS=x", LOOP, node.port)
            peer.send(welcome_text(1795600801, URL + "2/"), LOOP, node.port)
            await peer.sent_by(LOOP, node.port)
            assert node.feeds == URL + "2/" and times == [1795600800, 1795600801]


async def test_a_program_need_not_care():
    async with Node("kitchen", address=LOOP, port=0, coap_port=None) as node:
        messages = node.messages()
        with Peer() as peer:
            peer.send(welcome_text(1795600800, URL), LOOP, node.port)
            await peer.sent_by(LOOP, node.port)
        assert node.feeds == URL
        assert (await messages.__anext__()).name == "welcome"  # whoever reads all messages has it too
