"""The UDP ports of this machine: opening those for plain messages, and who holds one."""

import os
import socket
import struct
from pathlib import Path

from helio.blocking import interfaces, open_listening
from helio.errors import PortInUse

WILDCARD = "0.0.0.0"


def open_plain_port(port, address=None):
    """`helio.blocking.open_listening`, whose PortInUse says who it is."""
    try:
        return open_listening(port, address)
    except PortInUse as error:
        raise PortInUse("%s%s" % (error, port_holder(port, [own[0] for own in interfaces(address)]))) from None


def port_holder(port, addresses):
    """`"; NAME (process N) holds it"` of whoever keeps us from `port` on one of our `addresses`,
    or "" where this machine does not tell."""
    try:
        lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    except OSError:  # not Linux
        return ""
    fields = [line.split() for line in lines]
    sockets = {"socket:[%s]" % row[9] for row in fields if _in_the_way(row[1], port, addresses)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) in sockets for fd in process.glob("fd/*")):
                words = (process / "cmdline").read_text().rstrip("\0").split("\0")
                command = " ".join([os.path.basename(word) for word in words[:2]] + words[2:4])
                return "; '%s' (process %s) holds it" % (command, process.name)
        except OSError:  # not ours to look at, or gone
            pass
    return ""


def _in_the_way(local, port, addresses):
    # local: address and port in hexadecimal, the address in this machine's byte order
    address, _, its_port = local.partition(":")
    its_address = socket.inet_ntoa(struct.pack("=I", int(address, 16)))
    return int(its_port, 16) == port and (its_address in (*addresses, WILDCARD) or WILDCARD in addresses)
