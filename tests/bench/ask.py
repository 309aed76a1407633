"""Questions a second: `blocking.ask`, against a bare socket opened, given a timeout, connected,
used and closed for each question, on the same interpreter. A bare socket on CPython answers.

    uv run python tests/bench/ask.py
"""

import rounds

KINDS = {"bare": "bare connected socket", "ask": "blocking.ask"}


def main():
    rounds.pin()
    rows = []
    server = rounds.start("CPython", "server.py", "echo")
    port = int(server.stdout.readline())
    try:
        for interpreter in rounds.INTERPRETERS:
            askers = {kind: rounds.start(interpreter, "asker.py", kind, port) for kind in KINDS}
            try:
                found = rounds.in_turn({kind: lambda a=a: (rounds.ask_for_number(a),) for kind, a in askers.items()})
            finally:
                rounds.end(askers.values())
            for kind, name in KINDS.items():
                ratio = found[kind][0] / found["bare"][0]
                rows.append(["%s: %s" % (interpreter, name), found[kind][0], ratio, "0.80" if kind == "ask" else ""])
    finally:
        rounds.end([server])
    rounds.table("`ping` asked, a socket for each, on one core", ["", "questions/s", "ratio to bare", "aim"], rows)


main()
