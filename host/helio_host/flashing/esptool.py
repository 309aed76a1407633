"""esptool, run as its own process, and what it says in plain words."""

import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass

from helio.errors import HelioError
from helio_host.cli import printable
from helio_host.serial_ports import CANNOT_OPEN, start_anew, why_closed

FAST_BAUD, SURE_BAUD = 460800, 115200
_FATAL = re.compile(r"A fatal error occurred: (.+)")
_WRONG_CHIP = re.compile(r"This chip is (\S+), not ")
_NO_ROOM = re.compile(r"will not fit in (\d+) bytes of flash")
_PERCENT = re.compile(r"([\d.]+)%")
_NO_BOOTLOADER = (
    "the board at %s is not in its bootloader: hold its BOOT button, press and let go of RESET, let go of BOOT, and "
    "run this again"
)
_SILENT = (
    "nothing answers at %s: is the cable one for data and not only for charging? If it is, hold the board's BOOT "
    "button, press and let go of RESET, let go of BOOT, and run this again"
)
_LOST = "the cable to %s was lost after %d %% was written: plug it in, and run this again, which mends it"

_INTERRUPTED = "interrupted before it was done"
_TOO_LARGE = "the firmware does not fit the %d MB of flash of the board at %s: take one for a board like it"


class EsptoolFailed(HelioError):
    """esptool could not do it, the text says why; `may_be_speed` whether a slower link may help."""

    def __init__(self, text, may_be_speed=False):
        super().__init__(text)
        self.may_be_speed = may_be_speed


class WrongChip(EsptoolFailed):
    """Another chip is there: the text is its name."""


@dataclass(frozen=True)
class Found:
    """The chip at a port: `chip` as in "ESP32-S3", `description` as esptool calls it, `mac`."""

    chip: str
    description: str
    mac: str


def ask_chip(device):
    """What chip is there: a Found. It is left in its bootloader. Raises EsptoolFailed."""
    return _found(_run(device, ["--no-stub", "--after", "no-reset", "chip-id"]))


def _found(said):
    chip = _value(said, "Connected to (\\S+) on")
    return Found(chip, _value(said, "Chip type: +(.+)"), _value(said, "^(?:BASE )?MAC: +((?:\\w\\w:){5}\\w\\w)$"))


def write(device, chip, offset, path, *, erase, on_percent):
    """Write the file at `path`, which is for that chip, where the chip looks for it, have it verified, and reset
    the chip: the Found that is there. Nothing is written to another chip, or where it does not fit.

    Fast first, and slowly where that fails. `on_percent` is called with each percentage. Raises EsptoolFailed.
    """
    words = ["write-flash", *(["--erase-all"] if erase else []), hex(offset), str(path)]
    start = ["--chip", chip.lower().replace("-", "")]
    try:
        try:
            return _found(_run(device, [*start, "--baud", str(FAST_BAUD), *words], on_percent))
        except EsptoolFailed as error:
            if not error.may_be_speed:
                raise
            return _found(_run(device, [*start, "--baud", str(SURE_BAUD), *words], on_percent))
    except WrongChip as error:
        start_anew(device)
        text = "%s is firmware for an %s, and the board at %s has an %s" % (path, chip, device, error)
        raise EsptoolFailed(text) from None


def check_image(path):
    """Have esptool check a file with firmware: its checksum and its hash. Raises EsptoolFailed."""
    run = subprocess.run(
        _command(["image-info", str(path)]),
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    fatal = _FATAL.search(run.stdout)
    if run.returncode or "invalid" in run.stdout:
        why = fatal[1] if fatal else _value(run.stdout, "(.*invalid.*)")
        raise EsptoolFailed("%s is no whole firmware: %s" % (path, printable(why.strip().rstrip("."))))


def _value(text, pattern):
    match = re.search(pattern, text, re.M)
    return match[1].strip() if match else "unknown"


def _run(device, words, on_percent=lambda percent: None):
    go_on()
    process = subprocess.Popen(
        _command(["--port", device, *words]),
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with _running_lock:
        _running.add(process)
    said = []
    percent = None
    try:
        for line in process.stdout:
            said.append(line)
            match = _PERCENT.search(line)
            if match and line.startswith("Writing at"):
                percent = float(match[1])
                on_percent(percent)
        process.wait()
    finally:
        process.kill()
        process.wait()
        with _running_lock:
            _running.discard(process)
    said = "".join(said)
    if process.returncode:
        raise _failure(device, said, percent)
    return said


def _failure(device, said, percent):
    """The EsptoolFailed for what esptool said before it ended."""
    fatal = _FATAL.search(said)
    why = printable(fatal[1].strip()) if fatal else ""
    if _is_ended.is_set():
        if "Connecting" in said and percent is None:  # nothing is written yet
            start_anew(device)
        return EsptoolFailed(_INTERRUPTED)
    closed = why_closed(device)
    if percent is not None and (closed or not fatal):
        return EsptoolFailed(_LOST % (device, percent))
    if closed:
        return EsptoolFailed(closed)
    if "Connecting" not in said:
        return EsptoolFailed(CANNOT_OPEN % device)
    wrong = _WRONG_CHIP.search(why)
    if wrong:
        return WrongChip(wrong[1])
    too_large = _NO_ROOM.search(why)
    if too_large:
        return EsptoolFailed(_TOO_LARGE % (int(too_large[1]) >> 20, device))
    if "Wrong boot mode" in why:
        return EsptoolFailed(_NO_BOOTLOADER % device)
    if "Failed to connect" in why:
        return EsptoolFailed(_SILENT % device)
    last = why or printable(said.strip().splitlines()[-1])
    return EsptoolFailed("esptool failed at %s: %s" % (device, last), may_be_speed=True)


def _command(words):
    return [sys.executable, "-m", "esptool", *words]


def _environment():
    plain = {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "500"}
    return {**os.environ, **plain}


def go_on():
    """Raise EsptoolFailed after `end_all`."""
    if _is_ended.is_set():
        raise EsptoolFailed(_INTERRUPTED)


_running = set()
_running_lock = threading.Lock()
_is_ended = threading.Event()


def end_all():
    """End every esptool that still runs, and have none started."""
    _is_ended.set()
    with _running_lock:
        for process in _running:
            process.kill()
