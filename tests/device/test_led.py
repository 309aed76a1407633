"""The LED of every kind: what is written to its pin, when, and what is left after a flash."""

import asyncio

import led as module
import machine
import neopixel
from led import Led, open_led
from settings import settings


class Bench:
    """What the pins of stand-ins do while a test runs, and the sleeps of `led` between, which
    take no time. `hold` makes the sleep of that number wait until `go` is set."""

    Lock = asyncio.Lock

    def __init__(self, hold=None):
        self.events = []
        self.sleeps = 0
        self.hold = hold
        self.held = asyncio.Event()
        self.go = asyncio.Event()

    def __enter__(self):
        machine.report = neopixel.report = self._report
        module.asyncio = self
        return self

    def __exit__(self, *error):
        from reporting import report

        machine.report = neopixel.report = report
        module.asyncio = asyncio

    def _report(self, event):
        self.events.append(event["bytes"] if "bytes" in event else (event["pin"], event["level"]))

    async def sleep(self, seconds):
        self.sleeps += 1
        self.events.append(seconds)
        if self.sleeps == self.hold:
            self.held.set()
            await self.go.wait()
        await asyncio.sleep(0)

    def take(self):
        """The events since the last call."""
        events, self.events = self.events, []
        return events


def started(bench, *wiring):
    led = Led(*wiring)
    bench.take()
    return led


# --- on, off and colours


async def test_pin():
    with Bench() as bench:
        led = Led("pin", 2)
        assert set(bench.take()) == {(2, 0)}
        led.on()
        led.off()
        led.colour(0, 0, 1)
        led.colour(0, 0, 0)
        assert bench.take() == [(2, 1), (2, 0), (2, 1), (2, 0)]


async def test_inverted_pin():
    with Bench() as bench:
        led = Led("pin", 4, 0)
        assert set(bench.take()) == {(4, 1)}  # never lit, not even for a moment
        led.on()
        led.off()
        led.colour(255, 255, 255)
        led.colour(0, 0, 0)
        assert bench.take() == [(4, 0), (4, 1), (4, 0), (4, 1)]


async def test_neopixel_wire_order():
    for order, wire in (
        ("GRB", "020103"),
        ("RGB", "010203"),
        ("BRG", "030102"),
        ("BGR", "030201"),
        ("GBR", "020301"),
        ("RBG", "010302"),
    ):
        with Bench() as bench:
            led = Led("neopixel", 48, 1, None, order)
            assert bench.take() == ["000000"], order
            led.colour(1, 2, 3)
            led.off()
            assert bench.take() == [wire, "000000"], order


async def test_on_shows_the_last_colour():
    with Bench() as bench:
        led = started(bench, "neopixel", 48, 1, None, "RGB")
        led.on()
        led.colour(255, 128, 0)
        led.off()
        led.colour(0, 0, 0)
        led.on()
        assert bench.take() == ["202020", "ff8000", "000000", "000000", "ff8000"]


async def test_none_writes_nothing():
    with Bench() as bench:
        led = Led("none", 2, 0)
        led.on()
        led.colour(1, 2, 3)
        led.off()
        await led.flash(2)
        assert bench.take() == [0.2] * 4  # a flash takes its time all the same


async def test_power_pin_is_switched_on_first():
    with Bench() as bench:
        Led("neopixel", 48, 1, 20)
        assert bench.take() == [(20, 1), "000000"]


async def test_kind_is_there_for_programs():
    with Bench():
        assert [Led(kind, 2).kind for kind in ("pin", "neopixel", "none")] == ["pin", "neopixel", "none"]
        assert Led().kind == "none"


# --- flashes


async def test_flash_count_and_times():
    with Bench() as bench:
        led = started(bench, "pin", 2)
        await led.flash(3, 50, 150)
        assert bench.take() == [(2, 1), 0.05, (2, 0), 0.15] * 3 + [(2, 0)]
        await led.flash(1)
        assert bench.take() == [(2, 1), 0.2, (2, 0), 0.2, (2, 0)]


async def test_flash_inverted():
    with Bench() as bench:
        led = started(bench, "pin", 2, 0)
        await led.flash(2, 10, 20)
        assert bench.take() == [(2, 0), 0.01, (2, 1), 0.02] * 2 + [(2, 1)]


