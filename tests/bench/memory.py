"""Heap in use after importing `helio.node` as .mpy, and the smallest heap in which the whole
device program answers `ping` and `blink 1`: Wi-Fi, settings and LED over the stand-ins, the
libraries as .mpy, `boot.py` and `main.py` as they are. On the 64-bit unix build, whose objects
are twice a board's.

    uv run python tests/bench/memory.py
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from compiled import Board, heap_of_import  # noqa: E402

TOO_SMALL_KB, ENOUGH_KB = 40, 160


def main():
    with tempfile.TemporaryDirectory() as folder:
        print("importing helio.node keeps %d bytes" % heap_of_import(Path(folder, "import")))
        print("the whole device program answers in -X heapsize=%dk" % smallest_heap_kb(Board(Path(folder, "board"))))


def smallest_heap_kb(board):
    low, high = TOO_SMALL_KB, ENOUGH_KB
    while high - low > 1:
        heap_kb = (low + high) // 2
        if board.answers(heap_kb, [b"ping", b"blink 1"]) == [b"ok pong", b"ok done"]:
            high = heap_kb
        else:
            low = heap_kb
    return high


main()
