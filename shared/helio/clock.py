"""The time that CoAP counts in."""

from helio import runtime


class Clock:
    """Milliseconds that only grow, however often the ticks wrap; to be read once a day at least."""

    def __init__(self):
        self._ticks_ms = runtime.ticks_ms()
        self._now_ms = 0

    def now_ms(self):
        """The time as an int."""
        now_ms = runtime.ticks_ms()
        self._now_ms += runtime.ticks_diff(now_ms, self._ticks_ms)
        self._ticks_ms = now_ms
        return self._now_ms
