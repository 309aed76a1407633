"""`helio trust`: who vouches for a https:// server, put where a board looks for it."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from helio.errors import HelioError, UsageError
from helio.http.url import Url
from helio_host.authority import find_root
from helio_host.cli import print_aside, printable

_FOLDER = "trust"  # on a board: a file a host, as `helio.runtime_web.TRUST` says


@click.command()
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--to", "target", required=True, metavar="FILE|PORT", help="A file, a folder, or a board's serial port.")
def command(urls, target):
    """Find the authority that vouches for the server of each URL, prove it by a connection that trusts
    nobody else, and store its certificate: as FILE, as FOLDER/HOST.der, or on the board at PORT."""
    servers = list({url.host: url for url in map(_https, urls)}.values())
    if target.startswith("/dev/") and not Path(target).exists():
        raise UsageError("there is no %s: is the board plugged in? `helio ports` lists those there are" % target)
    if _is_port(target):
        with tempfile.TemporaryDirectory() as folder:
            _put_on_board([_store(url, Path(folder, url.host + ".der")) for url in servers], target)
        where = ["%s on the board at %s" % (_on_board(url.host + ".der"), target) for url in servers]
    elif len(servers) > 1 or Path(target).is_dir() or target.endswith("/"):
        Path(target).mkdir(parents=True, exist_ok=True)
        where = [_store(url, Path(target, url.host + ".der")) for url in servers]
    else:
        if not _may_be_replaced(Path(target)):
            raise UsageError("%s is there and is no certificate: name another file" % target)
        where = [_store(servers[0], Path(target))]
    for url, place in zip(servers, where, strict=True):
        print("%s: %s" % (url.host, place))


def _https(text):
    url = Url(text)
    if url.scheme != "https":
        raise UsageError("%s needs nobody to vouch for it: only https:// does" % url)
    return url


def _is_port(target):
    """Whether it names a serial port, and not a file to be written."""
    return bool(re.fullmatch(r"(?i)COM\d+|[a-z0-9]+://.+", target)) or Path(target).is_char_device()


def _may_be_replaced(path):
    """Whether there is no such file, or one that begins as a certificate does: with a DER sequence."""
    try:
        with path.open("rb") as file:
            return file.read(1) in (b"", b"\x30")
    except OSError:
        return True


def _store(url, path):
    path.write_bytes(find_root(url))
    return path


def _on_board(name):
    return "%s/%s" % (_FOLDER, name)


def _put_on_board(files, port):
    print_aside("writing to the board at %s" % port)
    words = ["exec", "import os\ntry:\n os.mkdir(%r)\nexcept OSError: pass" % _FOLDER]
    for file in files:
        words += ["+", "fs", "cp", str(file), ":" + _on_board(file.name)]
    words = [sys.executable, "-m", "mpremote", "connect", port, *words, "+", "reset"]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).split("\n")[-1]
        raise HelioError("the board at %s could not be written to: %s" % (port, printable(said)))
