"""Reads a document in pieces, as a board does: PATH (of the core) FILE. Prints what it kept."""

import gc
import sys

sys.path.insert(0, sys.argv[1])
from helio.weather import Weather  # noqa: E402

gc.collect()
gc.threshold(8192)  # as a board's program has one: periods then lie together
before = gc.mem_alloc()
with open(sys.argv[2], "rb") as file:
    weather = Weather.read(file)
gc.collect()
last = weather.periods[-1]
print(len(weather.periods), last.temperature, last.start, gc.mem_alloc() - before)
