"""Heap in use after importing `helio.node` as .mpy and with CoAP, per exchange and observer; the
smallest heap in which a node with three handlers answers a thousand confirmed messages; and that
in which the whole device program answers `ping` and `blink 1`: Wi-Fi, settings and LED over the
stand-ins, the libraries as .mpy, `boot.py` and `main.py` as they are. On the 64-bit unix build,
whose objects are twice a board's.

    uv run python tests/bench/memory.py
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from compiled import CORE, ROOT, Board, compiled, confirmed_answered, micropython, smallest_heap_kb  # noqa: E402

BETWEEN_KB = (40, 200)  # too small, and enough
MESSAGES = 1000


def main():
    with tempfile.TemporaryDirectory() as folder:
        core = Path(folder, "core")
        compiled(ROOT / "shared", core)
        subprocess.run(micropython(ROOT / "tests/bench/memory_of_coap.py", CORE), cwd=core, check=True)
        kb = smallest_heap_kb(lambda kb: confirmed_answered(core, kb, MESSAGES) == MESSAGES, *BETWEEN_KB)
        print("a node with three handlers answers %d confirmed messages in -X heapsize=%dk" % (MESSAGES, kb))
        board = Board(Path(folder, "board"))
        asked = [b"ping", b"blink 1"]
        kb = smallest_heap_kb(lambda kb: board.answers(kb, asked) == [b"ok pong", b"ok done"], *BETWEEN_KB)
        print("the whole device program answers in -X heapsize=%dk" % kb)


main()
