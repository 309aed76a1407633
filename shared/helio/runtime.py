"""The only file that knows which Python it is on: clocks, sockets, waiting, addresses.

An interface is a pair `(address, broadcast)` of dotted strings. A socket here is UDP over
IPv4 and does not block. An endpoint is `(host, port)`.
"""

import socket
import sys
import time

from helio.errors import NetworkError, NoAnswer, PortInUse, UsageError
from helio.limits import INTERFACES_EVERY_MS

MICROPYTHON = sys.implementation.name == "micropython"
INTERPRETER = "%s %s" % (
    "MicroPython" if MICROPYTHON else "CPython",
    ".".join([str(number) for number in sys.implementation.version[:3]]),
)
DATAGRAM_MAX_BYTES = 2048 if MICROPYTHON else 65535  # the most that is read of one datagram
BOARD = sys.platform  # "esp32" on a board; a virtual board says "virtual"

LOOPBACK = ("127.0.0.1", "127.255.255.255")
_EADDRINUSE = (98, 48, 112, 10048)  # Linux, macOS, lwIP's newlib, Windows
_EADDRNOTAVAIL = (99, 49, 10049)
_ECONNREFUSED = (111, 61, 10061, 10054)

# On Linux a socket on the exact broadcast address hears broadcasts; lwIP wants 0.0.0.0, and
# SO_REUSEADDR on every socket of the port.
_EXACT_BROADCAST = sys.platform == "linux"
_REUSE_OWN = MICROPYTHON and not _EXACT_BROADCAST


# --- clocks ---------------------------------------------------------------------------------

if MICROPYTHON:
    from time import ticks_diff, ticks_ms

    # the ESP32 counts from 2000, the unix build from 1970
    _EPOCH_S = 946684800 if time.gmtime(0)[0] == 2000 else 0
else:

    def ticks_ms():
        """Milliseconds from an arbitrary start; compare them with `ticks_diff` only."""
        return time.monotonic_ns() // 1000000

    def ticks_diff(later_ms, earlier_ms):
        """`later_ms - earlier_ms`, right across the wrap of a board's counter."""
        return later_ms - earlier_ms

    _EPOCH_S = 0


def unix_time():
    """Seconds since 1970, UTC, as an int; near 946684800 on a board that was not told the time."""
    return int(time.time()) + _EPOCH_S


# --- sockets --------------------------------------------------------------------------------


