"""Makes a board have what it is to have: two exchanges, one to ask and one to send."""

import base64
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from helio.errors import HelioError
from helio_host.deploying.contents import LOCK, contents, digest, is_of_program, listed
from helio_host.installed import cache_folder

_PIECE_BYTES = 4096  # of a file; unpacked it has to fit beside all else
_WINDOW_BITS = -12  # raw deflate, and a window of 4 KB
_KEPT = 50  # lists of what boards have


@dataclass(frozen=True)
class Deployed:
    """How many files were `changed`, `unchanged` and `removed`, without their list; the `sent` bytes; and whether the
    board's own program `is_kept`."""

    changed: int
    unchanged: int
    removed: int
    sent: int
    is_kept: bool


def deploy(board, program, is_source, on_percent=lambda percent: None, keeps_program=False):
    """Have the core, `device/` and a program on a board at its prompt, a `BoardPrompt`; returns a Deployed.

    What the board has that is the same is not sent. A board that `keeps_program` gets none if it has one. Raises
    HelioError, before anything is written when it does not fit.
    """
    files = contents(program, None if is_source else _mpy_version(board))
    lock, wrong, gone, free, block_bytes, main = json.loads(board.run(_ON_BOARD + "look()\n"))
    there = _there(board, lock, files)
    is_kept = keeps_program and main not in (None, digest(files["/main.py"]))
    kept = {path: entry for path, entry in there.items() if is_of_program(path)} if is_kept else {}
    files = {path: data for path, data in files.items() if not (is_kept and is_of_program(path))}
    files[LOCK] = listed(files, kept)  # last, so that nothing is believed to be there before it is
    digests = {path: digest(data) for path, data in files.items()}
    had = {path: entry["sha256"] for path, entry in there.items()}
    had[LOCK] = lock
    differ = [path for path in files if had.get(path) != digests[path] or path in wrong]
    gone = [path for path in {*gone, *there} if path not in files and path not in kept]
    _check_fits(files, differ, free, block_bytes)
    if not differ and not gone:
        return Deployed(0, len(files) - 1, 0, 0, is_kept)
    pieces, plan = [], []
    for path in differ:
        packed = [_packed(files[path][at : at + _PIECE_BYTES]) for at in range(0, len(files[path]), _PIECE_BYTES)]
        pieces += packed
        plan.append((path, digests[path], [len(piece) for piece in packed]))
    taken = 0

    def on_piece():
        nonlocal taken
        taken += 1
        on_percent(100 * taken / len(pieces))

    said = board.feed("take(%r, %r)\n" % (plan, gone), pieces, on_piece).strip()
    _, done, removed = said.rpartition("=")
    if not done:
        raise HelioError("the board at %s could not store it: %s" % (board.device, removed.rpartition("!")[2]))
    _keep(digests[LOCK], files[LOCK])
    changed = len([path for path in differ if path != LOCK])
    return Deployed(changed, len(files) - 1 - changed, int(removed), sum(map(len, pieces)), is_kept)


def _there(board, lock, files):
    """`{path: entry}` of what an earlier deploy brought, of which the board has a list with this digest."""
    if not lock:
        return {}
    text = listed(files, {})
    try:
        if lock != digest(text):  # asking for it takes longer than all else
            text = _kept(lock).read_bytes()
        return json.loads(text)["files"]
    except (OSError, ValueError):
        return json.loads(board.run("tell()"))


def _kept(lock):
    return cache_folder("locks") / lock[:40]


def _keep(lock, text):
    """Keep the list that a board has now, and no more than some."""
    kept = _kept(lock)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(text)
        for path in sorted(kept.parent.iterdir(), key=os.path.getmtime)[:-_KEPT]:
            path.unlink()
    except OSError:  # it is asked for then
        pass


def _mpy_version(board):
    return int(board.run("import sys; print(getattr(sys.implementation, '_mpy', 0) & 255)"))


def _check_fits(files, differ, free_blocks, block_bytes):
    # what is new lies beside what is old until all of it is there
    needed = sum([-(-len(files[path]) // block_bytes) + 1 for path in differ])
    if needed > free_blocks:
        raise HelioError(
            "it does not fit: %d KB are needed and %d KB are free on the board; remove files of yours, or flash it "
            "with --erase" % (needed * block_bytes // 1024, free_blocks * block_bytes // 1024)
        )


def _packed(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS)
    return base64.b64encode(packer.compress(data) + packer.flush())


_UNPACK = """import binascii, deflate, io
exec(deflate.DeflateIO(io.BytesIO(binascii.a2b_base64(%r)), deflate.RAW, 12).read())
"""
_ON_BOARD = _UNPACK % _packed((Path(__file__).parent / "on_board.py").read_bytes())
