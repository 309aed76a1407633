"""`helio led find` at a terminal, with a test that looks at the LED of a virtual board."""

import json

import pytest
from helio_command import Running, Terminal, helio

from helio_host.board_prompt import BoardPrompt
from helio_host.commands.led import _chip, _likely
from helio_host.deploying.settings import BoardSettings


@pytest.mark.parametrize(
    "led, answers, found",
    [
        (
            "neopixel",
            [(b"NeoPixel at pin 48", b"\n"), (b"NeoPixel at pin 48", b"y\n"), (b"red or green", b"red\n")],
            {"kind": "neopixel", "pin": 48, "power_pin": None, "order": "GRB"},
        ),
        (
            "neopixel",
            [(b"NeoPixel at pin 48", b"y\n"), (b"red or green", b"what\n"), (b"red or green", b"g\n")],
            {"kind": "neopixel", "pin": 48, "power_pin": None, "order": "RGB"},
        ),
        (
            "pin",
            [(b"NeoPixel at pin 48", b"n\n"), (b"LED at pin 2", b"y\n"), (b"lit now", b"y\n")],
            {"kind": "pin", "pin": 2, "power_pin": None, "active": 1},
        ),
        (
            "inverted",
            [(b"NeoPixel at pin 48", b"n\n"), (b"LED at pin 2", b"y\n"), (b"lit now", b"n\n")],
            {"kind": "pin", "pin": 2, "power_pin": None, "active": 0},
        ),
    ],
)
def test_what_was_seen_is_what_the_board_knows(led, answers, found, tmp_path):
    kind = [] if led == "neopixel" else ["--led", led]
    words = ("simulate", "--json", *kind, "--network", "127.0.74.0", "--port", 0, "--coap-port", 0)
    with Running(*words, TMPDIR=str(tmp_path)) as simulator:
        port = json.loads(simulator.out.until(lambda line: '"ready"' in line))["serial"]
        with Terminal("led", "find", "--port", port) as terminal:
            for question, answer in answers:
                terminal.until(question)
                if question == b"NeoPixel at pin 48":
                    assert led != "neopixel" or simulator.out.until(
                        lambda line: '"FF0000"' in line or '"400000"' in line
                    )
                terminal.type(answer)
            terminal.until(b"the board knows")
            assert terminal.status() == 0
        with BoardPrompt(port) as prompt:
            assert BoardSettings(prompt).values["led"] == found


def test_a_board_that_has_none_keeps_its_settings(tmp_path):
    words = ("simulate", "--json", "--led", "none", "--network", "127.0.75.0", "--port", 0, "--coap-port", 0)
    with Running(*words, TMPDIR=str(tmp_path)) as simulator:
        port = json.loads(simulator.out.until(lambda line: '"ready"' in line))["serial"]
        with Terminal("led", "find", "--port", port) as terminal:
            for _ in range(2):
                terminal.until(b"blink?")
                terminal.type(b"n\n")
            terminal.until(b"none of the 2 likely pins")
            assert terminal.status() == 1
        with BoardPrompt(port) as prompt:
            assert BoardSettings(prompt).values["led"] == {"kind": "none"}


def test_without_anybody_to_look():
    run = helio("led", "find")
    assert run.returncode == 2 and "at a terminal" in run.stderr


@pytest.mark.parametrize(
    "machine, chip, most_likely",
    [
        ("Generic ESP32 module with ESP32", "ESP32", ("pin", 2, None)),
        ("Generic ESP32S3 module with ESP32S3", "ESP32-S3", ("neopixel", 48, None)),
        ("ESP32C3 module with ESP32C3", "ESP32-C3", ("neopixel", 8, None)),
    ],
)
def test_the_likely_pins_are_those_of_boards_with_that_chip(machine, chip, most_likely):
    assert _chip(machine) == chip
    assert most_likely in _likely(chip)[:4]
    assert not [led for led in _likely("ESP32") if led[1] in range(6, 12)]
