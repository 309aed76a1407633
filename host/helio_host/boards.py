"""The boards there are: one TOML file each in `boards/`, checked when it is read."""

import re
import sys
from dataclasses import dataclass, field

from helio.errors import UsageError
from helio_host.installed import data_folder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CHIPS = ("ESP32", "ESP32-S2", "ESP32-S3", "ESP32-C2", "ESP32-C3", "ESP32-C5", "ESP32-C6", "ESP32-P4")
_VIRTUAL = "virtual"


@dataclass(frozen=True)
class Board:
    """What a file of `boards/` says. `id` is the name of the file; sizes are in MB, `flash_offset` is
    where the firmware begins, in bytes; `usb` are `VID:PID` in hexadecimal; `led` is that part of a
    `settings.json`; `sources` says where a doubtful fact is from."""

    id: str
    name: str
    maker: str
    chip: str
    led: dict
    flash_mb: int = 0
    psram_mb: int = 0
    flash_offset: int = 0
    firmware: dict = field(default_factory=dict)
    usb: tuple = ()
    bootloader: str = ""
    note: str = ""
    sources: dict = field(default_factory=dict)


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def _is_pin(value):
    return type(value) is int and 0 <= value <= 54


def _is_whole(value):
    return type(value) is int and value >= 0


def _is_usb_id(value):
    return isinstance(value, str) and re.fullmatch("[0-9a-f]{4}:[0-9a-f]{4}", value)


# key: (whether a value will do, what would do); a dict for a table
_LED = {
    "kind": (lambda value: value in ("pin", "neopixel", "none"), '"pin", "neopixel" or "none"'),
    "pin": (_is_pin, "a GPIO number, 0 to 54"),
    "active": (lambda value: type(value) is int and value in (0, 1), "0 or 1"),
    "power_pin": (_is_pin, "a GPIO number, 0 to 54"),
    "order": (lambda value: isinstance(value, str) and sorted(value) == ["B", "G", "R"], 'like "GRB"'),
}
_FIRMWARE = {
    "name": (lambda value: _is_text(value) and re.fullmatch(r"\w+", value), 'like "ESP32_GENERIC_S3"'),
    "variant": (lambda value: _is_text(value) and re.fullmatch(r"\w+", value), 'like "SPIRAM_OCT"'),
}
_KEYS = {
    "name": (_is_text, "a text"),
    "maker": (_is_text, "a text"),
    "chip": (lambda value: value in (*CHIPS, _VIRTUAL), "one of " + ", ".join(CHIPS)),
    "flash_mb": (lambda value: value in (2, 4, 8, 16, 32), "2, 4, 8, 16 or 32"),
    "psram_mb": (lambda value: value in (0, 2, 4, 8, 16, 32), "0, 2, 4, 8, 16 or 32"),
    "flash_offset": (lambda value: _is_whole(value) and value % 0x1000 == 0, "a multiple of 0x1000"),
    "usb": (lambda value: isinstance(value, list) and all(map(_is_usb_id, value)), 'a list like ["10c4:ea60"]'),
    "bootloader": (_is_text, "a text"),
    "note": (_is_text, "a text"),
    "firmware": _FIRMWARE,
    "led": _LED,
    "sources": (lambda value: isinstance(value, dict) and all(map(_is_text, value.values())), "a table of texts"),
}
_FLASH_OFFSETS = {"ESP32": 0x1000, "ESP32-S2": 0x1000, "ESP32-C5": 0x2000, "ESP32-P4": 0x2000}  # of the others 0
_NEEDED = ("name", "maker", "chip", "led")
_NEEDED_OF_CHIPS = ("flash_mb", "psram_mb", "flash_offset", "firmware", "usb", "bootloader")
_NEEDED_OF_LED = {"pin": ("pin", "active"), "neopixel": ("pin", "order"), "none": ()}


def load_boards():
    """Every Board but the virtual one, in order of their ids. Raises UsageError."""
    ids = sorted([path.stem for path in data_folder("boards").glob("*.toml")])
    return [load_board(id) for id in ids if id != _VIRTUAL]


def load_board(id):
    """The Board of `boards/ID.toml`. Raises UsageError, which names the file, the key and what is allowed."""
    try:
        text = (data_folder("boards") / (id + ".toml")).read_text("utf-8")
    except OSError:
        raise UsageError("no board is called %r: `helio boards` lists them" % id) from None
    except UnicodeDecodeError as error:
        raise UsageError("boards/%s.toml: %s" % (id, error)) from None
    return read_board(id, text)


def generic_board(chip):
    """The Board for any board with that chip. Raises UsageError."""
    return load_board("generic-" + chip.lower())


def chip_of(machine):
    """The chip in the words of a MicroPython about its board, "LOLIN_C3_MINI with ESP32-C3FH4" or the like; None where
    they say nothing of one that is known."""
    mcu = machine.rpartition(" with ")[2].replace("-", "")
    found = [chip for chip in CHIPS if mcu.startswith(chip.replace("-", ""))]
    return max(found, key=len, default=None)


def read_board(id, text):
    """The Board that a TOML text describes. Raises UsageError."""
    try:
        given = tomllib.loads(text)
    except ValueError as error:
        raise UsageError("boards/%s.toml: %s" % (id, error)) from None
    _check(id, given, _KEYS, "")
    needed = _NEEDED if given.get("chip") == _VIRTUAL else _NEEDED + _NEEDED_OF_CHIPS
    _need(id, given, needed, "")
    _need(id, given.get("firmware", {"name": None}), ("name",), "firmware.")
    _need(id, given["led"], ("kind",), "led.")
    _need(id, given["led"], _NEEDED_OF_LED[given["led"]["kind"]], "led.")
    offset = _FLASH_OFFSETS.get(given["chip"], 0)
    if given.get("flash_offset", offset) != offset:
        text = "boards/%s.toml: flash_offset is to be 0x%x for an %s: got %r"
        raise UsageError(text % (id, offset, given["chip"], given["flash_offset"]))
    return Board(id=id, **{**given, "usb": tuple(given.get("usb", ()))})


def _check(id, given, keys, prefix):
    for key, value in given.items():
        if key not in keys:
            raise UsageError("boards/%s.toml: %s%s is no key: there are %s" % (id, prefix, key, ", ".join(keys)))
        if isinstance(keys[key], dict):
            if not isinstance(value, dict):
                raise UsageError("boards/%s.toml: %s is to be a table [%s]" % (id, key, key))
            _check(id, value, keys[key], key + ".")
        else:
            will_do, allowed = keys[key]
            if not will_do(value):
                raise UsageError("boards/%s.toml: %s%s is to be %s: got %r" % (id, prefix, key, allowed, value))


def _need(id, given, keys, prefix):
    for key in keys:
        if key not in given:
            raise UsageError("boards/%s.toml: %s%s is missing" % (id, prefix, key))
