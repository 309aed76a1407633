"""Runs on a board at its prompt: says what is there, takes what is new, and puts it in its place at once.

What is new is first written beside what it replaces. Then a journal is written of what goes where, and from
that moment on it goes there, after a power cut too: `boot.py` finishes what the journal says.
"""

import binascii
import hashlib
import io
import json
import os
import sys

import deflate

LOCK = "/lib/helio.lock"
JOURNAL = "/lib/helio.new"
STAGE = "/.new"


def digest(path):
    """The SHA-256 of a file in hexadecimal; None where there is none."""
    hash = hashlib.sha256()
    buffer = memoryview(bytearray(2048))
    try:
        with open(path, "rb") as file:
            while True:
                size = file.readinto(buffer)
                if not size:
                    return binascii.hexlify(hash.digest()).decode()
                hash.update(buffer[:size])
    except OSError:
        return None


def look():
    """Print what a deploy has to know: the digest of the list of what an earlier one brought, None where there is
    none; what of it is not here as it was brought; what hides a part of it; free blocks and their size; the digest
    of the program."""
    finish()
    files = _listed()
    wrong = [path for path in files if digest(path) != files[path]["sha256"]]
    stat = os.statvfs("/")
    print(json.dumps([digest(LOCK) if files else None, wrong, _twins(files), stat[4], stat[1], digest("/main.py")]))


def tell():
    """Print that list."""
    print(json.dumps(_listed()))


def _listed():
    try:
        with open(LOCK) as file:
            return json.load(file)["files"]
    except (OSError, ValueError, KeyError):
        return {}


def take(files, gone):
    """Take `files`, a list of `(path, digest, sizes of its pieces)`, from stdin, each piece packed and in base64, and
    have them and no others of helio's here. A `+` asks for the next piece, and `=` says that it is done and how
    many were removed."""
    _clear_stage()
    _make_folder(STAGE)
    moves = []
    for number, (path, wanted, sizes) in enumerate(files):
        staged = "%s/%d" % (STAGE, number)
        with open(staged, "wb") as file:
            for size in sizes:
                sys.stdout.write("+")
                packed = binascii.a2b_base64(sys.stdin.buffer.read(size))
                file.write(deflate.DeflateIO(io.BytesIO(packed), deflate.RAW, 12).read())
        if digest(staged) != wanted:
            print("!%s was not stored as it was sent" % path)
            return
        folder = path.rpartition("/")[0]
        if folder:
            _make_folder(folder)
        if path == "/boot.py":  # it finishes what is begun, so it goes first
            _replace(staged, path)
        else:
            moves.append((staged, path))
    twins = _twins([path for path, _, _ in files])
    gone = set(gone + twins)
    moves += [(None, path) for path in gone]
    with open(JOURNAL + ".part", "w") as file:
        file.write(json.dumps(moves))
    _replace(JOURNAL + ".part", JOURNAL)
    finish()
    _clear_stage()
    for path in gone:
        _remove_empty(path.rpartition("/")[0])
    print("=%d" % len([path for path in gone if path not in twins]))


def finish():
    """Put everything in its place, as the journal says; nothing where there is none. As in `boot.py`."""
    try:
        with open(JOURNAL) as file:
            moves = json.load(file)
    except OSError:
        return
    for staged, path in moves:
        try:
            if staged:
                os.stat(staged)
            os.remove(path)
        except OSError:  # it is done already, or there was none
            pass
        try:
            if staged:
                os.rename(staged, path)
        except OSError:
            pass
    os.remove(JOURNAL)


def _twins(paths):
    """Those that Python would take in place of one of `paths`, or the other way round."""
    twins = [path[:-4] + ".py" if path.endswith(".mpy") else path[:-3] + ".mpy" for path in paths]
    return [path for path in twins if path not in paths and _is_there(path)]


def _remove_empty(folder):
    """Remove a folder that has nothing in it, and those above it that have nothing else."""
    while folder:
        try:
            os.rmdir(folder)
        except OSError:
            return
        folder = folder.rpartition("/")[0]


def _is_there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _replace(staged, path):
    try:
        os.rename(staged, path)
    except OSError:  # FAT does not replace
        os.remove(path)
        os.rename(staged, path)


def _make_folder(path):
    parts = path.split("/")
    for end in range(2, len(parts) + 1):
        try:
            os.mkdir("/".join(parts[:end]))
        except OSError:
            pass


def _clear_stage():
    try:
        for name in os.listdir(STAGE):
            os.remove("%s/%s" % (STAGE, name))
        os.rmdir(STAGE)
    except OSError:
        pass
