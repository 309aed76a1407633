"""Answers `ping` with `ok pong` on 127.0.0.1, for `round_trips.py` and `ask.py`: bare, through a
Node, or in a loop over `blocking.listen`. Runs on both interpreters.

    server.py SHARED echo|node|listen CLIENT_PORT    (prints the port it answers on)
"""

import sys

sys.path.insert(0, sys.argv[1])

from helio import runtime  # noqa: E402

ADDRESS = "127.0.0.1"


def echo():
    sock, port = runtime.open_any_port(ADDRESS)
    sock.setblocking(True)
    announce(port)
    while True:
        _, sender = sock.recvfrom(1027)
        sock.sendto(b"ok pong", sender)


def node():
    from helio.node import Node

    async def say_port(node):
        announce(node.port)

    runtime.services[:] = [say_port]
    Node("bench", address=ADDRESS, port=0).run()


def listen():
    from helio import blocking

    out, port = runtime.open_any_port(ADDRESS)
    out.close()
    messages = blocking.listen(port, ADDRESS)
    out = runtime.open_udp(ADDRESS, 0)
    client = runtime.socket_address(ADDRESS, int(sys.argv[3]))
    announce(port)
    for _ in messages:
        out.sendto(b"ok pong", client)


def announce(port):
    print(port)
    if hasattr(sys.stdout, "flush"):  # MicroPython's has none, and keeps nothing back
        sys.stdout.flush()


{"echo": echo, "node": node, "listen": listen}[sys.argv[2]]()
