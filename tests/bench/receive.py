"""CPU to receive one datagram that wants no answer (`hello …`): through a Node, against
asyncio.DatagramProtocol; and through `blocking.listen`, against bare `recvfrom`.

    uv run python tests/bench/receive.py

Datagrams are sent in bursts, then received; only the receiving is measured. The aim is a fifth
of DatagramProtocol, which takes one datagram a wake however many wait. What asyncio's wake costs
without us is the row of `add_reader` (CPython) or `queue_read` (MicroPython).
"""

import rounds

KINDS = {
    "CPython": ["recvfrom", "listen", "protocol", "watch", "node"],
    "MicroPython": ["recvfrom", "listen", "watch", "node"],
}
NAMES = {
    "recvfrom": "bare recvfrom",
    "listen": "blocking.listen",
    "protocol": "asyncio.DatagramProtocol",
    "watch": "add_reader or queue_read, draining",
    "node": "Node, asyncio",
}


def main():
    rounds.pin()
    for burst in (1, 64):
        rows = []
        for interpreter, kinds in KINDS.items():
            receivers = {kind: rounds.start(interpreter, "receiver.py", kind, burst) for kind in kinds}
            try:
                found = rounds.in_turn({kind: lambda r=r: (rounds.ask_for_number(r),) for kind, r in receivers.items()})
            finally:
                rounds.end(receivers.values())
            for kind in kinds:
                row = ["%s: %s" % (interpreter, NAMES[kind]), found[kind][0]]
                for peer in ("protocol", "recvfrom"):
                    row.append(found[kind][0] / found[peer][0] if peer in found else "")
                rows.append(row)
        columns = ["", "µs CPU", "to DatagramProtocol", "to recvfrom"]
        rounds.table("One datagram received, %d at a time" % burst, columns, rows)


main()
