"""Where a node finds what `helio serve` has for it, and what runs beside a node."""

import asyncio

from http_server import HOLD, Server, answer, one_by_one
from peer import Peer

from helio.errors import Refused, UnknownTarget
from helio.node import Node
from helio.served import served_url


class Welcomed:
    """A node that knows where feeds are."""

    def __init__(self, server):
        self.feeds = server.url + "/feeds/"


async def test_a_name_and_the_first_of_a_kind():
    async with Server(one_by_one(answer(b"news\nother\n")), [answer(b"home\n" * 1000, length=10**6), HOLD]) as server:
        node = Welcomed(server)
        assert await served_url(node, "feeds", "mine") == server.url + "/feeds/mine"
        assert await served_url(node, "feeds", "https://example.org/feed") == "https://example.org/feed"
        assert await served_url(node, "feeds") == server.url + "/feeds/news"
        assert await served_url(node, "weather") == server.url + "/weather/home"
        assert [request.split(b" ")[1] for request in server.requests] == [b"/feeds/", b"/weather/"]
        await server.closed()


async def test_nothing_of_the_kind():
    async with Server([answer()], [answer(b"not here", status="404 Not Found")]) as server:
        for _ in range(2):
            try:
                await served_url(Welcomed(server), "feeds")
                assert False
            except UnknownTarget as error:
                assert server.url + "/feeds/" in str(error)


def node():
    return Node("kitchen", address="127.0.0.1", port=0, coap_port=None)


def test_what_a_program_raises_ends_the_node_and_is_raised():
    kitchen = node()
    ended = []

    async def fails():
        await asyncio.sleep(0)
        raise Refused("no")

    async def goes_on():
        try:
            while True:
                await asyncio.sleep(1)
        finally:
            ended.append(kitchen.port)

    try:
        kitchen.run(goes_on, fails)
        assert False
    except Refused:
        assert ended
    assert kitchen.address == "127.0.0.1" and not kitchen._tasks


def test_the_node_answers_beside_its_programs_until_it_is_stopped():
    kitchen = node()
    answers = []

    async def asks():
        with Peer() as peer:
            answers.append(await peer.ask("ping", "127.0.0.1", kitchen.port))
        await kitchen.stop()

    async def never_ends():
        await asyncio.sleep(1000)

    async def ends_at_once():
        pass

    kitchen.run(ends_at_once, never_ends, asks)
    assert answers == ["ok pong"]
