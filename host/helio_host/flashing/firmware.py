"""Firmware: found on MicroPython's site or a mirror of it, fetched, and kept in the user's cache.

The site has two kinds of page: `/download/NAME/`, which links to the files of a board, and the files,
`/resources/firmware/NAME[-VARIANT]-YYYYMMDD-vX.Y.Z.bin`. Beside a file that is kept stands its SHA-256.
"""

import hashlib
import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from helio import blocking
from helio.errors import HelioError, NetworkError, Refused, UsageError
from helio.http.url import Url
from helio_host.installed import cache_folder

SITE = "https://micropython.org"
STABLE = "stable"
_PAGE_MAX_BYTES = 4_000_000
_FIRMWARE_MAX_BYTES = 64 << 20
_FETCH_TIMEOUT_S = 3600
_PIECE_BYTES = 65536
_VERSION = re.compile(r"v?(\d+\.\d+(?:\.\d+)?)")
_one_at_a_time = threading.Lock()  # boards that want the same file fetch it once


@dataclass(frozen=True)
class Wanted:
    """What `--firmware` says: one of `path`, `url` and `version`; the last is "X.Y.Z" or "stable"."""

    path: Path | None = None
    url: str | None = None
    version: str | None = None


def parse_wanted(text):
    """The Wanted of a word. Raises UsageError."""
    if "://" in text:
        return Wanted(url=str(Url(text)))
    version = _VERSION.fullmatch(text)
    if text == STABLE or version:
        return Wanted(version=version[1] if version else STABLE)
    path = Path(text)
    if not path.is_file():
        raise UsageError("no firmware %r: give stable, a version like 1.26.1, a file that is there, or a URL" % text)
    return Wanted(path=path)


def find_firmware(wanted, board, tell, on_percent):
    """The path of a file with the firmware that is wanted for a Board. `tell` is called with what is done
    meanwhile, a str, `on_percent` while it is fetched. Raises HelioError."""
    if wanted.path:
        return wanted.path
    with _one_at_a_time:
        if wanted.url:
            file = re.sub(r"[^\w.-]", "_", wanted.url.rpartition("/")[2]) or "firmware.bin"
            folder = cache_folder("firmware") / hashlib.sha256(wanted.url.encode()).hexdigest()[:16]
            return _kept(folder / file) or _fetched(wanted.url, folder / file, tell, on_percent)
        return _of_site(wanted.version, board, tell, on_percent)


def _of_site(version, board, tell, on_percent):
    site = os.environ.get("HELIO_FIRMWARE_SITE") or SITE
    site = str(Url(site)).rstrip("/")
    name = board.firmware["name"]
    stem = "-".join([name, *([board.firmware["variant"]] if "variant" in board.firmware else [])])
    folder = cache_folder("firmware") / re.sub(r"\W+", "-", site.partition("://")[2])
    page = "%s/download/%s/" % (site, name)
    try:
        tell("looking for %s at %s" % (stem, site))
        files = _linked(page)
        file = _newest(files, stem, version)
    except NetworkError as error:
        files = [path.name for path in folder.glob("*.bin") if _kept(path)]
        file = _newest(files, stem, version)
        if not file:
            raise NetworkError("%s; `--firmware FILE` takes one that you have" % error) from None
        tell("%s cannot be reached: taking %s, which was fetched before" % (site, file))
    if not file:
        what = "stable firmware" if version == STABLE else "firmware %s" % version
        there = ", ".join([number for number, _, _ in reversed(_versions(files, stem))])
        instead = "there are %s" % there if there else "`--firmware FILE` takes one that you have"
        raise HelioError("%s has no %s for %s: %s" % (page, what, stem, instead))
    return _kept(folder / file) or _fetched("%s/resources/firmware/%s" % (site, file), folder / file, tell, on_percent)


def _linked(page):
    """The names of the files that the page of a board links to."""
    with blocking.get(page, max_bytes=_PAGE_MAX_BYTES) as response:
        if response.status != 200:
            raise Refused("%s answers %d %s" % (page, response.status, response.reason))
        text = response.read().decode("utf-8", "replace")
    return re.findall(r"""href=["']?[^"'>]*/([\w.+-]+\.bin)["'\s>]""", text)


def _newest(files, stem, version):
    """Of the names of files the newest for a board, of that version; None where there is none."""
    meant = (version, version + ".0")
    found = [file for number, _, file in _versions(files, stem) if version == STABLE or number in meant]
    return found[-1] if found else None


def _versions(files, stem):
    """`(version, date, name)` of the files for a board, the newest last."""
    pattern = re.compile(re.escape(stem) + r"-(\d{8})-v(\d+\.\d+(?:\.\d+)?)\.bin")  # a preview has more behind it
    found = [(match[2], match[1], match[0]) for match in map(pattern.fullmatch, set(files)) if match]
    return sorted(found, key=lambda entry: ([int(part) for part in entry[0].split(".")], entry[1]))


def _kept(path):
    """The path of a file of the cache, when it is there and as it was; else None."""
    try:
        expected = _beside(path, ".sha256").read_text().split()[0]
        if hashlib.sha256(path.read_bytes()).hexdigest() == expected:
            return path
    except (OSError, IndexError, ValueError):
        pass
    return None


def _fetched(url, path, tell, on_percent):
    """Fetch what is at `url` into the cache, from where it broke off the last time; returns the path."""
    tell("fetching %s" % url)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path, ".part")
    try:
        while not _fetch(url, part, on_percent):
            pass  # what was there is away now
    except HelioError as error:
        if not _had(url, part):
            raise
        raise HelioError("%s; run it again, and it goes on from there" % error) from None
    path.unlink(missing_ok=True)  # what was there is not as it was
    _beside(path, ".sha256").write_text("%s  %s\n" % (hashlib.sha256(part.read_bytes()).hexdigest(), path.name))
    os.replace(part, path)
    _beside(part, ".json").unlink(missing_ok=True)
    return path


def _fetch(url, part, on_percent):
    """Fetch the rest; False when it has to be done anew, because what is at `url` changed meanwhile."""
    had = _had(url, part)
    headers = {"Range": "bytes=%d-" % had[0], "If-Range": had[1]} if had else {}
    # gzip would count other bytes than the range does
    headers["Accept-Encoding"] = "identity"
    with blocking.get(url, headers=headers, max_bytes=_FIRMWARE_MAX_BYTES, timeout_s=_FETCH_TIMEOUT_S) as response:
        if had and response.status == 416:
            part.unlink(missing_ok=True)
            return False
        if response.status not in (200, 206) or (response.status == 206 and not had):
            raise Refused("%s answers %d %s" % (url, response.status, response.reason))
        start = 0
        if response.status == 206:
            start = had[0]
            if not response.headers.get("content-range", "").startswith("bytes %d-" % start):
                part.unlink(missing_ok=True)
                return False
        validator = next((value for value in response.validator or () if value and not value.startswith("W/")), None)
        _beside(part, ".json").write_text(json.dumps({"url": url, "validator": validator}))
        length = response.headers.get("content-length")
        total = start + int(length) if length else None
        with open(part, "ab" if start else "wb") as file:
            while piece := response.read(_PIECE_BYTES):
                file.write(piece)
                if total:
                    on_percent(100 * file.tell() / total)
    return True


def _had(url, part):
    """`(bytes, validator)` of what there is of a file, or None."""
    try:
        known = json.loads(_beside(part, ".json").read_text())
        size = part.stat().st_size
        if known["url"] == url and known["validator"] and size:
            return size, known["validator"]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def _beside(path, suffix):
    return path.with_name(path.name + suffix)
