"""CPU of a server for each confirmable GET: a helio Node, libcoap's `coap-server` (C) and aiocoap,
driven by the same bare client with 1 and 32 requests in flight.

    uv run python tests/bench/coap_server.py    (needs Debian's libcoap3-bin)
"""

import glob
import socket
import subprocess
import time

import rounds

REQUESTS = 4000  # a round
AIMS = {"libcoap": "1.40", "aiocoap": "0.10"}


def main():
    rounds.pin()
    for in_flight in (1, 32):
        servers = {
            "helio, CPython": node("CPython", "node"),
            "helio, MicroPython": node("MicroPython", "node"),
            "bare echo, MicroPython": node("MicroPython", "echo"),
            "libcoap": libcoap(),
            "aiocoap": node("CPython", "aiocoap"),
        }
        try:
            samples = {}
            for name, (process, port, path) in servers.items():
                client = Client(port, path)
                samples[name] = lambda process=process, client=client, n=in_flight: one_round(process, client, n)
            found = rounds.in_turn(samples)
        finally:
            rounds.end([server[0] for server in servers.values()])
        rows = []
        for name, (rate, cpu_us) in found.items():
            ratios = [cpu_us / found[peer][1] for peer in AIMS]
            rows.append([name, rate, cpu_us, *ratios, rate / found["bare echo, MicroPython"][0]])
        columns = ["", "requests/s", "server CPU, µs", "to libcoap", "to aiocoap", "rate to bare echo"]
        rounds.table("GET, confirmable, %d in flight, on one core" % in_flight, columns, rows)
    print("\naims for helio on CPython: " + ", ".join("%s of %s's CPU" % (aim, peer) for peer, aim in AIMS.items()))


def node(interpreter, kind):
    process = rounds.start(interpreter, "coap_node.py", kind)
    return process, int(process.stdout.readline()), b"temperature"


def libcoap():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    process = subprocess.Popen(
        [sorted(glob.glob("/usr/bin/coap-server*"))[0], "-A", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    Client(port, b"time").until_there()
    return process, port, b"time"


class Client:
    """A bare socket that sends confirmable GETs."""

    def __init__(self, port, path):
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.connect(("127.0.0.1", port))
        self._sock.settimeout(5)
        self._path = bytes([0xB0 | min(len(path), 13)]) + bytes([len(path) - 13] if len(path) > 12 else []) + path
        self._number = 0

    def send(self):
        self._number += 1
        number = (self._number & 0xFFFF).to_bytes(2, "big")
        self._sock.send(b"\x44\x01" + number + number + number + self._path)

    def receive(self):
        data = self._sock.recv(2000)
        assert data[0] & 0xF0 in (0x60, 0x40) and data[1] in (0x45, 0x01), data

    def until_there(self):
        self._sock.settimeout(0.1)
        for _ in range(100):
            try:
                self.send()
                return self.receive()
            except OSError:
                time.sleep(0.05)
        raise SystemExit("coap-server does not answer")


def one_round(process, client, in_flight):
    """`(requests a second, µs of the server's CPU for each)`."""
    start_ns, start_cpu_ns = time.perf_counter_ns(), rounds.cpu_ns(process)
    for _ in range(REQUESTS // in_flight):
        for _ in range(in_flight):
            client.send()
        for _ in range(in_flight):
            client.receive()
    elapsed_ns = time.perf_counter_ns() - start_ns
    return REQUESTS / elapsed_ns * 1e9, (rounds.cpu_ns(process) - start_cpu_ns) / REQUESTS / 1000


main()
