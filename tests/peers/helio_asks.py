"""What a helio node asks of servers that are not ours, on either interpreter.

    python tests/peers/helio_asks.py WHAT HOST PORT WORDS…

WHAT is one of the functions below, WORDS its arguments. It prints `-- passed --`, or shows what failed.
"""

import sys

sys.path.insert(0, (__file__.rpartition("/")[0] or ".") + "/../../shared")

from helio.coap import limits  # noqa: E402

if __name__ == "__main__":  # what a client waits beyond Max-Age before it registers again is read once, at import
    limits.REGISTER_DELAY_MS = limits.REGISTER_SPREAD_MS = 100

from helio import runtime  # noqa: E402
from helio.coap.codec import (  # noqa: E402
    CHANGED,
    CONTENT,
    CREATED,
    DELETE,
    DELETED,
    GET,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    POST,
    PUT,
)
from helio.coap.request import uri_options  # noqa: E402
from helio.errors import Refused  # noqa: E402
from helio.node import Node  # noqa: E402

HERE = "127.0.0.1"
TIMEOUT_S = 60  # only ever waited for in full when a test fails


def body(size):
    """`size` bytes of text, no two lines of which are the same; no newline ends it."""
    return b"".join([b"\n%07d" % number for number in range(size // 8)])


class Asker:
    """A node, and the server that it asks."""

    def __init__(self, target, **options):
        self.target = target
        self.node = Node("asker", address=HERE, port=None, coap_port=0, **options)

    async def __aenter__(self):
        await self.node.start()
        return self

    async def __aexit__(self, *error):
        await self.node.stop()

    async def ask(self, code, path, payload=b"", *queries):
        """The response to one request."""
        return await self.node.request(self.target, code, uri_options(path, queries), payload, TIMEOUT_S)

    async def check(self, code, path, payload, *codes):
        """One request that is answered with one of `codes`; returns the payload."""
        response = await self.ask(code, path, payload)
        assert response.code in codes, (path, response.code, response.payload)
        return response.payload


async def methods(target, path):
    """Every method where the server can."""
    async with Asker(target) as asker:
        await asker.check(PUT, path, b"first", CREATED, CHANGED)
        assert await asker.check(GET, path, b"", CONTENT) == b"first"
        await asker.check(PUT, path, b"second", CHANGED)
        assert await asker.check(GET, path, b"", CONTENT) == b"second"
        await asker.check(DELETE, path, b"", DELETED)
        await asker.check(GET, path, b"", NOT_FOUND)


async def post(target, path):
    """A POST, which this server answers in capitals; the same as a message."""
    async with Asker(target) as asker:
        assert await asker.check(POST, path, b"said", CHANGED) == b"SAID"
        assert await asker.node.send(target, path + " said again", TIMEOUT_S) == "SAID AGAIN"


async def separate(target, path, *queries):
    """An answer that takes its time."""
    async with Asker(target) as asker:
        response = await asker.ask(GET, path, b"", *queries)
        assert response.code == CONTENT and response.payload


async def blocks(target, path, size):
    """20 KB there and back."""
    async with Asker(target, coap_limits={"block_size": int(size)}) as asker:
        payload = body(20000)
        await asker.check(PUT, path, payload, CHANGED, CREATED)
        assert await asker.check(GET, path, b"", CONTENT) == payload


async def observe(target, path):
    """A value that another changes, until it is followed no longer."""
    async with Asker(target) as asker, Asker(target) as other:
        await other.check(PUT, path, b"one", CHANGED, CREATED)
        following = asker.node.observe(target, path)
        seen = []
        async for value in following:
            seen.append(value)
            if value == "three":
                break
            await other.check(PUT, path, b"two" if value == "one" else b"three", CHANGED)
        assert seen == ["one", "two", "three"], seen
        following.close()
        await asker.check(GET, path, b"", CONTENT)  # behind what tells the server
        await other.check(PUT, path, b"four", CHANGED)
        assert await asker.check(GET, path, b"", CONTENT) == b"four"


async def restart(target, path):
    """A value that goes on when the server has forgotten who follows it."""
    async with Asker(target) as asker:
        async for value in asker.node.observe(target, path):
            print(value)
            if value == "after":
                return


async def core(target, path):
    """What there is."""
    async with Asker(target) as asker:
        links = await asker.check(GET, ".well-known/core", b"", CONTENT)
        assert b"</%s>" % path.encode() in links, links


async def errors(target, path):
    """What is not there, and what cannot be done with what is."""
    async with Asker(target) as asker:
        await asker.check(GET, "nothing/here", b"", NOT_FOUND)
        await asker.check(POST, path, b"", METHOD_NOT_ALLOWED)
        try:
            await asker.node.send(target, path + " said", TIMEOUT_S)
            assert False, "it was not refused"
        except Refused as error:
            assert error.code == METHOD_NOT_ALLOWED, error.code


async def code(target, path, wanted):
    """A GET that is answered with that code."""
    async with Asker(target) as asker:
        await asker.check(GET, path, b"", int(wanted))


async def ping(target):
    """CoAP's ping."""
    async with Asker(target) as asker:
        await asker.node.ping(target, TIMEOUT_S)


if __name__ == "__main__":
    what, host, port = sys.argv[1:4]
    runtime.run(globals()[what]("%s:%s" % (host, port), *sys.argv[4:]))
    print("-- passed --")
