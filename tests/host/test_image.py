"""Firmware images: what is whole, and what is said of one that is not."""

import struct

import pytest

from firmware_images import OFFSETS, firmware, image
from helio_host.image import CHIP_IDS, BadImage, read_firmware, read_image, xor


@pytest.mark.parametrize("chip", CHIP_IDS)
def test_an_image_is_read(chip):
    data = image(chip)
    found = read_image(data + b"more")
    assert (found.chip, found.size) == (chip, len(data))
    assert read_image(image(chip, has_hash=False)).chip == chip
    assert read_firmware(firmware(chip), OFFSETS.get(chip, 0)).chip == chip


def test_what_is_wrong_is_told():
    data = image("ESP32")
    for spoilt, said in (
        (b"", "the file is empty"),
        (b"-", "no firmware for an ESP chip"),
        (b"<html>", "begins with 0x3c"),
        (data[:20], "not complete"),
        (data[:1000], "not complete"),
        (data[:-33], "not complete"),
        (data[:-1], "not complete"),
        (data[:500] + b"!" + data[501:], "its checksum is"),
        (data[:-1] + bytes((data[-1] ^ 1,)), "its SHA-256"),
        (data[:4] + b"\1" + data[5:], "its SHA-256"),
    ):
        with pytest.raises(BadImage, match=said):
            read_image(spoilt)


def test_every_program_of_the_firmware_is_looked_at():
    data = firmware("ESP32")
    read_firmware(data, 0x1000)
    for spoilt, said in (
        (data[:-1], "not complete"),
        (data[:0xE000], "not complete"),
        (image("ESP32", 300000), "no table of partitions: is it a .app-bin"),
        (data[:0x7000], "no table of partitions"),
        (data[:0x7000] + b"\xff\xff" + data[0x7002:], "no table of partitions"),
        (data[:0x7008] + b"\1" + data[0x7009:], "table of partitions has another MD5"),
        (data[:0x7022] + b"\1" + data[0x7023:0x7040] + 32 * b"\xff" + data[0x7060:], "has no program"),
        (data[:0xF100] + b"!" + data[0xF101:], "its checksum is"),
        (data[:0xF000] + image("ESP32-S3"), "different chips"),
        (data[:0xF000] + image("ESP32", 0x1F0000), "a program of 1984 KB for a partition of 1984 KB"),
    ):
        with pytest.raises(BadImage, match=said):
            read_firmware(spoilt, 0x1000)


def test_a_place_for_updates_may_be_empty():
    update = struct.pack("<HBBII16sI", 0x50AA, 0, 0x11, 0x200000, 0x1F0000, b"ota_1", 0)
    data = bytearray(firmware("ESP32"))
    data[0x7040:0x7060] = update  # in place of the MD5
    read_firmware(bytes(data), 0x1000)
    read_firmware(bytes(data).ljust(0x200000, b"\xff"), 0x1000)
    with pytest.raises(BadImage, match="not complete"):
        read_firmware(bytes(data).ljust(0x1FF000, b"\xff") + image("ESP32")[:-5], 0x1000)


def test_an_unknown_chip_has_a_name_too():
    data = bytearray(image("ESP32", has_hash=False))
    data[12] = 99
    assert read_image(bytes(data)).chip == "unknown chip (id 99)"


def test_xor_of_all_bytes():
    for size in (*range(20), 1000, 1023, 1024):
        data = bytes((7 * i + size) & 255 for i in range(size))
        expected = 0
        for byte in data:
            expected ^= byte
        assert xor(data) == expected
