"""The only file that knows which Python it is on: clocks, sockets, waiting, addresses.

An interface is `(address, broadcast, netmask)`, dotted strings. A socket here is UDP over
IPv4 and does not block. An endpoint is `(host, port)`. Here is what both do alike and what
MicroPython does its own way; CPython's ways, which no board has room for, are in
`runtime_cpython` and replace those at the end.
"""

import os
import socket
import sys

from helio.errors import NetworkError, PortInUse, UsageError
from helio.limits import INTERFACES_EVERY_MS

MICROPYTHON = sys.implementation.name == "micropython"
INTERPRETER = "%s %s" % (
    "MicroPython" if MICROPYTHON else "CPython",
    ".".join([str(number) for number in sys.implementation.version[:3]]),
)
DATAGRAM_MAX_BYTES = 1472 if MICROPYTHON else 65535  # the most that is read of one: an Ethernet frame's
BOARD = sys.platform  # "esp32" on a board; a virtual board says "virtual"

_EVERY_NETWORK = "255.255.255.255"
LOOPBACK = ("127.0.0.1", "127.255.255.255", "255.0.0.0")
_EADDRINUSE = (98, 48, 112, 10048)  # Linux, macOS, lwIP's newlib, Windows
_EADDRNOTAVAIL = (99, 49, 10049)

# On Linux a socket on the exact broadcast address hears broadcasts; lwIP wants 0.0.0.0, and
# SO_REUSEADDR on every socket of the port.
HEARS_EXACTLY = sys.platform == "linux"
_REUSE_OWN = MICROPYTHON and not HEARS_EXACTLY

# the latest address that `endpoint` was asked for, and its answer: most come again
_address = _endpoint = None

if MICROPYTHON:
    import gc

    # While modules are loaded, what one leaves behind shall be room for the next: else the heap is
    # in pieces when the program starts, and no piece holds a datagram.
    gc.threshold(4096)
    from time import ticks_diff, ticks_ms  # noqa: F401


def all_is_loaded():
    """Say that no more modules are to be expected."""
    gc.collect()
    # Collected only when nothing is free, what is remembered would lie all over what was: there
    # would be room for small things only.
    gc.threshold(gc.mem_free() // 4)


def clock():
    """A function that gives milliseconds that only grow, if it is called once in six days."""
    last_ms = ticks_ms()
    now_ms = 0

    def advance():
        nonlocal last_ms, now_ms
        ticks = ticks_ms()
        now_ms += ticks_diff(ticks, last_ms)
        last_ms = ticks
        return now_ms

    return advance


# --- sockets --------------------------------------------------------------------------------


def open_udp(address, port, group=False):
    """A socket bound to `(address, port)`: alone, or as one of a group that all hear the same;
    where the address is None, one that the system binds when it is first used.

    Raises PortInUse, or UsageError when this machine does not have the address.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if group or _REUSE_OWN:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setblocking(False)
        if address:
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
    return interface[1] if HEARS_EXACTLY else "0.0.0.0"


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


def socket_address(host, port):
    """What `bind` and `sendto` want, equal to what `recvfrom` gives: packed bytes on the unix
    build, a pair on a board."""
    address = socket.getaddrinfo(host, port)[0][-1]
    return address if isinstance(address, tuple) else bytes(address)  # a bytearray there, which is not hashable


def endpoint(address):
    """The endpoint of an address that `recvfrom` gave."""
    global _address, _endpoint
    if isinstance(address, tuple):
        return address
    if address != _address:
        # struct sockaddr_in: family, port and address in network order
        _endpoint = "%d.%d.%d.%d" % tuple(address[4:8]), address[2] << 8 | address[3]
        _address = address
    return _endpoint


def open_any_port(address):
    """`(socket, port)` on a port that nobody uses. There is no `getsockname` to ask, so one of
    RFC 6335's dynamic ports is drawn until one is free."""
    while True:
        port = 49152 + (int.from_bytes(os.urandom(2), "big") & 0x3FFF)
        try:
            return open_udp(address, port), port
        except PortInUse:
            pass


# --- the console and the memory --------------------------------------------------------------


def print_exception(error):
    """Show an exception and where it came from on the console."""
    sys.print_exception(error)


def warn(text):
    """Say on the console what a program's user should know."""
    print("helio:", text)


def free_memory_bytes():
    """Free heap, or None where that has no meaning."""
    return gc.mem_free()


# --- this machine's addresses ----------------------------------------------------------------


def interface(address):
    """The interface that has `address`; any of 127.0.0.0/8 belongs to the loopback."""
    if address.startswith("127."):
        return address, LOOPBACK[1], LOOPBACK[2]
    for own in interfaces():
        if own[0] == address:
            return own
    return address, "255.255.255.255", "255.255.255.255"


async def follow_interfaces(node):
    """Tell a node its addresses, again and again: they may change."""
    import asyncio

    while True:
        node.set_interfaces(interfaces())
        await asyncio.sleep(INTERFACES_EVERY_MS / 1000)


# What runs beside every node that has been started: coroutine functions of the node. On a board
# `boot.py` puts Wi-Fi here, which knows better when the address changes.
services = [follow_interfaces]

# What sets the clock of a board, where `boot.py` has put it: a coroutine function of whether it shall
# let nothing else run.
find_time = None


def broadcast_address(address, netmask):
    """The address that everyone on `address`'s network hears, all three dotted; a network of one or two has
    none of its own (RFC 3021), and gets the one of every network."""
    if netmask in ("255.255.255.255", "255.255.255.254"):
        return _EVERY_NETWORK
    masks = netmask.split(".")
    return ".".join([str(int(byte) | 255 & ~int(masks[i])) for i, byte in enumerate(address.split("."))])


def is_on_network(host, own):
    """Whether `host` is on the network of the interface `own`."""
    if host == own[0]:
        return True
    return broadcast_address(host, own[2]) == own[1] != _EVERY_NETWORK


def board_interfaces():
    """The interfaces of a board that are up, a list. Raises ImportError where there is no board."""
    import network

    found = []
    for kind in (network.STA_IF, network.AP_IF):
        wlan = network.WLAN(kind)
        if wlan.active() and (kind == network.AP_IF or wlan.isconnected()):
            address, netmask = wlan.ifconfig()[:2]
            found.append((address, broadcast_address(address, netmask), netmask))
    return found


def interfaces():
    """The interfaces that are up, a list; on a machine with no `network`, the loopback."""
    try:
        return board_interfaces()
    except ImportError:
        return [LOOPBACK]


# --- waiting ---------------------------------------------------------------------------------

# asyncio is imported where it is used: a script that wants none shall not pay for it.


def current_task():
    """The asyncio task that is running, or None."""
    import asyncio

    try:
        return asyncio.current_task()
    except RuntimeError:
        return None


def watch(sock, callback):
    """Call `callback()` whenever `sock` has something to read; returns a function that stops it."""
    import asyncio

    watched = [sock]

    def watching():
        while watched:
            yield asyncio.core._io_queue.queue_read(sock)
            try:
                callback()
            except Exception as error:  # no memory, say: the next datagram may be a smaller one
                print_exception(error)

    task = asyncio.create_task(watching())

    def stop():
        watched.clear()
        if task is not current_task():  # Ctrl+C may come during the callback, or the callback stop it
            task.cancel()

    return stop


def run(coroutine):
    """Run a coroutine to its end, and leave asyncio fit for the next run."""
    import asyncio

    try:
        asyncio.run(coroutine)
    finally:
        asyncio.new_event_loop()


if not MICROPYTHON:
    from helio.runtime_cpython import *  # noqa: F403
