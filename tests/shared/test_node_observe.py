"""Values that nodes publish, and those that follow them, over sockets."""

import asyncio

from coap_kitchen import LOOP, at, desk, kitchen, refusal
from peer import free_port

from helio import runtime
from helio.coap.codec import CONTENT, GET
from helio.coap.request import uri_options
from helio.errors import NoAnswer
from helio.node import Node


async def test_values():
    async with kitchen() as node, desk() as other:
        for value, payload, content_format in (
            (21.5, b"21.5", b"\x32"),
            ("warm", b"warm", b""),
            (b"\xff", b"\xff", b"\x2a"),
            ({"a": 1}, b'{"a":1}', b"\x32"),
        ):
            node.publish("temperature", value)
            response = await other.request(at(node), GET, uri_options("temperature"))
            assert (response.code, response.payload, response.option(12)) == (CONTENT, payload, content_format)
            following = other.observe(at(node), "temperature")
            assert await following.__anext__() == value
            following.close()
        node.publish("blink", 3)  # a value and a handler may share a name
        assert (await other.request(at(node), GET, uri_options("blink"))).payload == b"3"
        assert await other.send(at(node), "blink 2") == "done"


async def test_observing():
    async with kitchen() as node, desk() as other:
        node.publish("temperature", 0)
        seen = []
        following = other.observe(at(node), "temperature")
        async for value in following:
            seen.append(value)
            if value == 5:
                break
            node.publish("temperature", value + 1)
        assert seen == [0, 1, 2, 3, 4, 5]
        following.close()
        async for value in following:
            raise AssertionError(value)
        for _ in range(100):
            if not node.coap().server.observer_count():
                break
            await asyncio.sleep(0.01)
        assert node.coap().server.observer_count() == 0


async def test_leaving_the_loop_ends_it():
    async with kitchen() as node, desk() as other:
        node.publish("temperature", 1)

        async def first():
            following = other.observe(at(node), "temperature")
            async for value in following:
                if runtime.MICROPYTHON:  # which tells nobody when an object is done with
                    following.close()
                return value

        for _ in range(3):
            assert await first() == 1
        assert not other._calls.followed
        for _ in range(100):
            if not node.coap().server.observer_count():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it is observed still")


async def test_observing_what_is_not_there():
    async with kitchen() as node, desk() as other:
        for name, code in (("nix", 0x84), ("blink", 0x85)):
            assert (await refusal(other.observe(at(node), name).__anext__()))[0] == code


async def test_observing_a_node_that_restarts():
    port, coap_port = free_port(), free_port()
    async with Node("desk", address="127.0.0.2", port=port, coap_port=0) as other:
        following = None
        for value in (1, 2):
            async with kitchen(port=port, coap_port=coap_port) as node:  # it says hello
                node.publish("temperature", value)
                following = following or other.observe("kitchen", "temperature")
                assert await following.__anext__() == value
        following.close()


async def test_observing_a_board_that_has_its_value_late_or_is_off_for_long():
    coap_port = free_port()
    async with desk() as other:
        messages = other.coap().messages
        node = kitchen(coap_port=coap_port)
        await node.start()
        node.publish("temperature", 1)
        following = other.observe(at(node), "temperature")
        assert await following.__anext__() == 1
        await node.stop()
        async with kitchen(coap_port=coap_port) as node:
            next_value = asyncio.create_task(following.__anext__())
            # as when no notification comes for too long
            following._values._follow._observation.on_due(other.coap().now_ms())
            while node.counts["rejected"] < 3:  # 4.04: it knows no such value yet
                await asyncio.sleep(0.01)
                if following._values._follow in messages._timers:
                    messages.schedule(following._values._follow, 0)
                    messages.tick(other.coap().now_ms())
            node.publish("temperature", 2)
            messages.schedule(following._values._follow, 0)
            messages.tick(other.coap().now_ms())
            assert await next_value == 2
            following._values._follow._fail(NoAnswer("it is off"))
            messages.schedule(following._values._follow, 0)
            messages.tick(other.coap().now_ms())
            assert await following.__anext__() == 2
        following.close()
        assert following._values._follow not in messages._timers


async def test_a_node_that_has_too_many_observers_is_asked_now_and_then():
    async with kitchen(coap_limits={"observers_max": 0}) as node, desk() as other:
        messages = other.coap().messages
        node.publish("temperature", 1)
        following = other.observe(at(node), "temperature")
        assert await following.__anext__() == 1
        node.publish("temperature", 2)
        next_value = asyncio.create_task(following.__anext__())
        messages.schedule(following._values._follow, 0)
        messages.tick(other.coap().now_ms())
        assert await next_value == 2
        following.close()


async def test_a_node_that_stops_ends_what_waits_for_it():
    async with kitchen() as node:
        other = desk()
        await other.start()
        node.publish("temperature", 1)
        following = other.observe(at(node), "temperature")
        assert await following.__anext__() == 1

        async def follow():
            async for value in following:
                raise AssertionError(value)

        async def ask():
            try:
                await other.send((LOOP, free_port()), "ping")
            except NoAnswer as error:
                return str(error)

        waiting = [asyncio.create_task(follow()), asyncio.create_task(ask())]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await other.stop()
        assert await waiting[0] is None
        assert "was stopped" in await waiting[1]


async def test_a_value_that_changes_its_kind():
    async with kitchen() as node, desk() as other:
        messages = other.coap().messages
        node.publish("temperature", 21.5)
        following = other.observe(at(node), "temperature")
        assert await following.__anext__() == 21.5
        node.publish("temperature", "off")  # ends the observation, RFC 7641 section 4.2
        follow = following._values._follow
        while follow not in messages._timers:
            await asyncio.sleep(0.01)
        assert node.coap().server.observer_count() == 0
        messages.schedule(follow, 0)
        messages.tick(other.coap().now_ms())
        assert await following.__anext__() == "off"
        following.close()
