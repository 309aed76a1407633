"""Small firmware images of our own, whole in all that esptool and the chips look at."""

import hashlib
import random
import struct

from helio_host.image import CHECKSUM_START, CHIP_IDS, MAGIC, xor

_LOADED_AT = {"ESP32": 0x3F400020, "ESP32-C6": 0x42000020}
OFFSETS = {"ESP32": 0x1000, "ESP32-S2": 0x1000, "ESP32-C5": 0x2000, "ESP32-P4": 0x2000}


def image(chip, size=20000, seed=1, has_hash=True):
    """An image with one segment of `size` bytes, which do not pack; bytes."""
    body = random.Random(seed).randbytes(size)
    data = struct.pack("<BBBBIB3xHBHH4xB", MAGIC, 1, 2, 0x20, 0x40080000, 0xEE, CHIP_IDS[chip], 0, 0, 0xFFFF, has_hash)
    data += struct.pack("<II", _LOADED_AT.get(chip, 0x3C000020), size) + body
    data += bytes(15 - len(data) % 16) + bytes((CHECKSUM_START ^ xor(body),))
    return data + (hashlib.sha256(data).digest() if has_hash else b"")


def firmware(chip, size=20000, seed=2):
    """As MicroPython's: a bootloader, a table of partitions, and a program at 0x10000; bytes."""
    offset = OFFSETS.get(chip, 0)
    table = struct.pack("<HBBII16sI", 0x50AA, 1, 2, 0x9000, 0x6000, b"nvs", 0)
    room = max(0x1F0000, size + 0x10000 & ~0xFFFF)
    table += struct.pack("<HBBII16sI", 0x50AA, 0, 0, 0x10000, room, b"factory", 0)
    table += b"\xeb\xeb" + 14 * b"\xff" + hashlib.md5(table).digest()
    flash = b"\xff" * offset + image(chip, 1000)
    flash = flash.ljust(0x8000, b"\xff") + table
    return (flash.ljust(0x10000, b"\xff") + image(chip, size, seed))[offset:]
