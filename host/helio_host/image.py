"""Firmware images of ESP chips, read as the chips do: Espressif's "Firmware Image Format"."""

import hashlib
import struct
from dataclasses import dataclass

from helio.errors import HelioError

MAGIC = 0xE9
CHIP_IDS = {
    "ESP32": 0,
    "ESP32-S2": 2,
    "ESP32-C3": 5,
    "ESP32-S3": 9,
    "ESP32-C2": 12,
    "ESP32-C6": 13,
    "ESP32-P4": 18,
    "ESP32-C5": 23,
}
_HEADER = struct.Struct("<BBBBIB3xHBHH4xB")
_SEGMENT = struct.Struct("<II")
CHECKSUM_START = 0xEF
_PARTITIONS_OFFSET = 0x8000  # in the flash
_PARTITION = struct.Struct("<HBBII16sI")
_PARTITION_MAGIC = 0x50AA
_MD5_MAGIC = b"\xeb\xeb" + 14 * b"\xff"
_APP = 0  # type of partition


class BadImage(HelioError):
    """A file is no firmware that a chip would start."""


class BadTable(BadImage):
    """The first program is whole, and the table of partitions with which it finds the second is not."""


@dataclass(frozen=True)
class Image:
    """What the header of an image says, and its `size` in bytes."""

    chip_id: int
    size: int

    @property
    def chip(self):
        """The name of its chip, a str."""
        names = [name for name, chip_id in CHIP_IDS.items() if chip_id == self.chip_id]
        return names[0] if names else "unknown chip (id %d)" % self.chip_id


def read_image(data):
    """The Image that `data`, bytes, begins with. Raises BadImage unless all of it is there, with its
    checksum and, where it has one, its SHA-256."""
    if not data:
        raise BadImage("the file is empty")
    if data[0] != MAGIC:
        raise BadImage("this is no firmware for an ESP chip: it begins with 0x%02x, not 0xe9" % data[0])
    if len(data) < _HEADER.size:
        raise _too_short()
    _, count, _, _, _, _, chip_id, _, _, _, has_hash = _HEADER.unpack_from(data)
    at = _HEADER.size
    checksum = CHECKSUM_START
    for _ in range(count):
        if at + _SEGMENT.size > len(data):
            raise _too_short()
        _, length = _SEGMENT.unpack_from(data, at)
        at += _SEGMENT.size
        if at + length > len(data):
            raise _too_short()
        checksum ^= xor(data[at : at + length])
        at += length
    at += 15 - at % 16  # the checksum is the last byte of a line of 16
    if at >= len(data):
        raise _too_short()
    if data[at] != checksum:
        raise BadImage("the firmware is damaged: its checksum is 0x%02x, not 0x%02x" % (checksum, data[at]))
    at += 1
    if has_hash:
        expected = data[at : at + 32]
        if len(expected) < 32:
            raise _too_short()
        if hashlib.sha256(data[:at]).digest() != expected:
            raise BadImage("the firmware is damaged: its SHA-256 is another one than it says")
        at += 32
    return Image(chip_id, at)


def read_firmware(data, flash_offset):
    """The Image that `data` begins with, which is to be written to the flash at `flash_offset`. Raises
    BadImage for it, for its table of partitions, and for the programs that the table says are there."""
    image = read_image(data)
    is_first = True
    for offset, size in _programs(data, _PARTITIONS_OFFSET - flash_offset):
        program = data[offset - flash_offset :]
        if not program and is_first:
            raise _too_short()
        if is_first or program[:1] not in (b"", b"\xff"):  # others are for updates to come
            found = read_image(program)
            if found.chip_id != image.chip_id:
                raise BadImage("the firmware has parts for different chips")
            if found.size > size:
                text = "the firmware is damaged: it has a program of %d KB for a partition of %d KB"
                raise BadImage(text % (found.size >> 10, size >> 10))
        is_first = False
    return image


def _programs(data, start):
    """`(offset in the flash, size of its partition)` of each program, as the table at `start` has them: Espressif's
    "Partition Tables"."""
    found = []
    at = start
    while data[at : at + 2] == _PARTITION_MAGIC.to_bytes(2, "little") and at + _PARTITION.size <= len(data):
        _, kind, _, offset, size, _, _ = _PARTITION.unpack_from(data, at)
        if kind == _APP:
            found.append((offset, size))
        at += _PARTITION.size
    if at == start:
        raise BadTable("the firmware has no table of partitions: is it a .app-bin, for updates? Take the .bin")
    if data.startswith(_MD5_MAGIC, at) and hashlib.md5(data[start:at]).digest() != data[at + 16 : at + 32]:
        raise BadTable("the firmware is damaged: its table of partitions has another MD5 than it says")
    if not found:
        raise BadTable("the firmware is damaged: its table of partitions has no program")
    return found


def _too_short():
    return BadImage("the firmware is not complete: it ends too early")


def xor(data):
    """All bytes, each xor the next: what checksums of ESP chips are, but for where they start."""
    number = int.from_bytes(data, "little")
    width = len(data)
    while width > 1:  # fold it in halves
        half = (width + 1) // 2
        number = (number >> (8 * half)) ^ (number & ((1 << (8 * half)) - 1))
        width = half
    return number
