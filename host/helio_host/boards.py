"""The boards there are: one TOML file each in `boards/`."""

import sys

from helio_host.installed import data_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def load_board(name):
    """What `boards/NAME.toml` says, a dict."""
    return tomllib.loads((data_folder("boards") / (name + ".toml")).read_text())
