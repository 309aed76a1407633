"""`helio led find`: which pin the LED of a board is at, found with the eyes of whoever sits before it."""

import re
import sys
from collections import Counter

import click

from helio.errors import HelioError, UsageError
from helio_host.board_prompt import BoardPrompt
from helio_host.boards import CHIPS, load_board, load_boards
from helio_host.cli import print_aside
from helio_host.deploying.settings import BoardSettings
from helio_host.serial_ports import one_port

_MACHINE = "import sys; print(sys.implementation._machine)"
_FLASH_PINS = range(6, 12)  # of most modules with an ESP32: to drive them is to crash
_ON_BOARD = """
import time
from machine import Pin

def writer(kind, pin, power_pin):
    if power_pin is not None:
        Pin(power_pin, Pin.OUT, value=1)
    out = Pin(pin, Pin.OUT)
    if kind == "pin":
        return out.value
    from neopixel import NeoPixel
    pixel = NeoPixel(out, 1)
    def write(is_on):
        pixel[0] = (64 * is_on, 0, 0)
        pixel.write()
    return write

def blink(*led):
    write = writer(*led)
    for _ in range(3):
        write(1)
        time.sleep_ms(250)
        write(0)
        time.sleep_ms(250)
    write(1)
"""


@click.group()
def command():
    """The LED of a board."""


@command.command()
@click.option("--port", metavar="PORT", help="Where the board is.")
def find(port):
    """Try the likely pins one by one: you say when the LED blinks, and the board's settings are told.

    The pins are those where boards with that chip have their LEDs.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("helio led find asks who sees the board: run it at a terminal, or use `helio setup --board`")
    with BoardPrompt(port or one_port()) as prompt:
        settings = BoardSettings(prompt)
        prompt.run(_ON_BOARD)
        led = _search(prompt, _likely(_chip(prompt.run(_MACHINE))))
        settings.values["led"] = led
        settings.store()
    order = ", which takes %s" % led["order"] if led["kind"] == "neopixel" else ""
    active = ", which lights when it is low" if led.get("active") == 0 else ""
    print("the LED is a %s at pin %d%s%s; the board knows" % (_word(led["kind"]), led["pin"], order, active))


def _chip(machine):
    """The chip that MicroPython names, as in "Generic ESP32S3 module with ESP32S3"; None of a virtual board."""
    named = [chip for chip in CHIPS if re.search(chip.replace("-", "-?") + r"\b", machine)]
    return max(named, key=len) if named else None


def _likely(chip):
    """`(kind, pin, power_pin)` of the LEDs of boards with that chip: the most usual first, and last those whose
    power pin might light another board's LED."""
    boards = [board for board in load_boards() if board.chip == chip] if chip else [load_board("virtual")]
    leds = [board.led for board in boards if board.led["kind"] != "none"]
    if not chip:
        leds.append({"kind": "pin", "pin": 2})
    found = Counter([(led["kind"], led["pin"], led.get("power_pin")) for led in leds])
    tried = [led for led in found if chip != "ESP32" or led[1] not in _FLASH_PINS]
    return sorted(tried, key=lambda led: (led[2] is not None, -found[led]))


def _search(prompt, likely):
    """The LED part of the settings."""
    print_aside("Look at the board. Enter has it blink again.")
    for kind, pin, power_pin in likely:
        question = "Did an LED blink? (%s at pin %d)" % (_word(kind), pin)
        answer = ""
        while not answer:
            try:
                prompt.run("blink(%r, %d, %r)" % (kind, pin, power_pin))
            except HelioError as error:  # this module has no such pin
                print_aside("pin %d: %s" % (pin, error))
                answer = "n"
            else:
                answer = _ask(question, ("y", "n", ""))
        if answer == "y":
            found = {"kind": kind, "pin": pin, "power_pin": power_pin}
            if kind == "pin":
                return {**found, "active": 1 if _ask("Is it lit now?", ("y", "n")) == "y" else 0}
            return {**found, "order": "GRB" if _ask("Is it red or green now?", ("red", "green")) == "red" else "RGB"}
    raise HelioError("none of the %d likely pins: the board's page says which, for settings.json" % len(likely))


def _ask(question, answers):
    while True:
        words = "/".join([answer for answer in answers if answer])
        given = click.prompt("%s [%s]" % (question, words), default="", show_default=False, err=True).strip().lower()
        found = [answer for answer in answers if answer.startswith(given) and (given or not answer)]
        if found:
            return found[0]


def _word(kind):
    return "NeoPixel" if kind == "neopixel" else "LED"
