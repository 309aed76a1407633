"""What the benchmarks share: the two interpreters, one core, rounds in turn, a table.

The machine changes speed while one watches, so a peer and we take turns, round by round, and
only the ratios of the medians count.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROUNDS = 9

sys.path.insert(0, str(ROOT / "shared"))

_RUN_MICROPYTHON = "import sys; from micropython_run import run_main; sys.exit(run_main(sys.argv))"
INTERPRETERS = {
    "CPython": [sys.executable],
    "MicroPython": [sys.executable, "-c", _RUN_MICROPYTHON],
}


def pin():
    """Keep this process and its children on one core: two that wake each other across cores
    measure the waking."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def start(interpreter, script, *arguments, compiled_in=None, heap_kb=2048):
    """A process that runs `tests/bench/script`, its stdin and stdout pipes of lines; on MicroPython with
    the core that is `compiled_in` a folder."""
    options = ["-X", "heapsize=%dk" % heap_kb] if interpreter == "MicroPython" else []
    core = "." if compiled_in else str(ROOT / "shared")
    return subprocess.Popen(
        [*INTERPRETERS[interpreter], *options, str(ROOT / "tests/bench" / script), core, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=compiled_in,
    )


def cpu_ns(process):
    """The CPU time that a process has used."""
    return int(Path("/proc/%d/schedstat" % process.pid).read_text().split()[0])


def ask_for_number(process):
    """The number that a process prints for a line on its stdin."""
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def end(processes):
    """End processes that run for ever."""
    for process in processes:
        process.kill()
        process.wait()


def in_turn(samples):
    """`{name: medians}` of the tuples that each of `{name: function}` returns, called in turn,
    round by round, after one round that does not count."""
    found = {name: [] for name in samples}
    for number in range(ROUNDS + 1):
        for name, sample in samples.items():
            value = sample()
            if number:
                found[name].append(value)
    return {name: [statistics.median(column) for column in zip(*values, strict=True)] for name, values in found.items()}


def table(title, columns, rows):
    """Print rows of strings and numbers, the numbers to the right."""
    cells = [columns] + [[_shown(cell) for cell in row] for row in rows]
    widths = [max([len(row[i]) for row in cells]) for i in range(len(columns))]
    print("\n%s\n" % title)
    for first, *others in cells:
        print("  ".join([first.ljust(widths[0])] + [cell.rjust(widths[i + 1]) for i, cell in enumerate(others)]))


def _shown(cell):
    if isinstance(cell, float):
        return "%.2f" % cell if cell < 100 else "%d" % cell
    return str(cell)
