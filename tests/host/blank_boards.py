"""Blank virtual boards beside the tests, in a thread of their own, so that a test can spoil one."""

import asyncio
import threading

from helio_host.virtual.simulator import Simulator

TIMEOUT_S = 60


class BlankBoards:
    """`{chip: how many}`, as a context manager; `take` gives one that no other test has."""

    def __init__(self, counts, **options):
        self._counts = counts
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._changed = threading.Condition()
        self._events = []  # (chip, event)
        self._simulators = []
        self._free = {}

    def __enter__(self):
        self._thread.start()
        for number, (chip, count) in enumerate(self._counts.items()):
            simulator = Simulator(
                lambda event, chip=chip: self._emit(chip, event),
                count=count,
                network="127.0.%d.0" % (40 + number),
                port=0,
                coap_port=0,
                python="micropython",
                heap_kb=320,
                blank=chip,
                **self._options,
            )
            self._simulators.append(simulator)
            self.run(simulator.__aenter__())
            self._free[chip] = list(simulator.boards)
            for board in simulator.boards:
                self.until(chip, board, "blank")
        return self

    def __exit__(self, *error):
        for simulator in self._simulators:
            self.run(simulator.__aexit__())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, coroutine):
        """The result of a coroutine of theirs."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TIMEOUT_S)

    def take(self, chip="ESP32"):
        """`(board, serial port)` of one with the chip."""
        board = self._free[chip].pop()
        return board, self.until(chip, board, "blank")["serial"]

    def until(self, chip, board, kind, count=1):
        """The event of that kind, the first or a later one, once it has come."""

        def found():
            return [
                event
                for its, event in self._events
                if its == chip and event["event"] == kind and event["board"] == board.name
            ]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, TIMEOUT_S), self._events[-20:]
            return found()[count - 1]

    def _emit(self, chip, event):
        with self._changed:
            self._events.append((chip, event))
            self._changed.notify_all()
