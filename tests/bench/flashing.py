"""Flashing blank virtual boards on cables of 460800 baud: one with `helio flash`, one with bare esptool, and ten at
once.

    uv run python tests/bench/flashing.py

The aims: ten in less than 1.3 times the time of one, and one in less than 1.1 times that of esptool. It takes
some ten minutes.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rounds import ROOT, table

sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "host")]

from firmware_images import firmware  # noqa: E402

ROUNDS = 3
IMAGE_BYTES = 1_150_000  # what esptool sends for MicroPython's 1.7 MB, which it packs; this does not pack
BYTES_A_SECOND = 46080
HELIO = str(Path(sys.executable).parent / "helio")


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "image.bin")
        path.write_bytes(firmware("ESP32", IMAGE_BYTES))
        found = {"esptool": [], "one": [], "ten": []}
        for _ in range(ROUNDS):
            found["esptool"].append(seconds(1, folder, lambda port: esptool(port, path)))
            found["one"].append(seconds(1, folder, lambda port: [HELIO, "flash", "--yes", "--firmware", path, "--all"]))
            found["ten"].append(
                seconds(10, folder, lambda port: [HELIO, "flash", "--yes", "--firmware", path, "--all"])
            )
    median = {name: statistics.median(times) for name, times in found.items()}
    rows = [
        ["esptool write-flash, one board", median["esptool"], 1.0],
        ["helio flash, one board", median["one"], median["one"] / median["esptool"]],
        ["helio flash --all, ten boards", median["ten"], median["ten"] / median["one"]],
    ]
    table(
        "Flashing %d bytes at %d bytes a second" % (IMAGE_BYTES, BYTES_A_SECOND), ["", "s", "to the line above"], rows
    )


def esptool(port, path):
    return [sys.executable, "-m", "esptool", "--port", port, "--baud", "460800", "write-flash", "0x1000", path]


def seconds(count, folder, command):
    """How long `command(port)` takes with so many new boards."""
    environment = {**os.environ, "TMPDIR": folder}  # `--all` finds these boards and no others
    words = ["--boards", count, "--link-rate", BYTES_A_SECOND, "--port", 0, "--coap-port", 0]
    simulator = subprocess.Popen(
        [HELIO, "simulate", "--blank", "--json", *map(str, words)], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        ports = [json.loads(simulator.stdout.readline())["serial"] for _ in range(count)]
        words = [str(word) for word in command(ports[0])]
        started_s = time.perf_counter()
        run = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        taken_s = time.perf_counter() - started_s
        assert run.returncode == 0, run.stdout + run.stderr
        return taken_s
    finally:
        simulator.terminate()
        simulator.wait()
        simulator.stdout.close()


main()
