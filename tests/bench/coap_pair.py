"""Round trips a second between a client and a server that are both helio, both aiocoap, or a bare
UDP echo, one at a time and with 32 in flight.

    uv run python tests/bench/coap_pair.py

With 32 in flight NSTART is 32 in helio's client; aiocoap has a context for each.
"""

import rounds

PAIRS = {
    "helio, CPython": ("CPython", "node"),
    "aiocoap": ("CPython", "aiocoap"),
    "bare echo, CPython": ("CPython", "echo"),
    "helio, MicroPython": ("MicroPython", "node"),
    "bare echo, MicroPython": ("MicroPython", "echo"),
}


def main():
    rounds.pin()
    for in_flight, aim in ((1, 10), (32, 20)):
        processes = []
        samples = {}
        try:
            for name, (interpreter, kind) in PAIRS.items():
                server = rounds.start(interpreter, "coap_node.py", kind)
                client = rounds.start(interpreter, "coap_client.py", kind, server.stdout.readline().strip(), in_flight)
                processes += [server, client]
                samples[name] = lambda client=client: (rounds.ask_for_number(client),)
            found = rounds.in_turn(samples)
        finally:
            rounds.end(processes)
        rows = [
            [name, rate, rate / found["aiocoap"][0], rate / found["bare echo, " + _interpreter(name)][0]]
            for name, (rate,) in found.items()
        ]
        columns = ["", "round trips/s", "to aiocoap", "to bare echo"]
        rounds.table("GET, confirmable, %d in flight, client and server on one core" % in_flight, columns, rows)
        print("aims: %d times aiocoap's; on MicroPython 0.30 of a bare echo" % aim)


def _interpreter(name):
    return "MicroPython" if name.endswith("MicroPython") else "CPython"


main()
