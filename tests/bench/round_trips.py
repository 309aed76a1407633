"""Messages a second: `ping` answered by a Node, and by a loop over `blocking.listen` that sends
`ok pong` from a bare socket, against a bare recvfrom/sendto loop on the same interpreter.

    uv run python tests/bench/round_trips.py

The client is the same bare socket for all, one message in flight; client and server share a
core, so a round trip is the CPU of both. The server's own share is shown beside it.
"""

import socket
import time

import rounds

MESSAGES = 4000  # a round
KINDS = {
    "echo": ("bare recvfrom/sendto", ""),
    "node": ("Node, asyncio", "0.50"),
    "listen": ("blocking.listen", "0.80"),
}


def main():
    rounds.pin()
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.bind(("127.0.0.1", 0))
    client.settimeout(5)
    rows = []
    for interpreter in rounds.INTERPRETERS:
        servers = {kind: rounds.start(interpreter, "server.py", kind, client.getsockname()[1]) for kind in KINDS}
        try:
            rows += measured(interpreter, client, servers)
        finally:
            rounds.end(servers.values())
    columns = ["", "round trips/s", "ratio to bare", "aim", "server CPU, µs", "ratio to bare"]
    rounds.table("`ping`, one at a time, on one core", columns, rows)


def measured(interpreter, client, servers):
    samples = {}
    for kind, server in servers.items():
        address = ("127.0.0.1", int(server.stdout.readline()))
        samples[kind] = lambda server=server, address=address: one_round(client, server, address)
    found = rounds.in_turn(samples)
    rate, cpu_us = found["echo"]
    for kind, (name, aim) in KINDS.items():
        own_rate, own_cpu_us = found[kind]
        yield ["%s: %s" % (interpreter, name), own_rate, own_rate / rate, aim, own_cpu_us, own_cpu_us / cpu_us]


def one_round(client, server, address):
    """`(round trips a second, µs of the server's CPU for each)`."""
    start_ns, start_cpu_ns = time.perf_counter_ns(), rounds.cpu_ns(server)
    for _ in range(MESSAGES):
        client.sendto(b"ping", address)
        client.recv(1027)
    elapsed_ns = time.perf_counter_ns() - start_ns
    return MESSAGES / elapsed_ns * 1e9, (rounds.cpu_ns(server) - start_cpu_ns) / MESSAGES / 1000


main()
