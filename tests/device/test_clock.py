"""The clock of a board: set once, from what `helio serve` says the time is."""

import clock
import machine


class Board:
    """A board whose clock stands at `now`, seconds since its epoch, `epoch_s` after 1970's."""

    def __init__(self, now, epoch_s=0):
        self.reports = []
        self._now = now
        self._epoch_s = epoch_s

    def __enter__(self):
        self._kept = clock.time, clock._EPOCH_S, machine.report
        clock.time, clock._EPOCH_S, machine.report = self, self._epoch_s, self.reports.append
        return self

    def __exit__(self, *error):
        clock.time, clock._EPOCH_S, machine.report = self._kept

    def time(self):
        return self._now

    def gmtime(self, seconds):
        return self._kept[0].gmtime(seconds + self._epoch_s)[:8]  # CPython's has a ninth


def test_a_clock_that_is_not_set_is():
    for epoch_s, now in ((0, 0), (0, 946684800 + 5), (946684800, 5)):
        with Board(now, epoch_s) as board:
            assert clock.set_if_unset(1795600800) is True
        assert board.reports == [{"clock": [2026, 11, 25, 2, 10, 0, 0, 0]}], (epoch_s, now)  # a Wednesday


def test_a_clock_that_is_set_stays():
    for epoch_s, now in ((0, 1795600000), (946684800, 1795600000 - 946684800)):
        with Board(now, epoch_s) as board:
            assert clock.set_if_unset(1795600800) is False
        assert board.reports == []
