"""Confirmed messages with software that is not ours: a helio node asks aiocoap's and libcoap's
servers, on both interpreters; aiocoap's client and `coap-client` ask a node, and a virtual board.
"""

import asyncio
import sys
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import aiocoap
import aiocoap.resource
import pytest
from answering_nodes import on_a_board, on_cpython
from coap_clients import Aiocoap, Libcoap, program
from coap_wire import HERE, TIMEOUT_S, Wire
from helio_asks import body
from helio_command import eventually, free_port
from test_plain_peers import bound

from asynchronous import asynchronous
from conftest import PASSED, micropython, missing

SIZES = [16, 64, 256, 512, 1024]
interpreters = pytest.mark.parametrize("interpreter", ["cpython", "micropython"])


# --- a helio node asks


async def asks(interpreter, wire, what, *words):
    """Let a helio node ask `what` through the wire."""
    words = [Path(__file__).parent / "helio_asks.py", what, HERE, wire.port, *words]
    words = [str(word) for word in words]
    if interpreter == "micropython" and not find_spec("micropython_run"):
        missing("MicroPython")
    process = await asyncio.create_subprocess_exec(
        *(micropython(*words) if interpreter == "micropython" else [sys.executable, *words]),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode()
    assert process.returncode == 0 and text.rstrip().endswith(PASSED), text + wire.text()


class Value(aiocoap.resource.ObservableResource):
    """What a PUT sets, a GET gives and a DELETE removes."""

    def __init__(self, value=None, max_age_s=60):
        super().__init__()
        self.value = value
        self.max_age_s = max_age_s
        self.observers = 0

    def update_observation_count(self, count):
        self.observers = count

    async def render_get(self, request):
        if self.value is None:
            raise aiocoap.error.NotFound
        return aiocoap.Message(payload=self.value, content_format=0, max_age=self.max_age_s)

    async def render_put(self, request):
        self.value = request.payload
        self.updated_state()
        return aiocoap.Message(code=aiocoap.CHANGED)

    async def render_delete(self, request):
        self.value = None
        return aiocoap.Message(code=aiocoap.DELETED)


class Capitals(aiocoap.resource.Resource):
    async def render_post(self, request):
        return aiocoap.Message(code=aiocoap.CHANGED, payload=request.payload.upper(), content_format=0)


class Slow(aiocoap.resource.Resource):
    async def render_get(self, request):
        await asyncio.sleep(3 * request.transport_tuning.EMPTY_ACK_DELAY)
        return aiocoap.Message(payload=b"slow", content_format=0)


class Forbidden(aiocoap.resource.Resource):
    async def render_get(self, request):
        raise aiocoap.error.Forbidden


class Broken(aiocoap.resource.Resource):
    async def render_get(self, request):
        raise RuntimeError("as this test wants it")


@asynccontextmanager
async def aiocoap_server(value):
    """The endpoint of an aiocoap server with `value` at /value."""
    site = aiocoap.resource.Site()
    parts = {"value": value, "capitals": Capitals(), "slow": Slow(), "forbidden": Forbidden(), "broken": Broken()}
    for path, resource in parts.items():
        site.add_resource([path], resource)
    site.add_resource([".well-known", "core"], aiocoap.resource.WKCResource(site.get_resources_as_linkheader))
    endpoint = HERE, free_port()
    context = await aiocoap.Context.create_server_context(site, bind=endpoint, transports=["simplesocketserver"])
    try:
        yield endpoint
    finally:
        await context.shutdown()


@asynccontextmanager
async def libcoap_server():
    """The endpoint of a `coap-server`."""
    endpoint = HERE, free_port()
    words = [program("coap-server"), "-A", HERE, "-p", str(endpoint[1]), "-d", "10"]
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.DEVNULL)
    try:
        assert eventually(lambda: bound(*endpoint))
        yield endpoint
    finally:
        process.kill()
        await process.wait()


AIOCOAP_ANSWERS = {
    "methods": ("methods", "value"),
    "post": ("post", "capitals"),
    "observe": ("observe", "value"),
    "core": ("core", "capitals"),
    "errors": ("errors", "value"),
    "forbidden": ("code", "forbidden", 0x83),
    "failed": ("code", "broken", 0xA0),
    "ping": ("ping",),
}
LIBCOAP_ANSWERS = {
    "methods": ("methods", "new"),
    "observe": ("observe", "example_data"),
    "core": ("core", "example_data"),
    "errors": ("errors", "time"),
    "ping": ("ping",),
}


