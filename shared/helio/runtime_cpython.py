"""What `runtime` does another way on CPython: a desktop, or a virtual board without MicroPython.

asyncio is imported where it is used: a script that wants none shall not pay for it.
"""

import select
import socket
import sys
import time

from helio import runtime


def ticks_ms():
    """Milliseconds from an arbitrary start; compare them with `ticks_diff` only."""
    return time.monotonic_ns() // 1000000


def ticks_us():
    """The same in microseconds."""
    return time.monotonic_ns() // 1000


def ticks_diff(later, earlier):
    """`later - earlier`, right across the wrap of a board's counter."""
    return later - earlier


def all_is_loaded():
    """Say that no more modules are to be expected: of no use here."""


def clock():
    """A function that gives milliseconds that only grow."""
    return ticks_ms


def socket_address(host, port):
    """What `bind` and `sendto` want: packed bytes on the unix build, a pair on a board."""
    return host, port


def endpoint(address):
    """The endpoint of an address that `recvfrom` gave."""
    return address


def open_any_port(address):
    """`(socket, port)` on a port that nobody uses."""
    sock = runtime.open_udp(address, 0)
    return sock, sock.getsockname()[1]


def source_address(host):
    """Which own address a datagram to `host` leaves from, or None when there is no way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((host, 9))
            return sock.getsockname()[0]
        except OSError:
            return None


def interfaces():
    """The interfaces that are up, a list; the one that leads out first, the loopback last."""
    found = _linux_interfaces() if sys.platform == "linux" else []
    outward = source_address("192.0.2.1")  # RFC 5737: nobody's; nothing is sent
    if outward and outward != runtime.LOOPBACK[0] and outward not in [own[0] for own in found]:
        found.append((outward, "255.255.255.255", "255.255.255.255"))
    found = [own for own in found if not own[0].startswith("127.")]
    found.sort(key=lambda own: own[0] != outward)
    return found + [runtime.LOOPBACK]


def _linux_interfaces():
    import array
    import fcntl
    import struct

    ifreq_bytes = 40 if struct.calcsize("P") == 8 else 32
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        room = array.array("B", bytes(256 * ifreq_bytes))
        request = struct.pack("iP", len(room), room.buffer_info()[0])
        length = struct.unpack("iP", fcntl.ioctl(sock, 0x8912, request))[0]  # SIOCGIFCONF
        found = []
        for at in range(0, length, ifreq_bytes):
            ifreq = bytes(room[at : at + ifreq_bytes])
            netmask = fcntl.ioctl(sock, 0x891B, ifreq)  # SIOCGIFNETMASK
            address = socket.inet_ntoa(ifreq[20:24])
            netmask = socket.inet_ntoa(netmask[20:24])
            found.append((address, runtime.broadcast_address(address, netmask), netmask))
    return found


def print_exception(error):
    """Show an exception and where it came from on the console."""
    import traceback

    traceback.print_exception(type(error), error, error.__traceback__)


def warn(text):
    """Say on the console what a program's user should know."""
    print("helio:", text, file=sys.stderr)


def free_memory_bytes():
    """Free heap, or None where that has no meaning."""
    return None


def watch(sock, callback):
    """Call `callback()` whenever `sock` has something to read; returns a function that stops it."""
    import asyncio

    loop = asyncio.get_running_loop()
    loop.add_reader(sock, callback)
    return lambda: loop.remove_reader(sock)


async def readable(sock, timeout_ms):
    """Whether `sock` has something to read within `timeout_ms`."""
    import asyncio

    ready = asyncio.Event()
    stop = watch(sock, ready.set)
    try:
        await asyncio.wait_for(ready.wait(), max(0, timeout_ms) / 1000)
        return True
    except asyncio.TimeoutError:
        return False
    finally:
        stop()


def run(coroutine):
    """Run a coroutine to its end, and leave asyncio fit for the next run."""
    import asyncio

    asyncio.run(coroutine)


def wait_readable(socks, timeout_ms):
    """Those of `socks` that have something to read, waiting `timeout_ms` for it; no asyncio."""
    return select.select(socks, [], [], max(0, timeout_ms) / 1000)[0]


def find_host(host, timeout_ms):
    """The address of a host's name, or None when `timeout_ms` did not suffice."""
    import threading

    found = []

    def ask():
        try:
            found.append(socket.getaddrinfo(host, 1, socket.AF_INET)[0][-1][0])
        except (OSError, UnicodeError):  # the latter for a name that none can have, like "a..b"
            pass

    thread = threading.Thread(target=ask, daemon=True)  # a resolver may take longer than we wait
    thread.start()
    thread.join(timeout_ms / 1000)
    return found[0] if found else None


async def lookup_host(host, timeout_ms):
    """As `find_host`, while other tasks go on."""
    import asyncio

    return await asyncio.get_running_loop().run_in_executor(None, find_host, host, timeout_ms)


class Waiter:
    """What one task waits for: a value, or an error."""

    def __init__(self):
        import asyncio

        self._future = asyncio.get_running_loop().create_future()

    def wait(self):
        """Await it: returns the value, or raises the error."""
        return self._future

    @property
    def is_over(self):
        return self._future.done() and not self._future.cancelled()

    def done(self, value):
        """This is the value."""
        if not self._future.done():
            self._future.set_result(value)

    def failed(self, error):
        """This is the error."""
        if not self._future.done():
            self._future.set_exception(error)
