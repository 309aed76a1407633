"""The clock of the board, which begins in 2000 whenever the power comes back. It is set by the
`welcome` of `helio serve`, or asked for on the network when somebody has to know the time."""

import os
import time

import machine
from helio import runtime

SERVERS = ("pool.ntp.org", "time.google.com", "pool.ntp.org")
TIMEOUT_MS = 1500  # for each
_SET_MIN_S = 1577836800  # 2020: a clock that says less has not been set
_EPOCH_S = 946684800 if time.gmtime(0)[0] == 2000 else 0  # from 1970 to the epoch of this port


def start():
    """Have the clock set beside every node, and for whoever checks a certificate."""
    runtime.services.append(_take_welcome)
    runtime.find_time = find


async def _take_welcome(node):
    node.on_welcome = node.on_welcome or set_if_unset


def set_if_unset(seconds):
    """Set the clock to `seconds` since 1970, UTC, if it is not set yet. Returns whether it was not."""
    if time.time() + _EPOCH_S >= _SET_MIN_S:
        return False
    year, month, day, hour, minute, second, weekday, _ = time.gmtime(seconds - _EPOCH_S)
    machine.RTC().datetime((year, month, day, weekday, hour, minute, second, 0))
    return True


async def find(is_blocking=False):
    """Set the clock by what a server on the network says. Returns whether one did."""
    from helio.errors import HelioError  # here: most boards are welcomed

    for server in SERVERS:
        try:
            seconds = await _ask(server, is_blocking)
        except (OSError, HelioError):  # no network, or nobody there
            continue
        if seconds:
            set_if_unset(seconds)
            return True
    return False


async def _ask(server, is_blocking):
    from helio import runtime_asking, sntp

    address = runtime_asking.find_host(server, TIMEOUT_MS)
    sock = address and runtime_asking.connect_udp(None, address, sntp.PORT)
    if not sock:
        return None
    try:
        nonce = os.urandom(8)
        sock.send(sntp.request(nonce))
        if is_blocking:
            answered = runtime_asking.wait_readable([sock], TIMEOUT_MS)
        else:
            answered = await runtime_asking.readable(sock, TIMEOUT_MS)
        return sntp.read(sock.recv(256), nonce) if answered else None
    finally:
        sock.close()
