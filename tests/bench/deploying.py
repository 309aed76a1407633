"""Laying all of helio onto a virtual board by `helio deploy`, and the same files by `mpremote fs cp -r`: fresh,
with one file changed, and again unchanged; seconds without the start of the program on this machine, and bytes
sent to the board.

    uv run python tests/bench/deploying.py

The aims: ten times as fast fresh, twenty times unchanged, and at most half the bytes.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rounds import ROOT, pin, table

sys.path[:0] = [str(ROOT / "host"), str(ROOT / "tests")]

from firmware_images import firmware  # noqa: E402
from helio_host.deploying.contents import contents  # noqa: E402

ROUNDS = 5
HELIO = str(Path(sys.executable).parent / "helio")
# runs `main` of a module, and says in the end how many bytes it wrote to serial ports
COUNTED = """
import os, sys, serial
write, sent = serial.Serial.write, [0]
def counted(port, data):
    sent[0] += len(data)
    return write(port, data)
serial.Serial.write = counted
sys.argv = sys.argv[1:]
try:
    if sys.argv[0] == "mpremote":
        from mpremote.main import main
        main()
    else:
        from helio_host.cli import main
        main()
except SystemExit as end:
    assert not end.code, end.code
print("sent", sent[0])
"""
ERASE = """
import os
def erase(folder):
    for entry in os.ilistdir(folder):
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            erase(path)
            os.rmdir(path)
        else:
            os.remove(path)
erase("")
"""


def main():
    pin()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "main.py")
        program.write_bytes((ROOT / "device/main.py").read_bytes())
        words = ["simulate", "--json", "--network", "127.0.90.0", "--port", "0", "--coap-port", "0"]
        simulator = subprocess.Popen([HELIO, *words], stdout=subprocess.PIPE, text=True)
        try:
            port = next(json.loads(line)["serial"] for line in simulator.stdout if '"ready"' in line)
            found = {}
            for _ in range(ROUNDS):
                for way in (by_helio, by_mpremote):
                    run("mpremote", "connect", port, "resume", "exec", ERASE)
                    for case in ("fresh", "one file changed", "unchanged"):
                        if case == "one file changed":
                            program.write_bytes(program.read_bytes() + b"#\n")
                        found.setdefault((way.__name__, case), []).append(way(port, program, Path(folder)))
        finally:
            simulator.terminate()
            simulator.wait()
    rows = []
    for case in ("fresh", "one file changed", "unchanged"):
        ours, theirs = [
            [statistics.median(column) for column in zip(*found[way, case], strict=True)]
            for way in ("by_helio", "by_mpremote")
        ]
        rows.append([case, ours[0], theirs[0], theirs[0] / ours[0], int(ours[1]), int(theirs[1]), ours[1] / theirs[1]])
    heads = ["", "helio, s", "mpremote, s", "times as fast", "helio, bytes", "mpremote, bytes", "to those"]
    table("Deploying %d files" % len(contents(None, 6)), heads, rows)
    print("\nthe start of helio takes %.2f s, that of mpremote %.2f s" % (START_S["helio"], START_S["mpremote"]))
    print("\nhelio up on a blank virtual board, with firmware of 1.6 MB: %.1f s" % up_s())


def up_s():
    """How long it takes until `blink 3` is answered, a median."""
    times = []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "firmware.bin")
            path.write_bytes(firmware("ESP32", 1_500_000))
            words = ["simulate", "--blank", "--json", "--network", "127.0.%d.0" % (92 + number)]
            simulator = subprocess.Popen([HELIO, *words], stdout=subprocess.PIPE, text=True)
            try:
                port = next(json.loads(line)["serial"] for line in simulator.stdout if '"blank"' in line)
                words = ["up", "--port", port, "--yes", "--firmware", path, "--name", "kitchen"]
                started_s = time.perf_counter()
                subprocess.run(
                    [HELIO, *words, "--wifi", "helio-virtual", "--password-stdin"],
                    input="virtual\n",
                    text=True,
                    check=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                times.append(time.perf_counter() - started_s)
            finally:
                simulator.terminate()
                simulator.wait()
    return statistics.median(times)


def by_helio(port, program, folder):
    return run("helio", "deploy", program, "--port", port, "--json")


def by_mpremote(port, program, folder):
    shutil.rmtree(folder / "files", ignore_errors=True)
    for path, data in contents(program, 6).items():
        target = folder / "files" / path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    names = [str(folder / "files" / name) for name in os.listdir(folder / "files")]
    return run("mpremote", "connect", port, "resume", "fs", "cp", "-r", *names, ":/")


def run(*words):
    """`(seconds, bytes)`; for `helio deploy` the seconds that it says, which end before the board starts anew."""
    taken_s, said = timed(*words)
    lines = said.splitlines()
    taken_s = json.loads(lines[0])["seconds"] if words[0] == "helio" else taken_s - START_S[words[0]]
    return taken_s, int(lines[-1].split()[1])


def timed(*words):
    """`(seconds, what it said)` of a command in a process of its own."""
    started_s = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", COUNTED, *map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return time.perf_counter() - started_s, done.stdout


START_S = {name: statistics.median([timed(name, "--help")[0] for _ in range(ROUNDS)]) for name in ("helio", "mpremote")}
main()
