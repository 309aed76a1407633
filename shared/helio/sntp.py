"""The time from the network, without I/O: SNTP (RFC 4330), 48 bytes each way on UDP port 123."""

import struct

PORT = 123
_SINCE_1900_S = 2208988800  # from 1900 to 1970


def request(nonce):
    """The datagram that asks; `nonce`, 8 bytes at random, comes back in its answer."""
    return b"\x23" + bytes(39) + nonce  # version 4, from a client


def read(data, nonce):
    """The time in seconds since 1970, an int, that the answer to `nonce` says; None when it is not that
    answer, or of a server that does not know the time itself."""
    if len(data) < 48 or data[0] & 7 != 4 or data[0] >> 6 == 3 or not 1 <= data[1] <= 15 or data[24:32] != nonce:
        return None
    seconds = struct.unpack(">I", data[40:44])[0]
    if seconds < 0x80000000:  # the count begins anew in 2036
        seconds += 0x100000000
    return seconds - _SINCE_1900_S
