"""Where the files are that `helio` lays onto boards, and those it keeps for itself: one place knows."""

import os
import sys
from pathlib import Path

import helio


def data_folder(name):
    """The folder `device` or `boards`: the installed copy, else the checkout's."""
    here = Path(__file__).parent
    installed = here / name
    return installed if installed.is_dir() else here.parent.parent / name


def core_folder():
    """The folder of the core, `helio`."""
    return Path(helio.__file__).parent


def device_files():
    """`{path on the board: its path here}` of what `device/` has for every board. What the firmware itself looks for
    is at the root, all else in `/lib`."""
    folder = data_folder("device")
    files = {}
    for path in [*sorted(folder.glob("*.py")), folder / "start/main.py"]:
        name = path.relative_to(folder).as_posix()
        files["/%s" % name if name in ("boot.py", "main.py") else "/lib/%s" % name] = path
    return files


def cache_folder(name):
    """A folder for what helio may keep and a user may delete, where this system wants it: a Path."""
    if sys.platform == "darwin":
        base = Path.home() / "Library/Caches"
    elif os.name == "nt":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", ""))
        if not base.is_absolute():  # as the XDG Base Directory Specification wants
            base = Path.home() / ".cache"
    return base / "helio" / name
