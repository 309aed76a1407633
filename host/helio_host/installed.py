"""Where the files are that `helio` lays onto boards: one place knows."""

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
