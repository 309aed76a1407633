"""Virtual boards for a test, and all that they were seen to do; nothing of it leaves this machine."""

import asyncio
import os
import sys
import time
import tty

import pytest

from helio import runtime_asking
from helio_host.virtual.simulator import Simulator

NETWORK = "127.0.20.0"
TIMEOUT_S = 30
OPTIONS = {"count": 1, "network": NETWORK, "port": 0, "coap_port": 0, "python": "micropython", "heap_kb": 320}

both = pytest.mark.parametrize("python", ["micropython", "cpython"])


class Simulated:
    """A simulator and its events, as an async context manager. `options` as for `Simulator`."""

    def __init__(self, **options):
        self.events = []
        self._at = 0  # how many of them `next` has passed
        self._changed = asyncio.Event()
        self._simulator = Simulator(self._emit, **{**OPTIONS, **options})
        self._asked = 0

    async def __aenter__(self):
        await self._simulator.__aenter__()
        return self

    async def __aexit__(self, *error):
        await self._simulator.__aexit__(*error)

    @property
    def boards(self):
        """The VirtualBoards."""
        return self._simulator.boards

    def _emit(self, event):
        self.events.append(event)
        self._changed.set()

    def of(self, kind, board="board-1"):
        """The events of a kind so far."""
        return [event for event in self.events if event["event"] == kind and event["board"] == board]

    async def until(self, condition):
        """What `condition()` gives, once that is true."""
        end_s = time.monotonic() + TIMEOUT_S
        while True:
            found = condition()
            if found:
                return found
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), end_s - time.monotonic())
            except asyncio.TimeoutError:
                raise AssertionError("waited in vain; there were\n" + "\n".join(map(str, self.events[-50:]))) from None

    async def next(self, kind, **wanted):
        """The next event of this kind and with these parts, after the last that this returned."""

        def find():
            for at in range(self._at, len(self.events)):
                event = self.events[at]
                if event["event"] == kind and all(event[key] == value for key, value in wanted.items()):
                    self._at = at + 1
                    return event
            return None

        return await self.until(find)

    async def ask(self, text, board="board-1"):
        """The line that answers one datagram to a board."""
        ready = (await self.until(lambda: self.of("ready", board)))[-1]
        sock = runtime_asking.connect_udp("127.0.0.1", ready["address"], ready["port"])
        try:
            sock.send(text.encode())
            assert await runtime_asking.readable(sock, TIMEOUT_S * 1000), "no answer to " + text
            return sock.recv(2048).decode()
        finally:
            sock.close()

    async def led(self, *texts, board="board-1"):
        """What the LED did while these messages were answered with ok, one after the other: a
        colour, "on" or "off" for each event."""
        before = len(self.of("led", board))
        for text in texts:
            answer = await self.ask(text, board)
            assert answer.startswith("ok"), answer
        await self.settle(board)
        return [shown(event) for event in self.of("led", board)[before:]]

    async def settle(self, board="board-1"):
        """Returns once all that a board did so far has been told: reports come in order."""
        self._asked += 1
        text = "ping %d" % self._asked
        await self.ask(text, board)
        await self.until(lambda: [event for event in self.of("message", board) if event["text"] == text])


def shown(event):
    """What a LED event shows, in one word."""
    return event.get("colour", "on") if event["on"] else "off"


class Serial:
    """A board's serial port, opened as a terminal program would."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)
        self._data = b""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)

    def _read(self):
        self._data += os.read(self._fd, 4096)
        self._changed.set()

    def stop_reading(self):
        """Leave what comes where it is."""
        asyncio.get_running_loop().remove_reader(self._fd)

    def go_on_reading(self):
        """Read again."""
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def type(self, data):
        """Send bytes to the board."""
        os.write(self._fd, data)

    async def until(self, end):
        """All that the board sends up to and with `end`."""
        while end not in self._data:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), TIMEOUT_S)
            except asyncio.TimeoutError:
                raise AssertionError("no %r in %r" % (end, self._data)) from None
        found, _, self._data = self._data.partition(end)
        return found + end


async def mpremote(port, *words):
    """What mpremote prints when it runs `words` on the board at a serial port."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mpremote", "connect", port, *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = output.decode().replace("\r\n", "\n")
    assert process.returncode == 0, text
    return text
