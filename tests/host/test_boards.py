"""`boards/` and `helio boards`."""

import json

import pytest
from helio_command import helio

from helio.errors import UsageError
from helio_host.boards import CHIPS, chip_of, generic_board, load_boards, read_board

PARTS = {
    "name": '"A board"',
    "maker": '"A maker"',
    "chip": '"ESP32-S3"',
    "flash_mb": "8",
    "psram_mb": "0",
    "flash_offset": "0x0",
    "usb": '["303a:1001"]',
    "bootloader": '"Hold BOOT."',
}
TABLES = """
[firmware]
name = "ESP32_GENERIC_S3"

[led]
kind = "neopixel"
pin = 48
order = "GRB"
"""


def text(tables=TABLES, **changed):
    parts = {**PARTS, **changed}
    return "".join(["%s = %s\n" % (key, value) for key, value in parts.items() if value is not None]) + tables


def test_the_chip_in_the_words_of_a_micropython():
    for words, chip in (
        ("Generic ESP32 module with ESP32", "ESP32"),
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "ESP32-S3"),
        ("LOLIN_C3_MINI with ESP32-C3FH4", "ESP32-C3"),
        ("M5 Stamp with ESP32-PICO-D4", "ESP32"),
        ("Raspberry Pi Pico W with RP2040", None),
        ("linux [GCC 14.2.1] version", None),
    ):
        assert chip_of(words) == chip


def test_all_that_there_are_can_be_read():
    boards = load_boards()
    assert len(boards) >= 38 and "virtual" not in [board.id for board in boards]
    for board in boards:
        offset = {"ESP32": 0x1000, "ESP32-S2": 0x1000, "ESP32-C5": 0x2000, "ESP32-P4": 0x2000}.get(board.chip, 0)
        assert board.flash_offset == offset, board.id
        assert board.led["kind"] == "none" or "led" in board.sources, board.id


def test_there_is_a_generic_one_for_each_chip():
    for chip in CHIPS:
        assert generic_board(chip).chip == chip


def test_one_is_what_its_file_says():
    board = read_board("mine", text())
    assert (board.id, board.name, board.chip, board.usb) == ("mine", "A board", "ESP32-S3", ("303a:1001",))
    assert board.led == {"kind": "neopixel", "pin": 48, "order": "GRB"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (text(chip='"ESP8266"'), "chip is to be one of ESP32, ESP32-S2"),
        (text(flash_mb="3"), "flash_mb is to be 2, 4, 8, 16 or 32: got 3"),
        (text(flash_offset="5"), "flash_offset is to be a multiple of 0x1000: got 5"),
        (text(flash_offset="0x3000"), "flash_offset is to be 0x0 for an "),
        (text(usb='["10C4:EA60"]'), 'usb is to be a list like ["10c4:ea60"]'),
        (text(colour='"red"'), "colour is no key: there are name, maker"),
        (text(maker=None), "maker is missing"),
        (text(flash_mb=None), "flash_mb is missing"),
        (text(tables=TABLES.replace("neopixel", "lamp")), "led.kind is to be"),
        (text(tables=TABLES.replace("pin = 48", "pin = true")), "led.pin is to be a GPIO number"),
        (text(tables=TABLES.replace("pin = 48", "")), "led.pin is missing"),
        (text(tables=TABLES.replace("order", "colour")), "led.colour is no key"),
        (text(tables=TABLES.replace('"GRB"', '"GRX"')), 'led.order is to be like "GRB"'),
        (text(tables=TABLES.replace("name", "variant")), "firmware.name is missing"),
        (text(tables="led = 5\n"), "led is to be a table [led]"),
        (text(tables=""), "led is missing"),
        ("name = ", "Invalid value"),
    ],
)
def test_a_mistake_names_the_file_the_key_and_what_is_allowed(wrong, said):
    with pytest.raises(UsageError) as caught:
        read_board("mine", wrong)
    assert str(caught.value).startswith("boards/mine.toml: ") and said in str(caught.value)


def test_the_list():
    run = helio("boards")
    lines = run.stdout.splitlines()
    assert run.returncode == 0 and lines[0].split() == ["board", "maker", "name", "chip", "LED"]
    assert len(lines) == 1 + len(load_boards())
    ids = [json.loads(line)["id"] for line in helio("boards", "--json").stdout.splitlines()]
    assert ids == [line.split()[0] for line in lines[1:]]


def test_one_of_them():
    run = helio("boards", "xiao-esp32c6")
    assert run.returncode == 0
    assert "ESP32-C6, 4 MB of flash, no PSRAM" in run.stdout and "pin 15, lit when low" in run.stdout
    one = json.loads(helio("boards", "XIAO-esp32c6", "--json").stdout)
    assert one["led"] == {"kind": "pin", "pin": 15, "active": 0} and one["flash_offset"] == 0


def test_one_that_there_is_not():
    run = helio("boards", "xiao-esp32-c6")
    assert (run.returncode, run.stdout) == (2, "") and "did you mean xiao-esp32c6" in run.stderr
    assert "`helio boards` lists them" in helio("boards", "zzz").stderr
