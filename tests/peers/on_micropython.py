"""Has MicroPython read documents, to compare what it reads with what CPython does."""

import json
import subprocess
from importlib.util import find_spec
from pathlib import Path

from conftest import micropython, missing

PEERS = Path(__file__).parent
SHARED = PEERS.parents[1] / "shared"


def read_on_micropython(script, documents, folder):
    """What a script of this folder, called with the path of the core and files, prints of each of
    `documents`, bytes: one JSON value a line."""
    if not find_spec("micropython_run"):
        missing("MicroPython")
    names = ["%d.xml" % i for i in range(len(documents))]
    for name, document in zip(names, documents, strict=True):
        (folder / name).write_bytes(document)
    (folder / "core").symlink_to(SHARED)  # this interpreter dies of an argument over 255 bytes
    run = subprocess.run(
        micropython("-X", "heapsize=16m", PEERS / script, "core", *names), cwd=folder, capture_output=True
    )
    assert run.returncode == 0, run.stdout[-1000:] + run.stderr
    lines = run.stdout.splitlines()
    assert len(lines) == len(documents)
    return [json.loads(line) for line in lines]
