"""Who holds a UDP port on this machine."""

import os
from pathlib import Path


def port_holder(port):
    """`"; NAME (process N) holds it"`, or "" where this machine does not tell."""
    try:
        lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    except OSError:  # not Linux
        return ""
    fields = [line.split() for line in lines]
    sockets = {"socket:[%s]" % row[9] for row in fields if int(row[1].rpartition(":")[2], 16) == port}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(fd) in sockets for fd in process.glob("fd/*")):
                words = (process / "cmdline").read_text().rstrip("\0").split("\0")
                command = " ".join([os.path.basename(word) for word in words[:2]] + words[2:4])
                return "; '%s' (process %s) holds it" % (command, process.name)
        except OSError:  # not ours to look at, or gone
            pass
    return ""