def open_udp(address, port, group=False):
    """A socket bound to `(address, port)`: alone, or as one of a group that all hear the same.

    Raises PortInUse, or UsageError when this machine does not have the address.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if group or _REUSE_OWN:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setblocking(False)
        sock.bind(socket_address(address, port))
    except OSError as error:
        sock.close()
        if error.errno in _EADDRINUSE:
            raise PortInUse(
                "port %d on %s is in use by another program: end it, or take another port" % (port, address)
            )
        if error.errno in _EADDRNOTAVAIL:
            raise UsageError("this machine does not have the address %s" % address)
        raise NetworkError("cannot open port %d on %s (%s)" % (port, address, error))
    return sock


def group_address(interface):
    """Where to bind to hear what is broadcast on an interface."""
    return interface[1] if _EXACT_BROADCAST else "0.0.0.0"


def connect_udp(address, host, port):
    """A socket that sends to and hears from `(host, port)` only, for the caller to close.

    It leaves from `address`, or where the system sees fit when that is None.
    """
    sock = open_udp(address or "0.0.0.0", 0)
    try:
        sock.connect(socket_address(host, port))
    except OSError as error:
        sock.close()
        raise network_error(error, host, port)
    return sock


def open_broadcast(interfaces):
    """`[(socket, interface), …]` to broadcast from and hear the answers, for `close`."""
    return [(open_udp(own[0], 0), own) for own in interfaces]


def broadcast(links, data, ports):
    """Send `data` to all on each of `links`. Returns on how many interfaces it left."""
    left = 0
    for sock, own in links:
        try:
            for port in ports:
                sock.sendto(data, socket_address(own[1], port))
            left += 1
        except OSError:  # an interface without a network: the others may have one
            pass
    return left


def drain(links, receive):
    """Give `receive` every datagram that has come to `links`."""
    for sock, _ in links:
        try:
            while True:
                receive(sock.recvfrom(DATAGRAM_MAX_BYTES)[0])
        except OSError:
            pass


def close(links):
    """Close what `open_broadcast` opened."""
    for sock, _ in links:
        sock.close()


def network_error(error, host, port):
    """The error that says what an OSError means for whoever sends to `(host, port)`."""
    if error.errno in _ECONNREFUSED:
        return NoAnswer("something is at %s, but no helio on port %d" % (host, port))
    return NetworkError("nothing leaves for %s (%s): check the address and this machine's network" % (host, error))


if MICROPYTHON:
    import os

    def socket_address(host, port):
        """What `bind` and `sendto` want: packed bytes on the unix build, a pair on a board."""
        return socket.getaddrinfo(host, port)[0][-1]

    def endpoint(address):
        """The endpoint of an address that `recvfrom` gave."""
        if isinstance(address, tuple):
            return address
        # struct sockaddr_in: family, port and address in network order
        return "%d.%d.%d.%d" % tuple(address[4:8]), address[2] << 8 | address[3]

    def open_any_port(address):
        """`(socket, port)` on a port that nobody uses. There is no `getsockname` to ask, so
        one of RFC 6335's dynamic ports is drawn until one is free."""
        while True:
            port = 49152 + (int.from_bytes(os.urandom(2), "big") & 0x3FFF)
            try:
                return open_udp(address, port), port
            except PortInUse:
                pass

    def print_exception(error):
        """Show an exception and where it came from on the console."""
        sys.print_exception(error)

    def warn(text):
        """Say on the console what a program's user should know."""
        print("helio:", text)

    def free_memory_bytes():
        """Free heap, or None where that has no meaning."""
        import gc

        return gc.mem_free()

else:

    def socket_address(host, port):
        """What `bind` and `sendto` want: packed bytes on the unix build, a pair on a board."""
        return host, port

    def endpoint(address):
        """The endpoint of an address that `recvfrom` gave."""
        return address

    def open_any_port(address):
        """`(socket, port)` on a port that nobody uses."""
        sock = open_udp(address, 0)
        return sock, sock.getsockname()[1]

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


# --- this machine's addresses ----------------------------------------------------------------


def interface(address):
    """The interface that has `address`; any of 127.0.0.0/8 belongs to the loopback."""
    if address.startswith("127."):
        return address, LOOPBACK[1]
    if address == "0.0.0.0":
        return address, "255.255.255.255"
    for own in interfaces():
        if own[0] == address:
            return own
    return address, "255.255.255.255"


async def follow_interfaces(node):
    """Tell a node its addresses, again and again: they may change."""
    import asyncio

    while True:
        node.set_interfaces(interfaces())
        await asyncio.sleep(INTERFACES_EVERY_MS / 1000)


# What runs beside every node that has been started: coroutine functions of the node. On a board
# `boot.py` puts Wi-Fi here, which knows better when the address changes.
services = [follow_interfaces]


def broadcast_address(address, netmask):
    """The address that everyone on `address`'s network hears, all three dotted."""
    masks = netmask.split(".")
    return ".".join([str(int(byte) | 255 & ~int(masks[i])) for i, byte in enumerate(address.split("."))])


def board_interfaces():
    """The interfaces of a board that are up, a list. Raises ImportError where there is no board."""
    import network

    found = []
    for kind in (network.STA_IF, network.AP_IF):
        wlan = network.WLAN(kind)
        if wlan.active() and (kind == network.AP_IF or wlan.isconnected()):
            address, netmask = wlan.ifconfig()[:2]
            found.append((address, broadcast_address(address, netmask)))
    return found


if MICROPYTHON:

    def interfaces():
        """The interfaces that are up, a list; on a machine with no `network`, the loopback."""
        try:
            return board_interfaces()
        except ImportError:
            return [LOOPBACK]

    def source_address(host):
        """Which own address a datagram to `host` leaves from, or None: a board cannot tell."""
        return None

