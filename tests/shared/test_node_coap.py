"""Confirmed messages between nodes, over sockets."""

import asyncio

from coap_kitchen import LOOP, at, desk, kitchen, refusal
from peer import free_port

from helio import runtime, runtime_asking
from helio.coap.codec import ACK, CHANGED, CON, CONTENT, GET, METHOD_NOT_ALLOWED, NON, POST, PUT, decode, encode
from helio.coap.request import uri_options
from helio.coap.resource import Resource
from helio.errors import BadArgument, BadMessage, NoAnswer, UnknownTarget, UsageError
from helio.node import Node


async def test_one_handler_answers_plain_and_confirmed_messages():
    async with kitchen(port=0) as node, desk() as other:
        assert await other.send(at(node), "blink 3") == "done"
        assert await other.ask((LOOP, node.port), "blink 4") == "done"
        assert [text for text, _ in node.done] == ["blink 3", "blink 4"]
        assert node.done[0][1] == (LOOP, other.coap_port)
        assert await other.send("%s:%d" % at(node), "blink 5\n") == "done"


async def test_what_handlers_return():
    async with kitchen() as node, desk() as other:
        assert await other.send(at(node), "nothing") == ""
        assert await other.send(at(node), 'json {"a":[1,"é"]}') in (
            '{"got":{"a":[1,"é"]}}',
            '{"got":{"a":[1,"\\u00e9"]}}',
        )
        assert await other.send(at(node), "bytes 2") == b"\x00\xff\x00\xff"
        assert await other.send(at(node), "upper kész") in ("KÉSZ", "KéSZ")  # MicroPython knows ASCII's
        assert await other.send(at(node), "ping") == "pong"
        assert "blink" in (await other.send(at(node), "help")).split()


async def test_refusals():
    async with kitchen() as node, desk() as other:
        assert await refusal(other.send(at(node), "blink lots")) == (
            0x80,
            "blink takes a whole number, 1 to 100: got 'lots' (4.00)",
        )
        code, text = await refusal(other.send(at(node), "blonk"))
        assert code == 0x84 and text.startswith("no 'blonk' here: there are blink, ") and text.endswith(" (4.04)")
        runtime_said = []
        kept, runtime.print_exception = runtime.print_exception, runtime_said.append
        try:
            assert await refusal(other.send(at(node), "fail")) == (0xA0, "fail failed (5.00)")
        finally:
            runtime.print_exception = kept
        assert node.counts["failed"] == 1 and node.counts["rejected"] == 2
        for text in ("", " x", "bl!nk 3", "blink " + "x" * 65537):
            try:
                await other.send(at(node), text)
                raise AssertionError(text[:20])
            except BadMessage:
                pass


async def test_methods_and_formats():
    async with kitchen() as node, desk() as other:
        assert (await other.request(at(node), GET, uri_options("blink"))).code == METHOD_NOT_ALLOWED
        assert (await other.request(at(node), PUT, uri_options("blink"), b"3")).code == METHOD_NOT_ALLOWED
        assert (await other.request(at(node), GET, uri_options("nix"))).code == 0x84
        assert (await other.request(at(node), POST, uri_options("blink") + [(12, b"\x2a")], b"3")).code == 0x8F
        response = await other.request(at(node), POST, uri_options("blink") + [(12, b"\x32")], b"3")
        assert (response.code, response.options, response.payload) == (CHANGED, [(12, b"")], b"done")
        response = await other.request(at(node), POST, uri_options("upper"), b"\xff")
        assert (response.code, response.payload) == (0x80, b"a message is UTF-8 text: got bytes that are not")
        response = await other.request(at(node), GET, uri_options(".well-known/core", ["title=*"]))
        links = response.payload.decode().split(",</")
        assert "</blink>;title=\"COUNT: flash the 'LED'\"" in links[0] and "upper" not in response.payload.decode()


async def test_64_kb_both_ways_and_no_more():
    async with kitchen() as node, desk() as other:
        text = "abcdefgh" * 8000
        assert await other.send(at(node), "upper " + text) == text.upper()
        assert len(await other.send(at(node), "bytes 32768")) == 65536
        try:
            await other.send(at(node), "bytes 32769")
            raise AssertionError("an answer")
        except BadMessage as error:
            assert str(error) == "the answer is longer than 65536 bytes"


