"""What `runtime` promises alike on every Python, as far as the tests of its users do not show it."""

import asyncio

from helio import runtime, runtime_asking

LOOP = "127.0.0.1"
WAIT_S = 5  # only a failing test waits it out


async def test_a_watch_may_be_stopped_by_its_own_callback():
    sock, port = runtime.open_any_port(LOOP)
    out = runtime_asking.connect_udp(LOOP, LOOP, port)
    called = asyncio.Event()
    received = []

    def callback():
        received.append(sock.recvfrom(8)[0])
        stop()
        called.set()

    stop = runtime.watch(sock, callback)
    out.send(b"1")
    await asyncio.wait_for(called.wait(), WAIT_S)
    out.send(b"2")
    # a second watch is called where the first would have been
    again = asyncio.Event()
    stop_again = runtime.watch(sock, again.set)
    await asyncio.wait_for(again.wait(), WAIT_S)
    stop_again()
    assert received == [b"1"]
    sock.close()
    out.close()
