"""`Node` at its sockets: what it answers, what it never answers, and what it counts."""

import asyncio
import json

from peer import BROADCAST, Peer, free_port

import helio.node
from helio import runtime, runtime_asking
from helio.errors import BadArgument, NoAnswer, Refused, UsageError
from helio.limits import HANDLERS_MAX, MESSAGES_MAX
from helio.node import Node

LOOP = "127.0.0.1"

helio.node.WHO_DELAY_MS = 0  # answers to `who` in the order asked


def kitchen(**options):
    """A node with a handler of every kind."""
    options.setdefault("address", LOOP)
    options.setdefault("port", 0)
    options.setdefault("coap_port", 0)
    node = Node("kitchen", **options)
    node.blinked = []

    @node.on("blink", "COUNT: flash the LED")
    async def blink(message):
        node.blinked.append(message.integer(0, 1, 100))
        return "done"

    node.on("say", "TEXT: repeat it")(lambda message: message.rest)
    node.on("nothing")(lambda message: None)
    node.on("bytes")(lambda message: b"raw")
    node.on("dict")(lambda message: {"a": [1, None]})
    node.on("list")(lambda message: [1, "two"])
    node.on("crash")(lambda message: 1 // 0)

    @node.on("crash.later")
    async def crash_later(message):
        raise ValueError("secret")

    return node


class Console:
    """Stands in for the console while a test wants to see what goes there."""

    def __enter__(self):
        self.exceptions = []
        self.warnings = []
        self._kept = runtime.print_exception, runtime.warn
        runtime.print_exception = self.exceptions.append
        runtime.warn = self.warnings.append
        return self

    def __exit__(self, *error):
        runtime.print_exception, runtime.warn = self._kept


class Interfaces:
    """Stands in for this machine's addresses."""

    def __init__(self, *addresses):
        self.set(*addresses)

    def set(self, *addresses):
        self.interfaces = [(address, BROADCAST) for address in addresses]

    def __enter__(self):
        self._kept = runtime.interfaces
        runtime.interfaces = lambda: list(self.interfaces)
        return self

    def __exit__(self, *error):
        runtime.interfaces = self._kept


async def test_answers():
    async with kitchen() as node:
        with Peer() as peer:
            for text, answer in (
                ("ping", "ok pong"),
                ("blink 3", "ok done"),
                ("blink 3\n", "ok done"),
                ("blink 3\r\n", "ok done"),
                ("say hello there", "ok hello there"),
                ("say  two  spaces ", "ok  two  spaces "),
                ("say \u20ac", "ok \u20ac"),
                ("say a\r\nb\nc", "ok a b c"),
                ("say", "ok"),
                ("nothing", "ok"),
                ("bytes", "ok raw"),
                ("dict", 'ok {"a":[1,null]}'),
                ("list", 'ok [1,"two"]'),
                ("help", "ok blink bytes crash crash.later dict help list nothing ping say status"),
                ("help blink", "ok blink COUNT: flash the LED"),
                ("help nothing", "ok nothing"),
                ("who", "hello kitchen %s %d %s %s" % (LOOP, node.port, node.coap_port or "-", runtime.BOARD)),
            ):
                assert await peer.ask(text, LOOP, node.port) == answer, text
        assert node.blinked == [3, 3, 3]


async def test_bad_input_is_answered_and_counted():
    there = "there are blink, bytes, crash, crash.later, dict, help, list, nothing, ping, say, status"
    async with kitchen() as node:
        with Peer() as peer:
            for data, answer in (
                (b"", "error the message is empty: send a name and then its arguments, like 'blink 3'"),
                (b"\n", "error the message is empty: send a name and then its arguments, like 'blink 3'"),
                (b" blink", "error a message begins with a name, like 'blink 3': got a space first"),
                (b"say " + 1021 * b"x", "error a message has at most 1024 bytes: got 1025 or more"),
                (2000 * b"x", "error a message has at most 1024 bytes: got 1027 or more"),
                (b"say \xff", "error a message is UTF-8 text: got bytes that are not"),
                (b"blink lots", "error blink takes a whole number, 1 to 100: got 'lots'"),
                (b"blink 101", "error blink takes a whole number, 1 to 100: got '101'"),
                (b"blink", "error blink takes a whole number, 1 to 100: got nothing"),
                (b"nobody", "error no 'nobody' here: " + there),
                (b"Blink 3", "error no 'Blink' here: " + there),
            ):
                before = dict(node.counts)
                assert await peer.ask(data, LOOP, node.port) == answer, data
                assert node.counts["rejected"] == before["rejected"] + 1, data
                assert node.counts["failed"] == before["failed"]
            assert await peer.ask("say " + 1020 * "x", LOOP, node.port) == "ok " + 1020 * "x"
            assert await peer.ask("blink 1", LOOP, node.port) == "ok done"


async def test_a_failing_handler_is_counted_and_shown_on_the_console_only():
    with Console() as console:
        async with kitchen() as node:
            with Peer() as peer:
                assert await peer.ask("crash", LOOP, node.port) == "error crash failed"
                assert await peer.ask("crash.later", LOOP, node.port) == "error crash.later failed"
                assert await peer.ask("ping", LOOP, node.port) == "ok pong"
            assert node.counts["failed"] == 2 and node.counts["rejected"] == 0
        first, second = console.exceptions
        assert isinstance(first, ZeroDivisionError)
        assert isinstance(second, ValueError) and str(second) == "secret"


async def test_status():
    async with kitchen() as node:
        with Peer() as peer:
            for text in ("ping", "blink lots", "hello x"):
                peer.send(text, LOOP, node.port)
            await peer.sent_by(LOOP, node.port)
            answer = await peer.ask("status", LOOP, node.port)
    status = json.loads(answer[3:])
    assert status["name"] == "kitchen"
    assert status["version"] == helio.__version__
    assert status["interpreter"] == runtime.INTERPRETER
    assert status["uptime_s"] in range(20)
    assert status["free_memory_bytes"] is None or status["free_memory_bytes"] > 1000
    assert "trouble" not in status
    counts = {key: status[key] for key in ("received", "answered", "rejected", "failed", "dropped")}
    assert counts == {"received": 7, "answered": 5, "rejected": 1, "failed": 0, "dropped": 0}


async def test_what_a_program_says_is_wrong_is_in_the_status():
    async with kitchen() as node:
        node.trouble = "the pump is dry"
        with Peer() as peer:
            assert json.loads((await peer.ask("status", LOOP, node.port))[3:])["trouble"] == "the pump is dry"


async def test_the_end_of_a_node_is_told():
    ends = []
    async with kitchen() as node:
        node.on_stop = lambda: ends.append(node.address)
        assert ends == []
    assert len(ends) == 1
    await node.stop()  # it is stopped already
    assert len(ends) == 1


async def test_answers_are_never_answered():
    async with kitchen() as node:
        with Peer() as peer:
            good = ["ok", "ok done", "error", "error no", "hello x 1.2.3.4 10001", "hello", "welcome TIME=1", "ok\n"]
            for data in good + [b"ok \xff", b"error \xc0", b"hello \xff", b"welcome \xff", b"ok " + 1100 * b"x"]:
                peer.send(data, LOOP, node.port)
                assert await peer.sent_by(LOOP, node.port) == [], data


async def test_broadcasts_act_but_only_who_is_answered():
    async with kitchen() as node:
        hello = "hello kitchen %s %d %s %s" % (LOOP, node.port, node.coap_port or "-", runtime.BOARD)
        with Peer() as peer:
            for data in (
                "blink 7",
                "blink lots",
                "nobody",
                "crash.later",
                "help",
                "status",
                "who bathroom",
                b"\xff",
                b"",
            ):
                with Console():
                    peer.send(data, BROADCAST, node.port)
                    assert await peer.sent_by(LOOP, node.port) == [], data
            assert node.blinked == [7]
            assert await peer.ask("who", BROADCAST, node.port) == hello
            assert await peer.ask("who kitchen", BROADCAST, node.port) == hello
            assert await peer.sent_by(LOOP, node.port) == []


async def test_hello_is_broadcast_at_start():
    port = free_port()
    group = runtime.open_udp(BROADCAST, port, group=True)
    try:
        async with kitchen(port=port) as node:
            assert await runtime_asking.readable(group, 5000)
            data, sender = group.recvfrom(2000)
            assert runtime.endpoint(sender) == (LOOP, port)
            expected = "hello kitchen %s %d %s %s" % (LOOP, port, node.coap_port or "-", runtime.BOARD)
            assert data.decode() == expected
    finally:
        group.close()


async def test_two_nodes_never_talk_in_a_loop():
    lines = ["who", "who kitchen", "ping", "help", "help help", "status", "ok", "ok pong", "error", "error no"]
    lines += ["hello", "hello kitchen 127.0.0.1 1 - x", "welcome", "welcome TIME=1", "nobody", "blink lots", "crash"]
    lines += [b"", b"\n", b" ", b"\xff", b"ok\xff", b"ok \xff", b"error\xff", b"error \xff", b"hello \xff", 1100 * b"x"]
    lines += [b"ok " + 1100 * b"x", b"error " + 1100 * b"x"]
    with Console():
        # each relay stands for one node towards the other, so that all they say passes here
        async with kitchen() as one, Node("two", address=LOOP, port=0, coap_port=0) as two:
            with Peer() as as_one, Peer() as as_two, Peer() as fence:
                for line in lines:
                    for node, sender, other, relay in ((one, as_two, two, as_one), (two, as_one, one, as_two)):
                        sender.send(line, LOOP, node.port)
                        await fence.sent_by(LOOP, node.port)
                        answers = await sender.sent_by(LOOP, node.port)
                        assert len(answers) <= 1, (line, answers)
                        for answer in answers:
                            relay.send(answer, LOOP, other.port)
                            await fence.sent_by(LOOP, other.port)
                            assert await relay.sent_by(LOOP, other.port) == [], (line, answer)


async def test_random_datagrams():
    import random

    random.seed(20)
    alphabet = [
        b"blink",
        b"say",
        b"who",
        b"ok",
        b"help",
        b" ",
        b" 3",
        b"\n",
        b"\r",
        b"\xff",
        b"\xe2\x82",
        b"\x00",
        b"{",
    ]
    with Console():
        async with kitchen() as node:
            with Peer() as peer:
                for number in range(1000):
                    if number % 2:
                        data = bytes([random.getrandbits(8) for _ in range(random.getrandbits(5))])
                    else:
                        data = b"".join([alphabet[random.getrandbits(8) % len(alphabet)] for _ in range(number % 7)])
                    where = BROADCAST if number % 5 == 0 else LOOP
                    peer.send(data, where, node.port)
                    answers = await peer.sent_by(LOOP, node.port)
                    assert len(answers) <= 1, (data, answers)
                    for answer in answers:
                        assert answer.split(" ")[0] in ("ok", "error", "hello") and "\n" not in answer, (data, answer)
        assert node.counts["received"] == 4000 and node.counts["dropped"] == 0


async def test_the_sender_is_known():
    async with kitchen() as node:
        senders = []
        node.on("from")(lambda message: senders.append(message.sender))
        with Peer() as peer, Peer() as other:
            for one in (peer, other, peer):
                await one.ask("from", LOOP, node.port)
            assert senders == [(LOOP, peer.port), (LOOP, other.port), (LOOP, peer.port)]


async def test_tell_and_ask():
    async with kitchen() as node, Node("desk", address=LOOP, port=0, coap_port=0) as desk:
        target = "%s:%d" % (LOOP, node.port)
        assert await desk.ask(target, "blink 2") == "done"
        assert await desk.ask(target, "nothing") == ""
        assert await desk.ask((LOOP, node.port), "say hello") == "hello"
        try:
            await desk.ask(target, "blink lots")
            assert False
        except Refused as error:
            assert str(error) == "blink takes a whole number, 1 to 100: got 'lots'"
        await desk.tell(target, "blink 5")
        await desk.ask(target, "ping")
        assert node.blinked == [2, 5]
        # the answer to `tell` came to the node itself, which does not answer it
        assert desk.counts["answered"] == 0


async def test_ask_without_an_answer():
    async with Node("desk", address=LOOP, port=0, coap_port=0) as desk:
        with Peer() as mute:
            try:
                await desk.ask((LOOP, mute.port), "ping", timeout_s=0.05)
                assert False
            except NoAnswer as error:
                assert "no answer from 127.0.0.1 port %d" % mute.port in str(error)
        try:
            await desk.ask((LOOP, mute.port), "ping")  # closed now: the system says so at once
            assert False
        except NoAnswer as error:
            assert str(error) == "something is at 127.0.0.1, but no helio on port %d" % mute.port


async def test_broadcast_reaches_others_and_not_oneself():
    port = free_port()
    async with kitchen(port=port) as node, Node("desk", address="127.0.0.2", port=port, coap_port=0) as desk:
        assert await desk.broadcast("blink 4") == 1
        await desk.tell("all", "blink 6")
        with Peer() as peer:
            await peer.sent_by(LOOP, port)
            await peer.sent_by("127.0.0.2", port)
        assert node.blinked == [4, 6]
        assert desk.counts["rejected"] == 0


async def test_names_are_found():
    port = free_port()
    async with kitchen(port=port), Node("desk", address="127.0.0.2", port=port, coap_port=0) as desk:
        assert await desk.ask("kitchen", "ping") == "pong"
        assert await desk.ask("kitchen:%d" % port, "ping") == "pong"
        started_ms = runtime.ticks_ms()
        try:
            await desk.ask("bathroom", "ping")
            assert False
        except helio.errors.UnknownTarget as error:
            assert str(error) == "nobody called 'bathroom' answered; these did: desk, kitchen", error
        assert runtime.ticks_diff(runtime.ticks_ms(), started_ms) < 3000


async def test_an_address_that_comes_late_and_changes():
    with Interfaces() as machine:
        services, runtime.services[:] = list(runtime.services), []
        try:
            async with kitchen(address=None) as node:
                assert node.address is None
                for sending in (node.tell("127.0.0.1:9", "x"), node.tell("somebody", "x")):
                    try:
                        await sending
                        assert False
                    except helio.errors.NetworkError:
                        pass
                with Peer("127.0.0.9") as peer:
                    for address in ("127.0.0.2", "127.0.0.3"):
                        machine.set(address)
                        node.set_interfaces(runtime.interfaces())
                        assert node.address == address
                        peer.send("ping", address, node.port)
                        assert await peer.receive_from() == ("ok pong", (address, node.port))
                        assert (await peer.ask("who", BROADCAST, node.port)).startswith("hello kitchen " + address)
                    machine.set()
                    node.set_interfaces(runtime.interfaces())
                    assert node.address is None
                    machine.set("127.0.0.2")
                    node.set_interfaces(runtime.interfaces())
                    assert await peer.ask("ping", "127.0.0.2", node.port) == "ok pong"
        finally:
            runtime.services[:] = services


async def test_several_interfaces_answer_from_the_address_that_was_asked():
    with Interfaces("127.0.0.5", "127.0.0.6"):
        async with kitchen(address=None) as node:
            with Peer("127.0.0.9") as peer:
                for address in ("127.0.0.6", "127.0.0.5"):
                    for text in ("ping", "blink 1", "nobody"):
                        peer.send(text, address, node.port)
                        _, sender = await peer.receive_from()
                        assert sender == (address, node.port)
            assert await node.broadcast("ping") == 2


async def test_a_port_in_use():
    async with kitchen() as node:
        try:
            await Node("other", address=LOOP, port=node.port, coap_port=0).start()
            assert False
        except helio.errors.PortInUse as error:
            assert str(node.port) in str(error)
        with Peer() as peer:
            assert await peer.ask("ping", LOOP, node.port) == "ok pong"


async def test_a_port_in_use_on_a_new_address_is_said_once_and_tried_again():
    with Interfaces(LOOP) as machine, Console() as console:
        async with kitchen(address=None) as node:
            holder = runtime.open_udp("127.0.0.2", node.port)
            machine.set("127.0.0.2")
            for _ in range(3):
                node.set_interfaces(runtime.interfaces())
            assert len(console.warnings) == 1 and str(node.port) in console.warnings[0]
            holder.close()
            node.set_interfaces(runtime.interfaces())
            assert node.address == "127.0.0.2"
            with Peer() as peer:
                assert await peer.ask("ping", "127.0.0.2", node.port) == "ok pong"


async def test_messages():
    async with kitchen() as node:
        messages = node.messages()
        with Peer() as peer:
            for data in ("blink 3", "note to self", "hello x", b"\xff", "who"):
                peer.send(data, LOOP, node.port)
            await peer.ask("ping", LOOP, node.port)
        texts = []
        async for message in messages:
            texts.append(message.text)
            if message.name == "ping":
                break
        assert texts == ["blink 3", "note to self", "hello x", "ping"]
        assert message.sender == (LOOP, peer.port)


async def test_messages_nobody_reads_are_counted_and_end_with_the_node():
    async with kitchen() as node:
        messages = node.messages()
        with Peer() as peer:
            for number in range(MESSAGES_MAX + 5):
                await peer.ask("say %d" % number, LOOP, node.port)
        assert node.counts["dropped"] == 5
    texts = []
    async for message in messages:
        texts.append(message.text)
    assert texts[0] == "say 5" and len(texts) == MESSAGES_MAX


async def test_handlers_at_once_are_bounded():
    gate = asyncio.Event()
    async with kitchen() as node:

        @node.on("wait")
        async def wait(message):
            await gate.wait()

        with Peer() as peer, Peer() as other:
            for _ in range(HANDLERS_MAX):
                peer.send("wait", LOOP, node.port)
            answer = await other.ask("wait", LOOP, node.port)
            assert answer == "error busy with %d messages: try again later" % HANDLERS_MAX
            assert await other.ask("ping", LOOP, node.port) == "ok pong"
            gate.set()
            for _ in range(HANDLERS_MAX):
                assert await peer.receive() == "ok"
            assert await other.ask("wait", LOOP, node.port) == "ok"


async def test_stop_ends_what_runs():
    ended = []
    started = asyncio.Event()
    node = kitchen()

    @node.on("wait")
    async def wait(message):
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(message.text)

    with Peer() as peer:
        await node.start()
        peer.send("wait", LOOP, node.port)
        await started.wait()
        await node.stop()
        await asyncio.sleep(0)
        assert ended == ["wait"]
        await node.stop()  # once more does nothing
        # and the node starts again, at its port
        await node.start()
        assert await peer.ask("ping", LOOP, node.port) == "ok pong"
        await node.stop()


def test_run_until_stop():
    node = kitchen()
    seen = []

    @node.on("stop")
    async def stop(message):
        seen.append(message.sender)
        await node.stop()

    async def send(node):
        with Peer() as peer:
            peer.send("stop", LOOP, node.port)

    runtime.services.append(send)
    try:
        node.run()
        node.run()
    finally:
        runtime.services.remove(send)
    assert len(seen) == 2


async def test_no_plain_port():
    async with kitchen(port=None) as node:
        assert node.port is None
        assert await node.broadcast("blink 3") == 0


def test_names_of_nodes_and_handlers():
    for name in ("", "two words", "x" * 33, "caf\u00e9", "a\n"):
        try:
            Node(name)
            assert False, name
        except UsageError:
            pass
    node = Node("x" * 32)
    for name in ("ok", "error", "hello", "welcome", "who", "ping", "help", "status", "", "two words", "x" * 33):
        try:
            node.on(name)(lambda message: None)
            assert False, name
        except UsageError:
            pass


async def test_addresses_this_machine_does_not_have():
    try:
        await Node("a", address="192.0.2.77", port=0, coap_port=0).start()
        assert False
    except UsageError as error:
        assert "192.0.2.77" in str(error)


async def test_what_cannot_be_sent():
    async with Node("desk", address=LOOP, port=0, coap_port=0) as desk:
        for text in ("", " x", "x" * 1025, "b\u00e4d 3"):
            for sending in (desk.tell((LOOP, 9), text), desk.ask((LOOP, 9), text), desk.broadcast(text)):
                try:
                    await sending
                    assert False, text
                except helio.errors.BadMessage:
                    pass


async def test_a_bad_argument_of_ones_own():
    async with kitchen() as node:

        @node.on("door")
        def door(message):
            raise BadArgument("door takes open or shut: got %r" % message.rest)

        with Peer() as peer:
            assert await peer.ask("door ajar", LOOP, node.port) == "error door takes open or shut: got 'ajar'"


async def test_a_flood_of_who_takes_no_handler_away():
    gate = asyncio.Event()
    async with kitchen() as node:

        @node.on("wait")
        async def wait(message):
            await gate.wait()

        with Peer() as peer, Peer() as other:
            for _ in range(40):  # in one wake: more than there are tasks for
                peer.send("who", BROADCAST, node.port)
            for _ in range(HANDLERS_MAX):
                other.send("wait", LOOP, node.port)
            gate.set()
            for _ in range(HANDLERS_MAX):
                assert await other.receive() == "ok"
            for _ in range(2 * HANDLERS_MAX):
                assert await other.ask("wait", LOOP, node.port) == "ok"
