"""The ETSI Plugtest cases TD_COAP_OBS_01 to 14, as a foreign client drives them.

That a server sends nothing more can only be told from something else that it does send: another
observer of a resource that changes as often is the clock of these cases.
"""

from contextlib import asynccontextmanager

from aiocoap import ACK, CHANGED, CON, CONTENT, DELETED, NON, NOT_ACCEPTABLE, NOT_FOUND, RST
from coap_clients import Libcoap
from etsi_server import LARGE_BYTES, SIZES_BYTES, large
from helio_command import free_port

ATTEMPTS = 5  # a message and its retransmissions, RFC 7252 section 4.8
LARGE_PERIOD_MS = 1000  # time to fetch all blocks of a value before the next
QUICK_ACK_MS = 100  # so that a server gives up within seconds; 2000 otherwise
XML = 41


def is_newer(after, before):
    """Whether a value of Observe is newer: RFC 7641 section 3.4."""
    return 0 < (after - before) % (1 << 24) < 1 << 23


@asynccontextmanager
async def observing(world, path, confirmable=True, **server):
    """`(client, watch)` that have got the answer and a notification, as every case begins."""
    async with world.client(**server) as client, client.observe(path, confirmable=confirmable) as watch:
        wire = client.wire
        await wire.until(lambda: len(wire.responses()) > 1)
        request, first = wire.requests()[0], wire.responses()[0]
        assert request.opt.observe == 0 and request.mtype is (CON if confirmable else NON)
        assert first.mtype is (ACK if confirmable else NON) and first.code is CONTENT
        assert first.opt.observe is not None and first.opt.content_format is not None
        yield client, watch


@asynccontextmanager
async def ticking(world, path="obs-non", **server):
    """A function that waits until `path` has changed so many times more."""
    async with world.client(**server) as client, client.observe(path):

        async def ticks(count):
            wanted = len(client.wire.responses()) + count
            await client.wire.until(lambda: len(client.wire.responses()) >= wanted)

        await ticks(1)
        yield ticks


async def notified(wire, count):
    """`count` more notifications than there are."""
    wanted = len(wire.notifications()) + count
    await wire.until(lambda: len(wire.notifications()) >= wanted)


def check_notifications(wire, mtype):
    """They are of one kind, token and format, and each is newer than the one before."""
    first = wire.responses()[0]
    before = first
    for message in wire.notifications():
        assert (message.mtype, message.code, message.token) == (mtype, CONTENT, first.token), wire.text()
        assert message.opt.content_format == first.opt.content_format
        assert is_newer(message.opt.observe, before.opt.observe), wire.text()
        before = message


async def is_acknowledged(wire, message):
    await wire.until(lambda: wire.find(True, mtype=ACK, mid=message.mid))


async def confirmable(world):
    async with observing(world, "obs") as (client, watch):
        await notified(client.wire, 3)
        check_notifications(client.wire, CON)
        for message in client.wire.notifications():
            await is_acknowledged(client.wire, message)
            await watch.shows(message.payload + b"\n")


async def non_confirmable(world):
    async with observing(world, "obs-non", confirmable=False) as (client, watch):
        await notified(client.wire, 3)
        check_notifications(client.wire, NON)
        for message in client.wire.notifications():
            await watch.shows(message.payload + b"\n")