async def test_flash_uses_the_last_colour():
    with Bench() as bench:
        led = started(bench, "neopixel", 48)
        await led.flash(1, 10, 20)
        assert bench.take() == ["202020", 0.01, "000000", 0.02, "000000"]
        led.colour(255, 0, 0)
        led.off()
        bench.take()
        await led.flash(1, 10, 20)
        assert bench.take() == ["00ff00", 0.01, "000000", 0.02, "000000"]


async def test_flash_of_a_lit_led_leaves_it_lit():
    with Bench() as bench:
        led = started(bench, "neopixel", 48, 1, None, "RGB")
        led.colour(255, 128, 0)
        bench.take()
        await led.flash(2, 10, 20)
        assert bench.take() == ["ff8000", 0.01, "000000", 0.02] * 2 + ["ff8000"]


async def test_flashes_wait_for_each_other():
    with Bench() as bench:
        led = started(bench, "pin", 2)
        first = asyncio.create_task(led.flash(2, 10, 10))
        second = asyncio.create_task(led.flash(3, 30, 30))
        await first
        await second
        assert bench.take() == [(2, 1), 0.01, (2, 0), 0.01] * 2 + [(2, 0)] + [(2, 1), 0.03, (2, 0), 0.03] * 3 + [(2, 0)]


async def test_a_flash_ends_in_what_was_set_meanwhile():
    with Bench(hold=1) as bench:
        led = started(bench, "pin", 2)
        flash = asyncio.create_task(led.flash(1, 10, 10))
        await bench.held.wait()
        led.on()
        bench.go.set()
        await flash
        assert bench.take() == [(2, 1), 0.01, (2, 1), (2, 0), 0.01, (2, 1)]


async def cancelled(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


async def test_a_cancelled_flash_restores_what_was_shown():
    for colour, shown in (((0, 0, 0), "000000"), ((255, 128, 0), "ff8000")):
        for hold in (1, 2, 3, 4):
            with Bench(hold=hold) as bench:
                led = started(bench, "neopixel", 48, 1, None, "RGB")
                led.colour(*colour)
                flash = asyncio.create_task(led.flash(2))
                await bench.held.wait()
                bench.take()
                assert await cancelled(flash)
                assert bench.take() == [shown], (colour, hold)
                bench.hold = None
                await led.flash(1, 10, 10)  # it holds nothing up
                assert bench.take()[1:] == [0.01, "000000", 0.01, shown], (colour, hold)


async def test_a_flash_cancelled_while_it_waits_writes_nothing():
    with Bench(hold=1) as bench:
        led = started(bench, "pin", 2)
        first = asyncio.create_task(led.flash(1, 10, 10))
        await bench.held.wait()
        waiting = asyncio.create_task(led.flash(5, 50, 50))
        await asyncio.sleep(0)
        assert await cancelled(waiting)
        bench.go.set()
        await first
        await led.flash(1, 10, 10)
        assert bench.take() == ([(2, 1), 0.01, (2, 0), 0.01, (2, 0)]) * 2


# --- from settings


async def test_settings_say_which():
    with Bench() as bench:
        led = open_led({"kind": "neopixel", "pin": 8, "active": 1, "power_pin": None, "order": "RGB"})
        led.colour(1, 2, 3)
        assert bench.take() == ["000000", "010203"]
        led = open_led({"kind": "pin", "pin": 3, "active": 0, "power_pin": 7, "order": "GRB"})
        led.on()
        assert bench.take()[0] == (7, 1) and led.kind == "pin"


async def test_a_pin_that_does_not_exist_is_said_so_and_none_is_used():
    said = []
    with Bench() as bench:
        module.print = said.append
        try:
            led = open_led({"kind": "pin", "pin": 999, "active": 1, "power_pin": None, "order": "GRB"})
        finally:
            del module.print
        led.on()
        await led.flash(1)
        assert led.kind == "none"
        assert bench.take() == [0.2, 0.2]
    assert len(said) == 1 and "settings.json" in said[0] and "pin" in said[0]


async def test_a_program_gets_the_led_of_the_settings():
    assert module.led.kind == settings["led"]["kind"]