async def test_a_repeated_datagram_is_handled_once():
    async with kitchen() as node:
        sock = runtime_asking.connect_udp(LOOP, LOOP, node.coap_port)
        request = encode(CON, POST, 7, b"tk", uri_options("blink"), b"3")
        answers = []
        for _ in range(3):
            sock.send(request)
            assert await runtime_asking.readable(sock, 5000)
            answers.append(sock.recv(1281))
        sock.close()
        assert answers[0] == answers[1] == answers[2]
        assert decode(answers[0]) == (ACK, CHANGED, 7, b"tk", [(12, b"")], b"done")
        assert [text for text, _ in node.done] == ["blink 3"]


async def test_nothing_there():
    async with desk() as other:
        port = free_port()
        for asking in (other.send((LOOP, port), "blink", timeout_s=0.05), other.ping((LOOP, port), timeout_s=0.05)):
            try:
                await asking
                raise AssertionError("an answer")
            except NoAnswer as error:
                assert "127.0.0.1 port %d" % port in str(error)
        assert other.counts["dropped"] == 0


async def test_a_message_that_arrived_is_told_apart():
    async with kitchen() as node, desk() as other:

        @node.on("wait")
        async def wait(message):
            await asyncio.sleep(30)

        try:
            await other.send(at(node), "wait", timeout_s=0.7)  # acknowledged after 0.5 s
            raise AssertionError("an answer")
        except NoAnswer as error:
            assert "has the message" in str(error), error


async def test_names():
    port, coap_port = free_port(), free_port()
    other = Node("desk", address="127.0.0.2", port=port, coap_port=0)
    async with kitchen(port=port, coap_port=coap_port), other:
        assert await other.send("kitchen", "ping") == "pong"
        assert await other.send("kitchen:%d" % coap_port, "ping") == "pong"
        await other.ping("kitchen")
        try:
            await other.send("bathroom", "ping")
            raise AssertionError("an answer")
        except UnknownTarget as error:
            assert "kitchen" in str(error)


async def test_a_node_without_a_coap_port():
    async with kitchen(coap_port=None, port=0) as node, desk() as other:
        assert node.coap_port is None
        for call in (
            lambda: node.publish("x", 1),
            lambda: node.observe("kitchen", "x"),
            lambda: node.add_resource("x", Resource()),
        ):
            try:
                call()
                raise AssertionError("no error")
            except UsageError as error:
                assert "no CoAP port" in str(error)
        try:
            await node.send(at(other), "ping")
            raise AssertionError("no error")
        except UsageError:
            pass


def test_wrong_limits_and_values():
    try:
        Node("a", coap_limits={"nstrat": 3})
        raise AssertionError("no error")
    except UsageError as error:
        assert "'nstrat'" in str(error) and "nstart" in str(error)
    node = kitchen()
    for name in ("", "a b", "ok", "n" * 33):
        try:
            node.publish(name, 1)
            raise AssertionError(name)
        except UsageError:
            pass
    try:
        node.publish("x", object())
        raise AssertionError("no error")
    except TypeError:
        pass


async def test_discovery():
    port, coap_port = free_port(), free_port()
    node = kitchen(address="127.0.0.3", port=port, coap_port=coap_port)
    plain = Node("hall", address="127.0.0.4", port=port, coap_port=None)
    quiet = Node("quiet", address="127.0.0.5", port=None, coap_port=coap_port)
    other = Node("desk", address="127.0.0.6", port=port, coap_port=coap_port)
    async with node, plain, quiet, other:
        node.publish("temperature", 21.5)
        found = await other.discover(0.5)
        found = [entry for entry in found if port == entry["port"] or coap_port == entry["coap_port"]]
        assert [(entry["name"], entry["address"]) for entry in found] == [
            ("hall", "127.0.0.4"),
            ("kitchen", "127.0.0.3"),
            ("quiet", "127.0.0.5"),  # by multicast alone
        ], found
        hall, kitchen_entry, quiet_entry = found
        assert (hall["port"], hall["coap_port"], hall["board"]) == (port, None, runtime.BOARD)
        assert hall["messages"] == ["help", "ping", "status"]
        assert (kitchen_entry["port"], kitchen_entry["coap_port"]) == (port, coap_port)
        assert "blink" in kitchen_entry["messages"] and "temperature" in kitchen_entry["messages"]
        assert kitchen_entry["firmware"] == runtime.INTERPRETER
        assert quiet_entry["coap_port"] == quiet.coap_port and "ping" in quiet_entry["messages"]