else:

    def interfaces():
        """The interfaces that are up, a list; the one that leads out first, the loopback last."""
        found = _linux_interfaces() if sys.platform == "linux" else []
        outward = source_address("192.0.2.1")  # RFC 5737: nobody's; nothing is sent
        if outward and outward != LOOPBACK[0] and outward not in [own[0] for own in found]:
            found.append((outward, "255.255.255.255"))
        found = [own for own in found if not own[0].startswith("127.")]
        found.sort(key=lambda own: own[0] != outward)
        return found + [LOOPBACK]

    def _linux_interfaces():
        import fcntl
        import struct

        ifreq_bytes = 40 if struct.calcsize("P") == 8 else 32
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            import array

            room = array.array("B", bytes(256 * ifreq_bytes))
            request = struct.pack("iP", len(room), room.buffer_info()[0])
            length = struct.unpack("iP", fcntl.ioctl(sock, 0x8912, request))[0]  # SIOCGIFCONF
            found = []
            for at in range(0, length, ifreq_bytes):
                ifreq = bytes(room[at : at + ifreq_bytes])
                address = socket.inet_ntoa(ifreq[20:24])
                netmask = fcntl.ioctl(sock, 0x891B, ifreq)  # SIOCGIFNETMASK
                found.append((address, broadcast_address(address, socket.inet_ntoa(netmask[20:24]))))
        return found

    def source_address(host):
        """Which own address a datagram to `host` leaves from, or None when there is no way."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.connect((host, 9))
                return sock.getsockname()[0]
            except OSError:
                return None


# --- waiting ---------------------------------------------------------------------------------


def current_task():
    """The asyncio task that is running, or None."""
    import asyncio

    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


# asyncio is imported where it is used: a script that wants none shall not pay for it.

if MICROPYTHON:

    def watch(sock, callback):
        """Call `callback()` whenever `sock` has something to read; returns a function that stops it."""
        import asyncio

        task = asyncio.create_task(_watching(sock, callback))

        def stop():
            task.cancel()
            asyncio.core._io_queue.remove(sock)

        return stop

    def _watching(sock, callback):
        import asyncio

        while True:
            yield asyncio.core._io_queue.queue_read(sock)
            callback()

    async def readable(sock, timeout_ms):
        """Whether `sock` has something to read within `timeout_ms`."""
        import asyncio

        try:
            await asyncio.wait_for_ms(_reading(asyncio.core, sock), max(0, timeout_ms))
            return True
        except asyncio.TimeoutError:
            return False

    def _reading(core, sock):
        yield core._io_queue.queue_read(sock)

    def run(coroutine):
        """Run a coroutine to its end, and leave asyncio fit for the next run."""
        import asyncio

        try:
            asyncio.run(coroutine)
        finally:
            asyncio.new_event_loop()

    def wait_readable(socks, timeout_ms):
        """Those of `socks` that have something to read, waiting `timeout_ms` for it; no asyncio."""
        import select

        poller = select.poll()
        for sock in socks:
            poller.register(sock, select.POLLIN)
        return [event[0] for event in poller.poll(max(0, timeout_ms))]

    def find_host(host, timeout_ms):
        """The address of a host's name, or None. A board may need 5 s for it, whatever is asked."""
        try:
            return endpoint(socket.getaddrinfo(host, 1)[0][-1])[0]
        except OSError:
            return None

    async def lookup_host(host, timeout_ms):
        """As `find_host`; on a board all else stands still meanwhile."""
        return find_host(host, timeout_ms)

else:

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
        import select

        return select.select(socks, [], [], max(0, timeout_ms) / 1000)[0]

    def find_host(host, timeout_ms):
        """The address of a host's name, or None when `timeout_ms` did not suffice."""
        import threading

        found = []

        def ask():
            try:
                found.append(socket.getaddrinfo(host, 1, socket.AF_INET)[0][-1][0])
            except OSError:
                pass

        thread = threading.Thread(target=ask, daemon=True)  # a resolver may take longer than we wait
        thread.start()
        thread.join(timeout_ms / 1000)
        return found[0] if found else None

    async def lookup_host(host, timeout_ms):
        """As `find_host`, while other tasks go on."""
        import asyncio

        return await asyncio.get_running_loop().run_in_executor(None, find_host, host, timeout_ms)
