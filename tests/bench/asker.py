"""Asks `ping` of 127.0.0.1, for `ask.py`. Runs on both interpreters.

    asker.py SHARED bare|ask PORT

For each line on stdin it asks many times and prints how often a second that was.
"""

import socket
import sys

sys.path.insert(0, sys.argv[1])

from helio import blocking, runtime  # noqa: E402

ADDRESS, PORT = "127.0.0.1", int(sys.argv[3])
QUESTIONS = 10000


def bare():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(10)
    sock.connect(runtime.socket_address(ADDRESS, PORT))
    sock.send(b"ping")
    answer = sock.recv(1027)
    sock.close()
    return answer


def ask():
    return blocking.ask((ADDRESS, PORT), "ping")


function = {"bare": bare, "ask": ask}[sys.argv[2]]
while sys.stdin.readline():
    started_ms = runtime.ticks_ms()
    for _ in range(QUESTIONS):
        function()
    print(QUESTIONS * 1000 / runtime.ticks_diff(runtime.ticks_ms(), started_ms))
    if hasattr(sys.stdout, "flush"):  # MicroPython's has none, and keeps nothing back
        sys.stdout.flush()
