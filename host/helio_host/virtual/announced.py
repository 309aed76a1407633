"""The serial ports of blank virtual boards, where `helio ports` finds them: a file each in a folder of this
user's, locked as long as its simulator lives."""

import fcntl
import os
import tempfile
from pathlib import Path


def _folder():
    return Path(tempfile.gettempdir()) / ("helio-ports-%d" % os.getuid())


def announce(name, url):
    """Tell of the port of the board of that name; returns a file that is to be open as long as it is there."""
    _folder().mkdir(mode=0o700, exist_ok=True)
    file = tempfile.NamedTemporaryFile("w", dir=_folder(), delete=False)
    fcntl.flock(file, fcntl.LOCK_EX)
    file.write("%s %s" % (name, url))
    file.flush()
    return file


def withdraw(file):
    """It is not there any more."""
    os.unlink(file.name)
    file.close()


def announced():
    """`(name, url)` of each, a list in order of the names."""
    found = []
    for path in _folder().glob("*"):
        try:
            with open(path) as file:
                if not _is_locked(file):
                    path.unlink()  # its simulator was killed
                elif words := file.read().split():
                    found.append(tuple(words))
        except OSError:  # gone meanwhile
            pass
    return sorted(found, key=lambda entry: (len(entry[0]), entry))


def _is_locked(file):
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except OSError:
        return True
