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


async def test_a_network_of_one_or_two_has_no_broadcast_address_that_would_be_its_own():
    for address, netmask, all_hear in (
        ("192.168.1.5", "255.255.255.0", "192.168.1.255"),
        ("10.9.8.5", "255.255.252.0", "10.9.11.255"),
        ("10.0.0.6", "255.255.255.252", "10.0.0.7"),
        ("10.0.0.7", "255.255.255.254", "255.255.255.255"),
        ("100.64.0.7", "255.255.255.255", "255.255.255.255"),
    ):
        own = address, runtime.broadcast_address(address, netmask), netmask
        assert own[1] == all_hear, own
        assert runtime.is_on_network(address, own) and not runtime.is_on_network("198.51.100.1", own), own
    assert runtime.is_on_network("192.168.1.77", ("192.168.1.5", "192.168.1.255", "255.255.255.0"))


async def test_a_board_gets_to_know_the_time_before_it_looks_at_dates():
    if not runtime.MICROPYTHON:
        return  # a desktop's clock is set
    from helio import runtime_web
    from helio.errors import Untrusted

    class Clock:
        year = 2000

        def gmtime(self):
            return (self.year, 1, 1)

    clock = Clock()
    asked = []

    async def find_time(is_blocking):
        asked.append(is_blocking)
        clock.year = 2026 if len(asked) == 2 else 2000

    kept = runtime_web.time, runtime.find_time
    runtime_web.time, runtime.find_time = clock, None
    try:
        for runtime.find_time in (None, find_time):
            try:
                await runtime_web.know_time("example.org", True)
                assert False
            except Untrusted as error:
                assert "does not know the time" in str(error) and "example.org" in str(error)
        for _ in range(2):
            await runtime_web.know_time("example.org", False)
    finally:
        runtime_web.time, runtime.find_time = kept
    assert asked == [True, False]  # once it is known nobody is asked
