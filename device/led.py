"""The LED, whatever it is: a plain pin, an inverted one, a NeoPixel, or none at all.

from led import led

led.on()
led.colour(255, 128, 0)
await led.flash(3)
"""

import asyncio

from settings import settings

_SOFT_WHITE = (32, 32, 32)  # a NeoPixel at full white dazzles and draws 60 mA


def _pin(pin, active, order):
    from machine import Pin

    out = Pin(pin, Pin.OUT, value=1 - active)
    return lambda colour: out.value(active if any(colour) else 1 - active)


def _neopixel(pin, active, order):
    from machine import Pin
    from neopixel import NeoPixel

    pixel = NeoPixel(Pin(pin, Pin.OUT), 1)
    # NeoPixel itself sends (0, 1, 2) as 1, 0, 2; each place must hold what the LED wants there
    places = ["RGB".index(order[i]) for i in (1, 0, 2)]

    def write(colour):
        pixel[0] = tuple([colour[place] for place in places])
        pixel.write()

    return write


def _none(pin, active, order):
    return lambda colour: None


_KINDS = {"pin": _pin, "neopixel": _neopixel, "none": _none}


class Led:
    """One LED. Where it has no colours, every colour but black is on."""

    def __init__(self, kind="none", pin=None, active=1, power_pin=None, order="GRB"):
        if power_pin is not None:
            from machine import Pin

            Pin(power_pin, Pin.OUT, value=1)
        self.kind = kind
        self._write = _KINDS[kind](pin, active, order)
        self._steady = (0, 0, 0)
        self._lit = _SOFT_WHITE  # what on() shows: the last colour that was not black
        self._lock = asyncio.Lock()
        self._write(self._steady)

    def on(self):
        """Light it, in the last colour it had."""
        self.colour(*self._lit)

    def off(self):
        """Darken it."""
        self.colour(0, 0, 0)

    def colour(self, r, g, b):
        """Show a colour, each part 0 to 255."""
        self._steady = (r, g, b)
        if r or g or b:
            self._lit = self._steady
        self._write(self._steady)

    async def flash(self, count, on_ms=200, off_ms=200):
        """Flash `count` times, then show again what it showed before. Flashes wait for each
        other, so that each can be counted by eye."""
        async with self._lock:
            try:
                for _ in range(count):
                    self._write(self._lit)
                    await asyncio.sleep(on_ms / 1000)
                    self._write((0, 0, 0))
                    await asyncio.sleep(off_ms / 1000)
            finally:
                self._write(self._steady)


def open_led(led):
    """The Led that the `led` part of the settings describes; if its pin will not do, none."""
    try:
        return Led(*[led[key] for key in ("kind", "pin", "active", "power_pin", "order")])
    except Exception as error:
        print("the LED of settings.json cannot be used (%s): check its pin" % error)
        return Led()


led = open_led(settings["led"])
