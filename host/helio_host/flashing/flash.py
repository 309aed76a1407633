"""All of flashing one board, in order: find the firmware, check it, write it, see that it runs."""

import hashlib
import threading
from dataclasses import dataclass

from helio.errors import HelioError
from helio_host.board_prompt import BoardPrompt, NoPrompt
from helio_host.boards import generic_board
from helio_host.flashing import esptool
from helio_host.flashing.firmware import find_firmware
from helio_host.image import BadImage, read_firmware, read_image
from helio_host.serial_ports import start_anew

PROMPT_TIMEOUT_S = 20  # a first start makes the file system, which takes 5 s


@dataclass
class Flashed:
    """What came of it: `chip`, a `Found`; `firmware`, the path of the file; `version` of the MicroPython that runs;
    `error`, a str, or None where all went well; `is_touched` whether anything of it was written."""

    device: str
    chip: esptool.Found | None = None
    firmware: object = None
    version: str | None = None
    error: str | None = None
    is_touched: bool = False


class ImageChecks:
    """Whether files are firmware, each looked at once however many boards get it."""

    def __init__(self):
        self._checked = {}  # SHA-256: (chip, what is wrong), one of them None
        self._lock = threading.Lock()

    def check(self, path):
        """The name of the chip that the file is for. Raises HelioError unless it is whole."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise HelioError("%s: %s" % (path, error.strerror)) from None
        with self._lock:
            digest = hashlib.sha256(data).digest()
            if digest not in self._checked:
                self._checked[digest] = self._read(data, path)
            chip, error = self._checked[digest]
        if error:
            raise HelioError(error)
        return chip

    def _read(self, data, path):
        try:
            chip = read_image(data).chip
            read_firmware(data, generic_board(chip).flash_offset)
            esptool.check_image(path)
            return chip, None
        except BadImage as error:
            return None, "%s: %s" % (path, error)
        except HelioError as error:
            return None, str(error)


def flash(device, wanted, board, *, erase, checks, tell, on_percent):
    """Put firmware onto the board at a serial port; returns a Flashed, with `error` where it failed.

    `wanted` is a `firmware.Wanted`, `board` a Board or None for whichever has its chip; `tell` is called with
    what is done now, a str, and `on_percent` with how much of it is.
    """
    flashed = Flashed(device)

    def tell_percent(percent):
        esptool.go_on()
        on_percent(percent)

    try:
        _flash(flashed, wanted, board, erase, checks, tell, tell_percent)
    except HelioError as error:
        flashed.error = str(error)
    except OSError as error:
        flashed.error = "%s: %s" % (device, error)
    if flashed.error and flashed.chip and not flashed.is_touched:
        start_anew(device)  # what it has is still good
    return flashed


def _flash(flashed, wanted, board, erase, checks, tell, on_percent):
    device = flashed.device
    if board is None and wanted.version:
        tell("asking the chip")
        flashed.chip = esptool.ask_chip(device)
        tell("found an %s, MAC %s" % (flashed.chip.description, flashed.chip.mac))
        board = generic_board(flashed.chip.chip)
    # else esptool asks before it writes: over some links that takes long
    path = flashed.firmware = find_firmware(wanted, board, tell, on_percent)
    tell("checking %s" % path.name)
    try:
        chip = checks.check(path)
        if board and board.chip != chip:
            raise HelioError("%s is firmware for an %s, and %s has an %s" % (path, chip, board.id, board.chip))
    except HelioError:
        if not wanted.path:
            path.unlink(missing_ok=True)  # what was fetched and is wrong shall be fetched again
        raise
    if board is None:
        board = generic_board(chip)
    tell("connecting")
    flashed.is_touched = erase
    is_writing = False

    def on_written(percent):
        nonlocal is_writing
        if not is_writing:
            is_writing = flashed.is_touched = True
            tell("writing %s" % path.name)
        on_percent(percent)

    flashed.chip = esptool.write(device, chip, board.flash_offset, path, erase=erase, on_percent=on_written)
    tell("waiting for MicroPython")
    try:
        with BoardPrompt(device, PROMPT_TIMEOUT_S) as prompt:
            flashed.version = prompt.firmware().version
    except NoPrompt:
        raise HelioError(
            "%s was written and verified, but no MicroPython answers at %s: press RESET, or try it with --erase"
            % (path.name, device)
        ) from None