async def switched_off(world):
    quick = {"ack_timeout_ms": QUICK_ACK_MS}
    async with ticking(world, **quick) as ticks, observing(world, "obs", **quick) as (client, _):
        wire = client.wire
        await is_acknowledged(wire, wire.notifications()[0])
        start = len(wire.responses())
        wire.lose = lambda passed: True
        await wire.until(lambda: len(wire.responses()) >= start + ATTEMPTS)
        # the last attempt is waited for 16 times as long as the first, and that 1.5 times as long
        await ticks(QUICK_ACK_MS * 16 * 3 // 2 // world.period_ms + 4)
        attempts = wire.responses()[start:]
        assert len(attempts) == ATTEMPTS, wire.text()
        assert {attempt.mtype for attempt in attempts} == {CON}
        for before, after in zip(attempts, attempts[1:], strict=False):  # the same again, or what came since
            again = after.mid == before.mid and after.opt.observe == before.opt.observe
            assert again or is_newer(after.opt.observe, before.opt.observe), wire.text()
        assert is_newer(attempts[-1].opt.observe, attempts[0].opt.observe), wire.text()


async def reset(world):
    async with ticking(world) as ticks:
        if world.kind is Libcoap:
            await _reset_by_reboot(world, ticks)
            return
        async with observing(world, "obs") as (client, watch):
            await watch.forget()
            await _nothing_after_reset(client.wire, client.wire.responses()[0].token, ticks)


async def _reset_by_reboot(world, ticks):
    """A client is killed, and another at the same port knows nothing of its observation."""
    port = free_port()
    async with world.client() as client:
        wire = client.wire
        async with client.observe("obs", words=["-p", port]) as watch:
            await wire.until(lambda: len(wire.responses()) > 1)
            await watch.switch_off()
        token = wire.responses()[0].token
        async with client.observe("obs-non", words=["-p", port, "-T", "another"]):
            await _nothing_after_reset(wire, token, ticks)


async def _nothing_after_reset(wire, token, ticks):
    def reset():
        mids = [message.mid for message in wire.responses() if message.token == token and message.mtype is CON]
        return [i for i, passed in enumerate(wire.log) if passed.message.mtype is RST and passed.message.mid in mids]

    end = (await wire.until(reset))[0]
    await ticks(4)
    later = [passed.message for passed in wire.log[end:] if not passed.from_client]
    assert token not in [message.token for message in later if message.code.is_response()], wire.text()


async def _last_notification(world, path, code, method, *request, **rest):
    """What one client's request makes the last notification to another; it says `code`."""
    async with ticking(world) as ticks, observing(world, path) as (client, _), world.client() as other:
        answer = await other.request(method, path, *request, **rest)
        wire = client.wire
        await wire.until(lambda: not wire.responses()[-1].code.is_successful())
        last = wire.responses()[-1]
        assert (last.mtype, last.code, last.token) == (CON, code, wire.responses()[0].token)
        assert last.opt.observe is None
        await is_acknowledged(wire, last)
        end = wire.responses().index(last)
        await ticks(4)
        asked_again = [request for request in wire.requests() if request.token != last.token]
        assert len(wire.responses()) == end + 1 + len(asked_again), wire.text()
        return answer


async def delete(world):
    assert (await _last_notification(world, "obs", NOT_FOUND, "delete")).code is DELETED


async def other_format(world):
    answer = await _last_notification(world, "obs", NOT_ACCEPTABLE, "put", b"<obs/>", content_format=XML)
    assert answer.code is CHANGED


async def update(world):
    async with observing(world, "obs") as (client, watch), world.client() as other:
        wire = client.wire
        answer = await other.request("put", "obs", b"a new value", content_format=0)
        assert answer.code is CHANGED
        await wire.until(lambda: wire.responses()[-1].payload == b"a new value")
        check_notifications(wire, CON)
        await is_acknowledged(wire, wire.responses()[-1])
        await watch.shows(b"a new value\n")


async def get_does_not_cancel(world):
    async with observing(world, "obs") as (client, watch):
        wire = client.wire
        answer = await client.request("get", "obs")
        assert answer.code is CONTENT and answer.opt.observe is None and answer.mtype is ACK
        token = wire.responses()[0].token
        start = len(wire.log)

        def goes_on():
            later = [passed.message for passed in wire.log[start:] if not passed.from_client]
            return [message for message in later if message.token == token][2:]

        (message,) = (await wire.until(goes_on))[:1]
        assert message.mtype is CON and message.opt.observe is not None
        await watch.shows(message.payload + b"\n")


async def lossy(world):
    async with ticking(world) as ticks, observing(world, "obs") as (client, watch):
        wire = client.wire
        await is_acknowledged(wire, wire.notifications()[0])
        start = len(wire.responses())
        wire.lose = lambda passed: not passed.from_client
        await wire.until(lambda: len(wire.responses()) > start)
        await ticks(6)  # each a new value, which has to wait
        assert len(wire.responses()) <= start + 2, wire.text()
        wire.lose = lambda passed: False
        await notified(wire, 3)
        latest = wire.responses()[-1]
        assert latest.mtype is CON and is_newer(latest.opt.observe, wire.responses()[start].opt.observe)
        await watch.shows(latest.payload + b"\n")


async def deregister(world):
    async with ticking(world) as ticks, world.client() as client, client.observe("obs", seconds=2) as watch:
        wire = client.wire

        def cancelled():
            return [request for request in wire.requests() if request.opt.observe == 1]

        (request,) = (await wire.until(cancelled))[:1]
        first = wire.responses()[0]
        assert request.token == first.token and wire.notifications()
        await wire.until(lambda: wire.find(False, mid=request.mid, mtype=ACK))
        (answer,) = wire.find(False, mid=request.mid, mtype=ACK)
        assert answer.code is CONTENT and answer.opt.observe is None and answer.token == first.token
        assert answer.opt.content_format == first.opt.content_format
        await watch.ended()
        end = len(wire.log)
        await ticks(4)
        assert not [passed for passed in wire.log[end:] if not passed.from_client], wire.text()


async def _shows_whole(world, title, size_of, count):
    """`count` values of an observed resource, each longer than a block or not, are shown whole."""
    server = {"period_ms": LARGE_PERIOD_MS}
    async with world.client(**server) as client, client.observe(title[1:]) as watch:
        wire = client.wire

        def numbers():
            firsts = [m for m in wire.responses() if m.opt.observe is not None]
            return [int(m.payload.split(b"\n")[0].split()[1]) for m in firsts]

        await wire.until(lambda: len(numbers()) >= count)
        for number in numbers()[:count]:
            await watch.shows(large("%s %d" % (title, number), size_of(number)) + b"\n")
        blocks = [m.opt.block2 for m in wire.responses() if m.opt.observe is not None and m.opt.block2]
        assert blocks and {block.block_number for block in blocks} == {0}
        await is_acknowledged(wire, [m for m in wire.responses() if m.mtype is CON][0])


async def large_values(world):
    await _shows_whole(world, "/obs-large", lambda number: LARGE_BYTES, 3)


async def pumping(world):
    await _shows_whole(world, "/obs-pumping", lambda number: SIZES_BYTES[number % len(SIZES_BYTES)], 5)
