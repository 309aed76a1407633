"""Conditional requests a second that `helio serve` answers with 304, to a bare aiohttp handler that
does nothing else.

    uv run python tests/bench/serving.py

One keep-alive connection, one request at a time; and 30 such connections at once. All on one core.
The client is a plain socket, but its time counts for both; the last column is that of the servers.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time

import rounds

REQUESTS = 3000
NEWS = rounds.ROOT / "tests/examples/news.xml"
START = "import sys; from helio import limits; limits.PORT = %d; from helio_host.cli import main; sys.exit(main())"


class Server:
    """A server process, its port, and what a conditional request to it is."""

    def __init__(self, process, port):
        self.process = process
        self.port = port
        etag = ask(port, b"").partition(b"ETag: ")[2].partition(b"\r\n")[0]
        self._request = request(b"If-None-Match: %s\r\n" % etag)

    def sample(self, connections):
        """`(requests a second, µs of the server's CPU a request)`."""
        socks = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(connections)]
        for sock in socks:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        before_ns, started_s = rounds.cpu_ns(self.process), time.perf_counter()
        for _ in range(REQUESTS // connections):
            for sock in socks:
                sock.sendall(self._request)
            for sock in socks:
                assert sock.recv(4096).startswith(b"HTTP/1.1 304 ")
        took_s = time.perf_counter() - started_s
        cpu_us = (rounds.cpu_ns(self.process) - before_ns) / 1000
        for sock in socks:
            sock.close()
        count = REQUESTS // connections * connections
        return count / took_s, cpu_us / count


def request(headers):
    return b"GET /feeds/news HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n" % headers


def ask(port, headers):
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(request(headers))
        return sock.recv(65536)


def serve(cache):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        free = sock.getsockname()[1]
    words = ["serve", "news=%s" % NEWS, "--bind", "127.0.0.1", "--port", "0", "--quiet"]
    process = subprocess.Popen(
        [sys.executable, "-c", START % free, *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": cache},
    )
    return process, int(process.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])


def main():
    rounds.pin()
    with tempfile.TemporaryDirectory() as cache:
        bare = rounds.start("CPython", "serve_bare.py")
        processes = [bare]
        try:
            servers = {"bare aiohttp": Server(bare, int(bare.stdout.readline()))}
            process, port = serve(cache)
            processes.append(process)
            servers["helio serve"] = Server(process, port)
            for connections in (1, 30):
                samples = {name: lambda s=s, c=connections: s.sample(c) for name, s in servers.items()}
                found = rounds.in_turn(samples)
                peer = found["bare aiohttp"]
                rows = [[name, *values, values[0] / peer[0], peer[1] / values[1]] for name, values in found.items()]
                columns = ["", "requests/s", "µs CPU each", "ratio", "ratio of CPU"]
                rounds.table("304 to a conditional request, %d connections" % connections, columns, rows)
        finally:
            rounds.end(processes)


main()
