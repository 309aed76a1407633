"""CoAP clients for `coap_pair.py`: `GET /temperature` through a helio Node or through aiocoap, or
a bare UDP exchange. Both interpreters run the first and the last.

    coap_client.py SHARED node|aiocoap|echo PORT IN_FLIGHT

For each line on stdin it prints how many requests a second were answered.
"""

import asyncio
import sys
import time

sys.path.insert(0, sys.argv[1])

ADDRESS = "127.0.0.1"
PORT, IN_FLIGHT = int(sys.argv[3]), int(sys.argv[4])
REQUESTS = {"node": 4096, "aiocoap": 512, "echo": 4096}[sys.argv[2]]

if hasattr(time, "ticks_us"):
    clock_us, MICROSECOND = time.ticks_us, 1
else:
    clock_us, MICROSECOND = time.perf_counter_ns, 1000


def report(spent):
    print(REQUESTS / spent * MICROSECOND * 1e6)
    if hasattr(sys.stdout, "flush"):  # MicroPython's has none, and keeps nothing back
        sys.stdout.flush()


async def timed(ask, in_flight):
    """Serve lines on stdin: each is one round of `ask()`, so many at a time."""

    async def several():
        for _ in range(REQUESTS // in_flight):
            await ask()

    while sys.stdin.readline():
        start = clock_us()
        await asyncio.gather(*[several() for _ in range(in_flight)])
        report(clock_us() - start)


async def node():
    from helio.coap.codec import GET
    from helio.coap.request import uri_options
    from helio.node import Node

    target = ADDRESS, PORT
    options = uri_options("temperature")
    async with Node("client", address=ADDRESS, port=None, coap_port=0, coap_limits={"nstart": IN_FLIGHT}) as client:

        async def ask():
            response = await client.request(target, GET, options)
            assert response.payload == b"21.5"

        await timed(ask, IN_FLIGHT)


async def aiocoap():
    from aiocoap import Code, Context, Message

    contexts = []  # no comprehension: MicroPython compiles no `await` in one
    for _ in range(IN_FLIGHT):
        contexts.append(await Context.create_client_context())

    async def ask():
        context = contexts.pop()
        message = Message(code=Code.GET, uri="coap://%s:%d/temperature" % (ADDRESS, PORT))
        response = await context.request(message).response
        assert response.payload == b"21.5"
        contexts.append(context)

    await timed(ask, IN_FLIGHT)


def echo():
    from helio import runtime_asking

    sock = runtime_asking.connect_udp(None, ADDRESS, PORT)
    sock.setblocking(True)
    data = b"D\x01\x00\x01tokn\xbbtemperature"
    while sys.stdin.readline():
        start = clock_us()
        for _ in range(REQUESTS // IN_FLIGHT):
            for _ in range(IN_FLIGHT):
                sock.send(data)
            for _ in range(IN_FLIGHT):
                sock.recv(1281)
        report(clock_us() - start)


if sys.argv[2] == "echo":
    echo()
else:
    asyncio.run({"node": node, "aiocoap": aiocoap}[sys.argv[2]]())