@interpreters
@pytest.mark.parametrize("what", AIOCOAP_ANSWERS)
@asynchronous
async def test_aiocoap_answers(what, interpreter):
    value = Value()
    async with aiocoap_server(value) as server, Wire(server) as wire:
        await asks(interpreter, wire, *AIOCOAP_ANSWERS[what])
        if what == "observe":
            assert value.observers == 0
            check_cancelled(wire)


@interpreters
@pytest.mark.parametrize("what", LIBCOAP_ANSWERS)
@asynchronous
async def test_libcoap_answers(what, interpreter):
    async with libcoap_server() as server, Wire(server) as wire:
        await asks(interpreter, wire, *LIBCOAP_ANSWERS[what])
        if what == "observe":
            check_cancelled(wire)


def check_cancelled(wire):
    """The observation was ended by a GET with its token, and nothing was notified after that."""
    registered = [request for request in wire.requests() if request.opt.observe == 0]
    cancelled = [request for request in wire.requests() if request.opt.observe == 1]
    (token,) = {request.token for request in registered}
    assert [request.token for request in cancelled] == [token]
    notified = [message for message in wire.responses() if message.token == token]
    assert len([message for message in notified if message.opt.observe is not None]) >= 3
    assert notified[-1].opt.observe is None, wire.text()


@interpreters
@asynchronous
async def test_aiocoap_answers_later(interpreter):
    async with aiocoap_server(Value()) as server, Wire(server) as wire:
        await asks(interpreter, wire, "separate", "slow")
        check_separate(wire)


@interpreters
@asynchronous
async def test_libcoap_answers_later(interpreter):
    async with libcoap_server() as server, Wire(server) as wire:
        await asks(interpreter, wire, "separate", "async", "1")
        check_separate(wire)


def check_separate(wire):
    (response,) = wire.responses()
    assert response.mtype is aiocoap.CON
    assert wire.find(False, mtype=aiocoap.ACK, code=aiocoap.EMPTY, mid=wire.requests()[0].mid)
    assert wire.find(True, mtype=aiocoap.ACK, code=aiocoap.EMPTY, mid=response.mid)


@interpreters
@pytest.mark.parametrize("size", SIZES)
@asynchronous
async def test_blocks_to_and_from_aiocoap(size, interpreter):
    async with aiocoap_server(Value()) as server, Wire(server) as wire:
        await asks(interpreter, wire, "blocks", "value", size)
        check_sizes(wire, size)


@interpreters
@pytest.mark.parametrize("size", SIZES)
@asynchronous
async def test_blocks_to_and_from_libcoap(size, interpreter):
    async with libcoap_server() as server, Wire(server) as wire:
        await asks(interpreter, wire, "blocks", "example_data", size)
        check_sizes(wire, size)


def check_sizes(wire, size):
    """Blocks had that size both ways."""
    options = [request.opt.block1 for request in wire.requests() if request.opt.block1]
    options += [response.opt.block2 for response in wire.responses() if response.opt.block2]
    assert {16 << option.size_exponent for option in options} == {size}
    assert len(options) >= 2 * 20000 // size


@interpreters
@asynchronous
async def test_a_value_is_followed_through_a_restart(interpreter):
    """TD_COAP_OBS_04 with the sides changed: Max-Age passes, and the client registers again."""
    async with aiocoap_server(Value(b"before", max_age_s=1)) as first, aiocoap_server(Value(b"after")) as second:
        async with Wire(first) as wire:
            asking = asyncio.ensure_future(asks(interpreter, wire, "restart", "value"))
            await wire.until(lambda: wire.responses())
            wire.server = second
            wire.forget_links()
            await asking
            registered = [request for request in wire.requests() if request.opt.observe == 0]
            assert len(registered) >= 2 and len({request.token for request in registered}) == 1


# --- a helio node answers

nodes = pytest.mark.parametrize("node", [on_cpython, on_a_board], ids=["node", "board"])
kinds = pytest.mark.parametrize("kind", [Libcoap, Aiocoap], ids=[Libcoap.name, Aiocoap.name])


