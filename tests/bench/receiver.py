"""Receives datagrams that this process sends itself, for `receive.py`. Runs on both interpreters.

    receiver.py SHARED recvfrom|listen|protocol|watch|node BURST

For each line on stdin it prints the µs that one datagram took to be received. The clock runs
while bursts are received, not while they are sent.
"""

import sys
import time

sys.path.insert(0, sys.argv[1])

from helio import runtime, runtime_asking  # noqa: E402

ADDRESS = "127.0.0.1"
DATA = b"hello kitchen 192.168.1.55 10001 5683 esp32"
BURST = int(sys.argv[3])
BURSTS = 16384 // BURST if BURST > 1 else 8192

if runtime.MICROPYTHON:
    clock_us, MICROSECOND = time.ticks_us, 1
else:
    clock_us, MICROSECOND = time.process_time_ns, 1000


def sender_to(port):
    sock = runtime_asking.connect_udp(ADDRESS, ADDRESS, port)

    def send():
        for _ in range(BURST):
            sock.send(DATA)

    return send


def report(spent):
    print(spent / BURSTS / BURST / MICROSECOND)
    if hasattr(sys.stdout, "flush"):  # MicroPython's has none, and keeps nothing back
        sys.stdout.flush()


def recvfrom():
    sock, port = runtime.open_any_port(ADDRESS)
    sock.setblocking(True)
    send = sender_to(port)
    while sys.stdin.readline():
        spent = 0
        for _ in range(BURSTS):
            send()
            start = clock_us()
            for _ in range(BURST):
                sock.recvfrom(1027)
            spent += clock_us() - start
        report(spent)


def listen():
    from helio import blocking

    sock, port = runtime.open_any_port(ADDRESS)
    sock.close()
    messages = blocking.listen(port, ADDRESS)
    send = sender_to(port)
    while sys.stdin.readline():
        spent = 0
        for _ in range(BURSTS):
            send()
            start = clock_us()
            for _ in range(BURST):
                next(messages)
            spent += clock_us() - start
        report(spent)


def protocol():
    import asyncio

    class Protocol(asyncio.DatagramProtocol):
        def datagram_received(self, data, address):
            count_one()

    async def run():
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Protocol, local_addr=(ADDRESS, 0))
        await receive_bursts(sender_to(transport.get_extra_info("sockname")[1]))

    asyncio.run(run())


def watch():
    import asyncio

    sock, port = runtime.open_any_port(ADDRESS)

    def drain():
        try:
            while True:
                sock.recvfrom(1027)
                count_one()
        except OSError:
            pass

    async def run():
        runtime.watch(sock, drain)
        await receive_bursts(sender_to(port))

    asyncio.run(run())


def node():
    import asyncio

    from helio.node import Node

    class Messages:
        """Stands where an inbox of `messages()` would."""

        def put(self, message):
            count_one()

        def end(self):
            pass

    async def run():
        async with Node("bench", address=ADDRESS, port=0) as node:
            node._inboxes.append(Messages())
            await receive_bursts(sender_to(node.port))

    asyncio.run(run())


received = 0
all_received = None


def count_one():
    global received
    received += 1
    if received == BURST:
        all_received.set()


async def receive_bursts(send):
    """Only the bursts are on the clock: from the wait to the wake that the last datagram brings."""
    global received, all_received
    import asyncio

    all_received = asyncio.Event()
    while sys.stdin.readline():
        spent = 0
        for _ in range(BURSTS):
            received = 0
            all_received.clear()
            send()
            start = clock_us()
            await all_received.wait()
            spent += clock_us() - start
        report(spent)


{"recvfrom": recvfrom, "listen": listen, "protocol": protocol, "watch": watch, "node": node}[sys.argv[2]]()
