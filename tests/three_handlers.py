"""A node with three handlers, as a board has one, for the tests and benchmarks of its memory.

three_handlers.py FOLDER    (of the compiled core; prints the CoAP port it answers on)
"""

import sys

sys.path.insert(0, sys.argv[1])

from helio import runtime  # noqa: E402
from helio.node import Node  # noqa: E402

node = Node("board-1", address="127.0.0.1", port=0, coap_port=0)


@node.on("blink", "COUNT: flash the LED")
async def blink(message):
    message.integer(0, 1, 1000)
    return "done"


@node.on("say", "TEXT: show it")
def say(message):
    return message.rest


@node.on("count", "NUMBER: say it as JSON")
def count(message):
    return {"count": message.integer(0, 0, 100000)}


async def say_port(node):
    print(node.coap_port)


runtime.services[:] = [say_port]
node.run()
