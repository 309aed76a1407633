"""What strangers send: noise on both ports, and a flood from thousands of addresses."""

import asyncio
import gc
import os

from helio import runtime, runtime_asking
from helio.coap.codec import CHANGED, CON, GET, NON, POST, encode
from helio.coap.limits import BOARD, EXCHANGE_LIFETIME_MS
from helio.coap.request import uri_options
from helio.node import Node

LOOP = "127.0.0.1"
DATAGRAMS = 50000  # of noise
ADDRESSES = 5000  # of the flood


def kitchen(**options):
    node = Node("kitchen", address=LOOP, port=0, coap_port=0, **options)
    node.blinked = []

    @node.on("blink", "COUNT: flash the LED")
    def blink(message):
        node.blinked.append(message.integer(0, 1, 100))
        return "done"

    node.publish("temperature", 21.5)
    return node


def seeds(node):
    """Messages that are good, to be changed."""
    for payload in (b"3", b"lots", b"x" * 700):
        yield encode(CON, POST, 1, b"tk", uri_options("blink"), payload)
    yield encode(NON, GET, 2, b"token123", [(6, b""), (11, b"temperature")], b"")
    yield encode(CON, GET, 3, b"", uri_options(".well-known/core", ["href=*"]), b"")
    yield encode(CON, POST, 4, b"a", [(11, b"help"), (27, b"\x0e")], b"y" * 1024)
    yield encode(CON, GET, 5, b"a", [(4, b"etag"), (11, b"temperature"), (17, b"\x32"), (23, b"\x16")], b"")
    yield b"blink 3"
    yield b"help blink"


def changed(data, random):
    """A datagram with some bytes other than they were, some gone, or some more."""
    data = bytearray(data)
    for _ in range(random[0] % 4):
        if data:
            data[random[1] * 7 % len(data)] = random[2]
    cut = random[3] % 8
    if cut == 0:
        return bytes(data[: random[4] * 5 % (len(data) + 1)])
    if cut == 1:
        return bytes(data) + bytes(random[4:8])
    if cut == 2:
        return bytes(random[: random[4] % 8])
    return bytes(data)


async def blinks(node, count):
    async with Node("desk", address=LOOP, port=None, coap_port=0) as desk:
        assert await desk.send((LOOP, node.coap_port), "blink %d" % count) == "done"
        assert await desk.ask((LOOP, node.port), "blink %d" % count) == "done"


async def make_noise(node, count):
    good = list(seeds(node))
    socks = [runtime_asking.connect_udp(LOOP, LOOP, port) for port in (node.port, node.coap_port)]
    for i in range(count):
        random = os.urandom(8)
        try:
            socks[i & 1].send(changed(good[random[7] % len(good)], random))
        except OSError:  # an empty one, on some systems
            pass
        if i % 40 == 0:
            await asyncio.sleep(0)
            drain(socks)
    await asyncio.sleep(0.01)
    for sock in socks:
        sock.close()


def memory(node):
    """Bytes of heap in use once a whole lifetime has passed; 0 where that is not known."""
    del node.blinked[:-2]
    coap = node.coap()
    clock = coap.now_ms
    passed_ms = [0]
    coap.now_ms = lambda: clock() + passed_ms[0]
    for _ in range(120):  # whoever observes and is not there is noticed, one after the other
        node.publish("temperature", 21.5)
        passed_ms[0] += EXCHANGE_LIFETIME_MS
        coap.messages.tick(coap.now_ms())
    gc.collect()
    return gc.mem_alloc() if hasattr(gc, "mem_alloc") else 0


async def test_noise_on_both_ports():
    print_exception, runtime.print_exception = runtime.print_exception, lambda error: None
    try:
        async with kitchen(coap_limits=BOARD) as node:
            await make_noise(node, 2000)  # all that is loaded on need is loaded then
            await blinks(node, 6)
            before = memory(node)
            await make_noise(node, DATAGRAMS)
            await blinks(node, 7)
            assert node.blinked[-2:] == [7, 7]
            assert node.counts["received"] > DATAGRAMS // 2, node.counts
            assert node.counts["rejected"] > DATAGRAMS // 20, node.counts
            # a collector that does not move things leaves some; one leaked datagram in a hundred would be 50 KB
            assert memory(node) - before < 8192, memory(node) - before
            assert not node.coap().messages._peers and not node.coap().server.transfers._table
    finally:
        runtime.print_exception = print_exception


async def test_a_flood_from_thousands_of_addresses():
    async with kitchen(coap_limits=BOARD) as node, Node("desk", address=LOOP, port=None, coap_port=0) as desk:
        target = LOOP, node.coap_port
        messages = node.coap().messages
        assert await desk.send(target, "blink 1") == "done"
        assert await desk.send(target, "blink 2") == "done"
        once = runtime_asking.connect_udp(LOOP, LOOP, node.coap_port)  # a known peer that repeats itself
        for message_id in (1, 2, 1):
            once.send(encode(CON, POST, message_id, b"", uri_options("blink"), b"3"))
            await answer(once)
        where = runtime.socket_address(LOOP, node.coap_port)
        for i in range(ADDRESSES):
            sock = runtime.open_udp("127.%d.%d.7" % (1 + i // 200, 1 + i % 200), 0)
            sock.sendto(encode(CON, POST, i, b"flood", uri_options("blink"), b"9"), where)
            sock.close()
            if i % 20 == 0:
                await asyncio.sleep(0)
                assert len(messages._peers) <= BOARD["endpoints_max"]
            if i % 500 == 0:
                assert await desk.send(target, "blink 4") == "done"
                done = len(node.blinked)
                once.send(encode(CON, POST, 2, b"", uri_options("blink"), b"3"))  # was done before the flood
                assert (await answer(once))[1] == CHANGED
                assert node.blinked[done:] in ([], [9] * (len(node.blinked) - done))
        once.close()
        assert node.blinked.count(3) == 2
        assert node.blinked.count(4) == ADDRESSES // 500
        assert node.blinked.count(9) > ADDRESSES // 2
        assert node.counts["forgotten"] > ADDRESSES // 2


async def answer(sock):
    assert await runtime_asking.readable(sock, 5000)
    return sock.recv(1281)


def drain(socks):
    for sock in socks:
        try:
            while True:
                sock.recv(2000)
        except OSError:
            pass
