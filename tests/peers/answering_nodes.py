"""A helio node with a few handlers, here on CPython and as a virtual board on MicroPython, for others to ask."""

from contextlib import asynccontextmanager
from importlib.util import find_spec

from coap_wire import HERE
from simulated import Simulated

from conftest import missing
from helio.node import Node

PROGRAM = """
from helio.node import Node

def add_handlers(node, flash):
    counted = []

    @node.on("blink", "COUNT: flash the LED")
    async def blink(message):
        await flash(message.integer(0, 1, 100))
        return "done"

    @node.on("echo")
    def echo(message):
        return message.rest

    @node.on("shop")
    def shop(message):
        return {"id": 12, "price": 9.5}

    @node.on("count")
    def count(message):
        counted.append(message)
        node.publish("counted", "%d so far" % len(counted))
        return "counted"

    @node.on("fail")
    def fail(message):
        raise RuntimeError("as this test wants it")
"""
ON_A_BOARD = '''
from led import led

async def flash(count):
    await led.flash(count, 10, 10)

node = Node("kitchen")
add_handlers(node, flash)
node.run()
'''  # fmt: skip


class Answering:
    """What answers: its CoAP endpoint, and how often its LED has gone on."""

    def __init__(self, endpoint, flashes):
        self.endpoint = endpoint
        self.flashes = flashes


@asynccontextmanager
async def on_cpython(tmp_path):
    found = {}
    exec(PROGRAM, found)
    counts = []

    async def flash(count):
        counts.append(count)

    async def flashes():
        return sum(counts)

    async with Node("kitchen", address=HERE, port=None, coap_port=0) as node:
        found["add_handlers"](node, flash)
        yield Answering((HERE, node.coap_port), flashes)


@asynccontextmanager
async def on_a_board(tmp_path, heap_kb=320):
    app = tmp_path / "app.py"
    app.write_text(PROGRAM + ON_A_BOARD)
    if not find_spec("micropython_run"):
        missing("MicroPython")
    async with Simulated(app=str(app), heap_kb=heap_kb) as boards:
        ready = await boards.next("ready")

        async def flashes():
            await boards.settle()
            return len([event for event in boards.of("led") if event["on"]])

        yield Answering((ready["address"], ready["coap_port"]), flashes)
