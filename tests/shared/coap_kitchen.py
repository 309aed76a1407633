"""A node with handlers of every kind, one that asks it, and how to name the one to the other."""

import asyncio

from helio.errors import Refused
from helio.node import Node

LOOP = "127.0.0.1"


def kitchen(**options):
    """A node with handlers, at a port that the system picks."""
    options.setdefault("address", LOOP)
    options.setdefault("port", None)
    options.setdefault("coap_port", 0)
    node = Node("kitchen", **options)
    node.done = []

    @node.on("blink", 'COUNT: flash the "LED"')
    async def blink(message):
        message.integer(0, 1, 100)
        await asyncio.sleep(0)
        node.done.append((message.text, message.sender))
        return "done"

    @node.on("upper")
    def upper(message):
        return message.rest.upper()

    @node.on("bytes")
    def some_bytes(message):
        return b"\x00\xff" * message.integer(0, 0, 40000)

    @node.on("json")
    def json(message):
        return {"got": message.json()}

    @node.on("nothing")
    def nothing(message):
        pass

    @node.on("fail")
    def fail(message):
        raise ValueError("secret")

    return node


def desk(**options):
    """A node that asks."""
    return Node("desk", address=LOOP, port=None, coap_port=0, **options)


def at(node):
    return node.address, node.coap_port


async def refusal(sending):
    try:
        reply = await sending
    except Refused as error:
        return error.code, str(error)
    raise AssertionError("not refused: %r" % (reply,))