@kinds
@nodes
@asynchronous
async def test_messages(node, kind, tmp_path):
    async with node(tmp_path) as there, kind(there.endpoint) as client:
        answer = await client.request("post", "blink", b"3")
        assert (answer.code, answer.payload, answer.opt.content_format) == (aiocoap.CHANGED, b"done", 0)
        assert await there.flashes() == 3
        answer = await client.request("post", "shop", content_format=0)
        assert (answer.code, answer.opt.content_format) == (aiocoap.CHANGED, 50)
        assert answer.payload == b'{"id":12,"price":9.5}'
        answer = await client.request("post", "echo", "grüße".encode(), confirmable=False)
        assert (answer.mtype, answer.payload) == (aiocoap.NON, "grüße".encode())


@kinds
@nodes
@asynchronous
async def test_what_is_refused(node, kind, tmp_path):
    async with node(tmp_path) as there, kind(there.endpoint) as client:
        answer = await client.request("post", "blink", b"lots")
        assert answer.code is aiocoap.BAD_REQUEST
        assert answer.said == b"blink takes a whole number, 1 to 100: got 'lots'"
        answer = await client.request("post", "nothing", b"3")
        assert answer.code is aiocoap.NOT_FOUND and b"blink" in answer.said
        assert (await client.request("get", "nothing")).code is aiocoap.NOT_FOUND
        assert (await client.request("get", "blink")).code is aiocoap.METHOD_NOT_ALLOWED
        assert (await client.request("post", "blink", b"3", content_format=41)).code is (
            aiocoap.UNSUPPORTED_CONTENT_FORMAT
        )
        assert (await client.request("post", "fail")).code is aiocoap.INTERNAL_SERVER_ERROR
        assert await there.flashes() == 0
        links = (await client.request("get", ".well-known/core")).payload
        assert b'</blink>;title="COUNT: flash the LED"' in links and b"</echo>" in links
        links = (await client.request("get", ".well-known/core?href=/b*")).payload
        assert b"</blink>" in links and b"</echo>" not in links


@kinds
@nodes
@asynchronous
async def test_blocks(node, kind, tmp_path):
    payload = body(20000)
    async with node(tmp_path) as there:
        for size in SIZES:
            async with kind(there.endpoint) as client:
                answer = await client.request("post", "echo", payload, block_size=size)
                assert (answer.code, answer.payload) == (aiocoap.CHANGED, payload), client.wire.text()
                asked = [request.opt.block1 for request in client.wire.requests() if request.opt.block1]
                assert 16 << asked[-1].size_exponent <= size


@kinds
@nodes
@asynchronous
async def test_a_published_value(node, kind, tmp_path):
    async with node(tmp_path) as there, kind(there.endpoint) as client, kind(there.endpoint) as other:
        await other.request("post", "count")
        assert (await other.request("get", "counted")).payload == b"1 so far"
        seconds = {"seconds": 3} if kind is Libcoap else {}
        async with client.observe("counted", **seconds) as watch:
            await watch.shows(b"1 so far\n")
            await other.request("post", "count")
            await watch.shows(b"2 so far\n")
            await other.request("post", "count")
            await watch.shows(b"3 so far\n")
            if kind is Libcoap:  # aiocoap says nothing, and resets what is confirmable only: OBS_06
                wire = client.wire
                await watch.ended()
                await wire.until(lambda: wire.responses()[-1].opt.observe is None)
                assert wire.requests()[-1].opt.observe == 1
                seen = len(wire.responses())
                await other.request("post", "count")
                await other.request("get", "counted")
                assert len(wire.responses()) == seen, wire.text()


@asynchronous
async def test_a_board_without_memory_for_a_payload_goes_on(tmp_path):
    async with on_a_board(tmp_path, heap_kb=192) as there, Aiocoap(there.endpoint) as client:
        answer = await client.request("post", "echo", body(60000))
        assert answer.code in (aiocoap.REQUEST_ENTITY_TOO_LARGE, aiocoap.INTERNAL_SERVER_ERROR), answer
        assert (await client.request("post", "blink", b"2")).payload == b"done"
        assert await there.flashes() == 2