async def test_a_node_with_two_addresses_is_found_once():
    port, coap_port = free_port(), free_port()
    interfaces = [(address,) + runtime.LOOPBACK[1:] for address in ("127.0.0.3", "127.0.0.4")]
    kept, runtime.interfaces = runtime.interfaces, lambda: list(interfaces)
    try:
        node = kitchen(address=None, port=port, coap_port=coap_port)
        other = Node("desk", address="127.0.0.6", port=port, coap_port=coap_port)
        async with node, other:
            found = [entry for entry in await other.discover(0.5) if entry["coap_port"] == coap_port]
            assert [(entry["name"], entry["address"]) for entry in found] == [("kitchen", "127.0.0.3")], found
    finally:
        runtime.interfaces = kept


async def test_a_message_to_all_by_multicast_is_done_and_errors_are_not_said():
    coap_port = free_port()
    other = Node("desk", address="127.0.0.6", port=None, coap_port=coap_port)
    async with kitchen(address="127.0.0.3", coap_port=coap_port) as node, other:
        endpoint = runtime.socket_address("224.0.1.187", coap_port), other.coap().sockets.own(None)
        for message_id, text in enumerate((b"3", b"lots", b"4")):
            data = encode(NON, POST, message_id, b"", uri_options("blink"), text)
            endpoint[1].sendto(data, endpoint[0])
        for _ in range(200):
            if len(node.done) == 2:
                break
            await asyncio.sleep(0.01)
        assert [text for text, _ in node.done] == ["blink 3", "blink 4"]


async def test_strangers_get_short_answers_until_they_are_where_they_say():
    async with kitchen(port=0, trust_subnet=False) as node, desk() as other:
        node.publish("long", "x" * 5000)
        sock = runtime_asking.connect_udp(LOOP, LOOP, node.coap_port)
        for options, payload, code in (
            (uri_options("long"), b"", GET),
            (uri_options(".well-known/core"), b"", GET),
            (uri_options("help"), b"", POST),
            (uri_options("nix" * 20), b"x" * 30, POST),
            (uri_options("upper"), b"x" * 300, POST),
        ):
            request = encode(CON, code, len(payload) + len(options[0][1]), b"tk", options, payload)
            sock.send(request)
            assert await runtime_asking.readable(sock, 5000)
            assert len(sock.recv(1281)) <= max(128, 3 * len(request))
        sock.close()
        sock = runtime_asking.connect_udp(LOOP, LOOP, node.port)
        for text in ("help", "status", "upper " + "x" * 500):
            sock.send(text.encode())
            assert await runtime_asking.readable(sock, 5000)
            assert len(sock.recv(2000)) <= max(128, 3 * len(text))
        sock.close()
        # one of ours gives back what shows where it is, and gets it all
        assert len((await other.request(at(node), GET, uri_options("long"))).payload) == 5000


async def test_resources_of_ones_own():
    class Count:
        value = 0

    async def get(request):
        await asyncio.sleep(0)
        return CONTENT, b"%d" % Count.value

    def put(request):
        if request.payload == b"no":
            raise BadArgument("a number is wanted")
        Count.value = int(request.payload)
        return CHANGED, b""

    async with kitchen() as node, desk() as other:
        resource = Resource(get=get, put=put).observable()
        node.add_resource("sensors/1", resource)
        path = uri_options("sensors/1")
        assert (await other.request(at(node), PUT, path, b"7")).code == CHANGED
        assert (await other.request(at(node), GET, path)).payload == b"7"
        assert (await other.request(at(node), PUT, path, b"no")).code == 0x80
        following = other.observe(at(node), "sensors/1")
        assert await following.__anext__() == "7"
        Count.value = 8
        node.notify(resource)
        assert await following.__anext__() == "8"
        following.close()
