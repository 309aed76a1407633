"""Stand-in for MicroPython's `machine` on an ESP32: pins that report each change of level."""

import os
import time

from reporting import report

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_levels = {}  # GPIO number: level


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        if not isinstance(id, int) or not 0 <= id <= 54:
            raise ValueError("invalid pin")
        self._id = id
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=0, hold=None):
        if self._id not in _levels:
            _levels[self._id] = 1 if pull == Pin.PULL_UP else 0
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return _levels[self._id]
        level = 1 if level else 0
        _levels[self._id] = level
        report({"pin": self._id, "level": level})

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def toggle(self):
        self.value(1 - _levels[self._id])

    def irq(self, handler=None, trigger=3):
        """Nothing drives the pins of a virtual board: the handler is never called."""

    def __repr__(self):
        return "Pin(%d)" % self._id


class RTC:
    """The clock of a virtual board is its machine's: what it is set to is reported, and no more."""

    def datetime(self, when=None):
        if when is not None:
            report({"clock": list(when)})


virtual_id = b"\x02helio"  # or what `start.py` says


def unique_id():
    return virtual_id


def reset():
    """Starts the board anew: the simulator ends this process and begins another."""
    import reporting

    reporting.reserve = None  # it may be for want of memory
    report({"reset": True})
    while True:
        os.urandom(1)


virtual_reset_cause = PWRON_RESET  # or what `start.py` says


def reset_cause():
    return virtual_reset_cause


class WDT:
    """Fed, it tells the simulator, which starts the board anew when that does not come in time."""

    def __init__(self, id=0, timeout=5000):
        self._timeout = timeout
        self.feed()

    def feed(self):
        report({"watchdog": self._timeout})


class Timer:
    """Calls back from a thread of its own, which on a board an interrupt does."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id, **options):
        self._running = None
        if options:
            self.init(**options)

    def init(self, *, mode=PERIODIC, freq=-1, period=-1, callback=None):
        import _thread

        self.deinit()
        self._running = running = [True]

        def run():
            while running:
                time.sleep(period / 1000 if freq == -1 else 1 / freq)
                if running:
                    callback(self)
                if mode == Timer.ONE_SHOT:
                    return

        _thread.start_new_thread(run, ())

    def deinit(self):
        if self._running:
            self._running.clear()
            self._running = None


def freq(hz=None):
    return 160000000
